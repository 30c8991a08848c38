public import Autodiff
public import Tensors

/// The sum of its inputs, which may broadcast against each other, and optionally an activation.
public struct AddLayer: ActivatedLayer {
  /// `add`.
  public static let kind = "add"

  /// Applied to the sum.
  public var activation: Activation?

  /// Creates a layer.
  public init(activation: Activation? = nil) { self.activation = activation }

  /// Two or more.
  public var inputCount: ClosedRange<Int> { 2...64 }

  /// The shape the inputs broadcast to.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    try broadcastShape(inputs)
  }

  /// Adds.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let last = inputs.count - 1
    return inputs.indices.dropFirst().reduce(inputs[0]) { sum, index in
      .apply(Add(activation: index == last ? activation : nil), [sum, inputs[index]])
    }
  }
}

/// The product of its inputs, which may broadcast against each other.
public struct MultiplyLayer: Layer {
  /// `multiply`.
  public static let kind = "multiply"

  /// Creates a layer.
  public init() {}

  /// Two or more.
  public var inputCount: ClosedRange<Int> { 2...64 }

  /// The shape the inputs broadcast to.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    try broadcastShape(inputs)
  }

  /// Multiplies.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    inputs.dropFirst().reduce(inputs[0]) { .apply(Multiply(), [$0, $1]) }
  }
}

/// Its inputs side by side along an axis of the sample.
public struct ConcatenateLayer: Layer {
  /// `concat`.
  public static let kind = "concat"

  /// The axis, counted without the batch; -1 is the channels.
  public var axis: Int

  /// Creates a layer.
  public init(axis: Int = -1) { self.axis = axis }

  /// Two or more.
  public var inputCount: ClosedRange<Int> { 2...1024 }

  /// The common shape with the extents along the axis added.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    var shape = inputs[0]
    guard axis >= -shape.rank, axis < shape.rank else {
      throw .shape(expected: "inputs with an axis \(axis)", found: inputs)
    }
    for other in inputs.dropFirst() {
      var aligned = other
      guard other.rank == shape.rank else {
        throw .shape(expected: "inputs of equal rank", found: inputs)
      }
      aligned[axis] = shape[axis]
      guard aligned == shape else {
        throw .shape(expected: "inputs equal in all axes but \(axis)", found: inputs)
      }
      shape[axis] += other[axis]
    }
    return shape
  }

  /// Joins.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(Concatenate(axis: axis < 0 ? axis : axis + 1), inputs)
  }
}

/// The shape that several shapes broadcast to, aligned at the last axis.
private func broadcastShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
  let rank = inputs.map { $0.rank }.max() ?? 0
  var dimensions = [Int](repeating: 1, count: rank)
  for input in inputs {
    // The batch axis stands in front of every sample, so ranks have to agree.
    guard input.rank == rank else {
      throw .shape(expected: "inputs of equal rank", found: inputs)
    }
    for (axis, extent) in input.dimensions.enumerated() where extent != 1 {
      guard dimensions[axis] == 1 || dimensions[axis] == extent else {
        throw .shape(expected: "inputs that broadcast", found: inputs)
      }
      dimensions[axis] = extent
    }
  }
  return Shape(dimensions)
}
