/// A dense, contiguous, row-major array of numbers with value semantics.
///
/// Copies share memory until one of them is written. Images are channels-last:
/// `[batch, height, width, channels]`.
public struct Tensor<Scalar: TensorScalar>: Sendable {
  /// The extents, outermost first.
  public let shape: Shape

  private var storage: PooledBuffer<Scalar>

  /// Creates a tensor whose elements a closure writes; it must initialise every one.
  public init<Failure: Error>(
    _ shape: Shape,
    initializing body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Void
  ) throws(Failure) {
    self.shape = shape
    storage = PooledBuffer(count: shape.elementCount)
    try body(UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
  }

  /// Creates a tensor with one value everywhere.
  public init(_ shape: Shape, repeating value: Scalar) {
    self.init(shape) { buffer in
      guard let base = buffer.baseAddress else { return }
      ThreadPool.current.forEachChunk(of: buffer.count, grain: 65_536) { range in
        fill(base + range.lowerBound, with: value, count: range.count)
      }
    }
  }

  /// Creates a tensor from its elements in row-major order.
  ///
  /// - Precondition: as many scalars as the shape has elements.
  public init(_ shape: Shape, _ scalars: some Collection<Scalar>) {
    precondition(
      scalars.count == shape.elementCount,
      "Tensor: \(scalars.count) scalars for shape \(shape)")
    self.init(shape) { buffer in _ = buffer.initialize(from: scalars) }
  }

  /// Creates a tensor of rank 0.
  public init(_ scalar: Scalar) { self.init([], repeating: scalar) }

  /// Creates a tensor of memory that is written and that nothing else writes any more.
  package init(shape: Shape, storage: PooledBuffer<Scalar>) {
    self.shape = shape
    self.storage = storage
  }

  /// The number of elements.
  public var count: Int { storage.count }

  /// The elements in row-major order.
  public var scalars: [Scalar] { withUnsafeBufferPointer { Array($0) } }

  /// The only element.
  ///
  /// - Precondition: there is exactly one.
  public var item: Scalar {
    precondition(count == 1, "Tensor.item: shape \(shape) has \(count) elements")
    return storage.base[0]
  }

  /// The bytes the elements take.
  public var byteCount: Int { count * MemoryLayout<Scalar>.stride }

  /// The same elements under another shape; no element is copied.
  ///
  /// - Precondition: both shapes have the same number of elements.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(
      shape.elementCount == count, "Tensor.reshaped: \(self.shape) does not fit \(shape)")
    return Tensor(shape: shape, storage: storage)
  }

  /// Batches one behind the other along the outermost axis.
  ///
  /// - Precondition: there is one, and all have the same shape but for that axis.
  public static func joined(_ batches: [Tensor]) -> Tensor {
    precondition(!batches.isEmpty, "Tensor.joined: no batches")
    let rowShape = batches[0].shape.droppingFirst()
    precondition(
      batches.allSatisfy { $0.shape.rank > 0 && $0.shape.droppingFirst() == rowShape },
      "Tensor.joined: rows of several shapes")
    let count = batches.reduce(0) { $0 + $1.shape[0] }
    return Tensor(rowShape.prepending(count)) { target in
      var rest = target[...]
      for batch in batches {
        batch.withUnsafeBufferPointer { source in
          _ = UnsafeMutableBufferPointer(rebasing: rest).initialize(from: source)
          rest = rest.dropFirst(source.count)
        }
      }
    }
  }

  /// A copy of the rows of a range along the outermost axis.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[0],
      "Tensor.rows: \(range) of shape \(shape)")
    let rowCount = count / max(shape[0], 1)
    var rowShape = shape
    rowShape[0] = range.count
    return withUnsafeBufferPointer { source in
      Tensor(rowShape) { buffer in
        _ = buffer.initialize(
          from: source[range.lowerBound * rowCount..<range.upperBound * rowCount])
      }
    }
  }

  /// Reads the elements in place.
  public func withSpan<Result, Failure: Error>(
    _ body: (Span<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(start: storage.base, count: storage.count).span)
  }

  /// Reads the elements through a pointer that is valid during the call.
  package func withUnsafeBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(start: storage.base, count: storage.count))
  }

  /// Writes the elements in place, after copying them if another tensor shares the memory.
  package mutating func withUnsafeMutableBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = PooledBuffer<Scalar>(count: storage.count)
      copy.base.initialize(from: storage.base, count: storage.count)
      storage = copy
    }
    return try body(UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
  }

  /// The elements converted to another scalar type.
  public func converted<Other: TensorScalar>(to type: Other.Type) -> Tensor<Other> {
    withUnsafeBufferPointer { source in
      Tensor<Other>(shape) { target in
        for index in 0..<source.count {
          target.initializeElement(at: index, to: Other(source[index]))
        }
      }
    }
  }
}

extension Tensor: Equatable {
  /// Whether shapes and all elements are equal; a NaN equals nothing.
  public static func == (left: Tensor, right: Tensor) -> Bool {
    guard left.shape == right.shape else { return false }
    return left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in left.elementsEqual(right) }
    }
  }
}

extension Tensor: CustomStringConvertible {
  /// The type, the shape, and the elements if there are at most eight.
  public var description: String {
    let head = "Tensor<\(Scalar.typeName)>[\(shape)]"
    return count <= 8 ? head + " \(scalars)" : head
  }
}

/// Writes one value to `count` elements; specialised, as an unspecialised loop takes many times as
/// long.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func fill<Scalar: TensorScalar>(
  _ target: UnsafeMutablePointer<Scalar>, with value: Scalar, count: Int
) {
  target.initialize(repeating: value, count: count)
}
