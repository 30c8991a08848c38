public import Autodiff
public import Tensors

/// All axes of the sample as one, in the engine's channels-last order.
public struct FlattenLayer: Layer {
  /// `flatten`.
  public static let kind = "flatten"

  /// Creates a layer.
  public init() {}

  /// The number of elements.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    [inputs[0].elementCount]
  }

  /// Flattens.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(Flatten(), inputs)
  }
}

/// The same elements under another shape.
public struct ReshapeLayer: Layer {
  /// `reshape`.
  public static let kind = "reshape"

  /// The shape of a sample.
  public var shape: Shape

  /// Creates a layer.
  public init(_ shape: Shape) { self.shape = shape }

  /// The given shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].elementCount == shape.elementCount else {
      throw .shape(expected: "\(shape.elementCount) elements for shape \(shape)", found: inputs)
    }
    return shape
  }

  /// Reshapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(Reshape([inputs[0].shape[0]] + shape.dimensions), inputs)
  }
}

/// The axes of the sample in another order.
public struct TransposeLayer: Layer {
  /// `transpose`.
  public static let kind = "transpose"

  /// For each axis of the output, the axis of the input it comes from, without the batch.
  public var permutation: [Int]

  /// Creates a layer.
  public init(_ permutation: [Int]) { self.permutation = permutation }

  /// The permuted shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard permutation.sorted() == Array(0..<inputs[0].rank) else {
      throw .shape(expected: "\(permutation.count) axes to order as \(permutation)", found: inputs)
    }
    return Shape(permutation.map { inputs[0][$0] })
  }

  /// Transposes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(Transpose([0] + permutation.map { $0 + 1 }), inputs)
  }
}

/// A constant around the sample, such as zeros around an image or extra channels.
public struct PadLayer: Layer {
  /// `pad`.
  public static let kind = "pad"

  /// How much is added before each axis of the sample.
  public var before: [Int]
  /// How much is added after each axis of the sample.
  public var after: [Int]
  /// The constant.
  public var value: Double

  /// Creates a layer.
  public init(before: [Int], after: [Int], value: Double = 0) {
    self.before = before
    self.after = after
    self.value = value
  }

  /// The extents with what is added.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    let input = inputs[0]
    guard before.count == input.rank, after.count == input.rank,
      (before + after).allSatisfy({ $0 >= 0 })
    else { throw .shape(expected: "\(before.count) axes to pad", found: inputs) }
    return Shape((0..<input.rank).map { input[$0] + before[$0] + after[$0] })
  }

  /// Pads.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(Pad(before: [0] + before, after: [0] + after, value: value), inputs)
  }
}

/// Part of the sample: a range of each axis, every so many elements.
public struct SliceLayer: Layer {
  /// `slice`.
  public static let kind = "slice"

  /// The first index along each axis of the sample.
  public var starts: [Int]
  /// One past the last index along each axis; `nil` for the axis's end.
  public var ends: [Int?]
  /// The step along each axis.
  public var steps: [Int]

  /// Creates a layer.
  public init(starts: [Int], ends: [Int?], steps: [Int]) {
    self.starts = starts
    self.ends = ends
    self.steps = steps
  }

  /// Every `stride`-th pixel of an image.
  public static func subsampling(_ stride: Int) -> SliceLayer {
    SliceLayer(starts: [0, 0, 0], ends: [nil, nil, nil], steps: [stride, stride, 1])
  }

  private func ranges(_ input: Shape) -> [Range<Int>] {
    (0..<input.rank).map { starts[$0]..<max(starts[$0], min(ends[$0] ?? input[$0], input[$0])) }
  }

  /// The number of indices along each axis.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    let input = inputs[0]
    guard starts.count == input.rank, ends.count == input.rank, steps.count == input.rank,
      steps.allSatisfy({ $0 > 0 }), starts.allSatisfy({ $0 >= 0 }),
      ranges(input).allSatisfy({ !$0.isEmpty })
    else {
      throw .shape(expected: "\(starts.count) axes that reach beyond \(starts)", found: inputs)
    }
    return Shape(zip(ranges(input), steps).map { ($0.count + $1 - 1) / $1 })
  }

  /// Slices.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let shape = inputs[0].shape
    return .apply(
      StridedSlice([0..<shape[0]] + ranges(shape.droppingFirst()), steps: [1] + steps), inputs)
  }
}
