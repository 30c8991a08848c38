internal import HDF5
internal import Tensors

/// Turns what HDF5 has to say into an error of this module.
func storing<Result: ~Copyable>(
  _ body: () throws(HDF5Error) -> Result
) throws(CheckpointError) -> Result {
  do { return try body() } catch { throw .storage(error) }
}

/// Reading and writing tensors.
extension HDF5Container where Self: ~Copyable {
  /// Reads a dataset of floating-point numbers of any precision as a tensor of its own shape.
  ///
  /// - Parameter orWhole: whether whole numbers are taken as well.
  /// - Throws: ``CheckpointError`` if the dataset is missing, of another type, or damaged.
  func tensor(
    _ path: String, orWhole: Bool = false
  ) throws(CheckpointError) -> Tensor<Float> {
    let dataset = try storing { () throws(HDF5Error) in try self.dataset(path) }
    guard dataset.elementType.isFloatingPoint || orWhole else {
      throw .elementType(
        file: dataset.location.file, object: dataset.location.object,
        expected: "float32, float16 or float64", found: "\(dataset.elementType)")
    }
    return try storing { () throws(HDF5Error) in
      let shape = try dataset.tensorShape
      return try Tensor(shape) { (buffer) throws(HDF5Error) in try dataset.read(into: buffer) }
    }
  }

  /// Writes a tensor as a dataset of its own shape.
  func write(_ tensor: Tensor<Float>, to path: String) throws(HDF5Error) {
    try tensor.withUnsafeBufferPointer { (buffer) throws(HDF5Error) in
      try write(buffer, to: path, shape: tensor.shape.dimensions)
    }
  }
}

extension HDF5Dataset {
  /// The extents as those of a tensor.
  ///
  /// - Throws: ``HDF5Error`` if they are more or larger than a tensor's can be, or if the file is
  ///   too small to hold them.
  var tensorShape: Shape {
    get throws(HDF5Error) {
      guard shape.count <= Shape.maximumRank, shape.allSatisfy({ $0 <= Int(Int32.max) }) else {
        throw .wrongShape(
          location, expected: "at most \(Shape.maximumRank) extents below 2^31", found: shape)
      }
      // Reading an empty range checks the claimed size before memory is taken for all of it.
      if !shape.isEmpty { _ = try read(rows: 0..<0, as: Float.self) }
      return Shape(shape)
    }
  }
}

extension Tensor where Scalar == Float {
  /// Whether no element is a NaN or an infinity.
  var isFinite: Bool {
    withUnsafeBufferPointer { values in
      let raw = UnsafeRawBufferPointer(values)
      let whole = values.count / 16 * 16
      // The difference of a number from itself is zero; of a NaN or an infinity it is not.
      var lanes = SIMD16<Float>(repeating: 0)
      for start in stride(from: 0, to: whole, by: 16) {
        let block = raw.loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<Float>.self)
        lanes += block - block
      }
      return lanes.sum() == 0 && values[whole...].allSatisfy(\.isFinite)
    }
  }

  /// The same elements with the axes in another order: axis `i` of the result is axis
  /// `order[i]` of this.
  func permuted(_ order: [Int]) -> Tensor {
    precondition(order.sorted() == Array(0..<shape.rank), "permuted: \(order) of \(shape)")
    let target = Shape(order.map { shape[$0] })
    guard target.elementCount > 0 else { return Tensor(target, repeating: 0) }
    let strides = shape.strides
    return withUnsafeBufferPointer { source in
      Tensor(target) { buffer in
        guard let source = source.baseAddress, let buffer = buffer.baseAddress else { return }
        copyStrided(
          target, from: source, sourceStrides: order.map { strides[$0] }, to: buffer,
          targetStrides: target.strides)
      }
    }
  }
}

extension Shape {
  /// Elements between neighbours along each axis.
  fileprivate var strides: [Int] { (0..<rank).map { product($0 + 1..<rank) } }
}
