public import Tensors

/// Values in single precision as bytes, little-endian.
public enum SinglePrecision {
  /// The values of a tensor.
  public static func bytes(of tensor: Tensor<Float>) -> [UInt8] {
    withBytes(of: tensor) { Array($0) }
  }

  /// Reads the bytes of a tensor's values, where they are if this machine's order is theirs.
  public static func withBytes<Result>(
    of tensor: Tensor<Float>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    #if _endian(little)
      try tensor.withUnsafeBufferPointer { try body(UnsafeRawBufferPointer($0)) }
    #else
      try tensor.scalars.map(\.bitPattern.littleEndian).withUnsafeBytes(body)
    #endif
  }

  /// The tensor of bytes.
  ///
  /// - Precondition: as many bytes as the shape takes.
  public static func tensor(_ bytes: ArraySlice<UInt8>, _ shape: Shape) -> Tensor<Float> {
    precondition(
      bytes.count == 4 * shape.elementCount,
      "SinglePrecision: \(bytes.count) bytes for \(shape)")
    var assembly = Assembly(shape)
    _ = assembly.append(bytes.span.bytes)
    return assembly.tensor()
  }

  /// A tensor whose bytes come piece by piece.
  public struct Assembly: ~Copyable, Sendable {
    /// The shape of the tensor.
    public let shape: Shape
    /// The bytes that have not come yet.
    public private(set) var missingByteCount: Int

    private let storage: PooledBuffer<Float>

    /// Creates a tensor that nothing has come of.
    public init(_ shape: Shape) {
      self.shape = shape
      missingByteCount = 4 * shape.elementCount
      storage = PooledBuffer(count: shape.elementCount)
    }

    /// Takes the bytes that come next.
    ///
    /// - Returns: false, and takes none, if they are more than are missing.
    public mutating func append(_ bytes: RawSpan) -> Bool {
      guard bytes.byteCount <= missingByteCount else { return false }
      let begin = 4 * storage.count - missingByteCount
      bytes.withUnsafeBytes { source in
        guard let base = source.baseAddress else { return }
        UnsafeMutableRawPointer(storage.base).advanced(by: begin)
          .copyMemory(from: base, byteCount: source.count)
      }
      missingByteCount -= bytes.byteCount
      return true
    }

    /// The tensor.
    ///
    /// - Precondition: all bytes have come.
    public consuming func tensor() -> Tensor<Float> {
      precondition(
        missingByteCount == 0, "SinglePrecision: \(missingByteCount) bytes of \(shape) are missing")
      #if !_endian(little)
        for index in 0..<storage.count {
          let pattern = UInt32(littleEndian: storage.base[index].bitPattern)
          storage.base[index] = Float(bitPattern: pattern)
        }
      #endif
      return Tensor(shape: shape, storage: storage)
    }
  }
}
