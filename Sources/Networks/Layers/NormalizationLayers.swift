public import Autodiff
public import Tensors

/// Normalisation of each sample over its last axes, with a scale and a shift for each element.
public struct LayerNormalizationLayer: Layer {
  /// `layer_norm`.
  public static let kind = "layer_norm"

  /// The extents of the axes that are normalised over, the last ones of the sample.
  public var shape: Shape
  /// Added to the variance.
  public var epsilon: Double

  /// Creates a layer.
  public init(_ shape: Shape, epsilon: Double = 1e-5) {
    self.shape = shape
    self.epsilon = epsilon
  }

  /// `weight` and `bias`, both of ``shape``.
  public var parameters: [ParameterSpecification] { scaleAndShift(shape) }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard Array(inputs[0].dimensions.suffix(shape.rank)) == shape.dimensions, shape.rank > 0 else {
      throw .shape(expected: "a shape that ends in \(shape)", found: inputs)
    }
    return inputs[0]
  }

  /// Normalises.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(LayerNorm(axisCount: shape.rank, epsilon: epsilon), inputs + parameters)
  }
}

/// Normalisation of groups of channels of each image, with a scale and a shift for each channel.
public struct GroupNormalizationLayer: Layer {
  /// `group_norm`.
  public static let kind = "group_norm"

  /// The number of groups.
  public var groups: Int
  /// The extent of the last axis.
  public var channels: Int
  /// Added to the variance.
  public var epsilon: Double

  /// Creates a layer.
  public init(groups: Int, channels: Int, epsilon: Double = 1e-5) {
    self.groups = groups
    self.channels = channels
    self.epsilon = epsilon
  }

  /// `weight` and `bias`, both `[channels]`.
  public var parameters: [ParameterSpecification] { scaleAndShift([channels]) }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].rank >= 1, inputs[0][-1] == channels, groups > 0, channels % groups == 0 else {
      throw .shape(expected: "\(channels) channels in \(groups) groups", found: inputs)
    }
    return inputs[0]
  }

  /// Normalises.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(GroupNorm(groups: groups, epsilon: epsilon), inputs + parameters)
  }
}

private func scaleAndShift(_ shape: Shape) -> [ParameterSpecification] {
  [
    ParameterSpecification("weight", shape, .offset, .constant(1)),
    ParameterSpecification("bias", shape, .offset, .constant(0)),
  ]
}
