public import Tensors

/// Values in single precision as bytes, little-endian.
public enum SinglePrecision {
  /// The values of a tensor.
  public static func bytes(of tensor: Tensor<Float>) -> [UInt8] {
    tensor.withUnsafeBufferPointer { source in
      Array(unsafeUninitializedCapacity: 4 * source.count) { target, count in
        for (index, value) in source.enumerated() {
          UnsafeMutableRawBufferPointer(target).storeBytes(
            of: value.bitPattern.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
        }
        count = 4 * source.count
      }
    }
  }

  /// The tensor of bytes.
  ///
  /// - Precondition: as many bytes as the shape takes.
  public static func tensor(_ bytes: ArraySlice<UInt8>, _ shape: Shape) -> Tensor<Float> {
    precondition(
      bytes.count == 4 * shape.elementCount,
      "SinglePrecision: \(bytes.count) bytes for \(shape)")
    return Tensor(shape) { target in
      bytes.withUnsafeBytes { source in
        for index in 0..<shape.elementCount {
          let pattern = UInt32(
            littleEndian: source.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
          target.initializeElement(at: index, to: Float(bitPattern: pattern))
        }
      }
    }
  }
}
