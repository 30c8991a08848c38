public import Autodiff
public import Tensors

/// Normalisation of each sample over its last axes, with a scale and a shift for each element.
public struct LayerNormalizationLayer: NormalizingLayer {
  /// `layer_norm`.
  public static let kind = "layer_norm"

  /// The extents of the axes that are normalised over, the last ones of the sample.
  public var shape: Shape
  /// Added to the variance.
  public var epsilon: Double
  /// Whether there is a scale.
  public var hasScale: Bool
  /// Whether there is a shift.
  public var hasShift: Bool

  /// Creates a layer.
  public init(
    _ shape: Shape, epsilon: Double = 1e-5, hasScale: Bool = true, hasShift: Bool = true
  ) {
    self.shape = shape
    self.epsilon = epsilon
    self.hasScale = hasScale
    self.hasShift = hasShift
  }

  /// ``shape``.
  public var scaleShape: Shape { shape }

  /// `weight` and `bias`, where the layer has them, of ``shape``.
  public var parameters: [ParameterSpecification] { scaleAndShift }

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
    .apply(LayerNorm(axisCount: shape.rank, epsilon: epsilon), inputs + completed(parameters))
  }
}

extension LayerNormalizationLayer {
  private enum CodingKeys: String, CodingKey {
    case shape
    case epsilon
  }

  /// Reads a layer, with a scale and a shift unless they are said to be missing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let (hasScale, hasShift) = try Self.scaleAndShift(from: decoder)
    self.init(
      try container.decode(Shape.self, forKey: .shape),
      epsilon: try container.decode(Double.self, forKey: .epsilon),
      hasScale: hasScale, hasShift: hasShift)
  }

  /// Writes the attributes, and a missing scale or shift.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    try container.encode(epsilon, forKey: .epsilon)
    try encodeScaleAndShift(to: encoder)
  }
}

/// Normalisation of groups of channels of each image, with a scale and a shift for each channel.
public struct GroupNormalizationLayer: NormalizingLayer {
  /// `group_norm`.
  public static let kind = "group_norm"

  /// The number of groups.
  public var groups: Int
  /// The extent of the last axis.
  public var channels: Int
  /// Added to the variance.
  public var epsilon: Double
  /// Whether there is a scale.
  public var hasScale: Bool
  /// Whether there is a shift.
  public var hasShift: Bool

  /// Creates a layer.
  public init(
    groups: Int, channels: Int, epsilon: Double = 1e-5, hasScale: Bool = true,
    hasShift: Bool = true
  ) {
    self.groups = groups
    self.channels = channels
    self.epsilon = epsilon
    self.hasScale = hasScale
    self.hasShift = hasShift
  }

  /// `[channels]`.
  public var scaleShape: Shape { [channels] }

  /// `weight` and `bias`, where the layer has them, `[channels]`.
  public var parameters: [ParameterSpecification] { scaleAndShift }

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
    .apply(GroupNorm(groups: groups, epsilon: epsilon), inputs + completed(parameters))
  }
}

extension GroupNormalizationLayer {
  private enum CodingKeys: String, CodingKey {
    case groups
    case channels
    case epsilon
  }

  /// Reads a layer, with a scale and a shift unless they are said to be missing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let (hasScale, hasShift) = try Self.scaleAndShift(from: decoder)
    self.init(
      groups: try container.decode(Int.self, forKey: .groups),
      channels: try container.decode(Int.self, forKey: .channels),
      epsilon: try container.decode(Double.self, forKey: .epsilon),
      hasScale: hasScale, hasShift: hasShift)
  }

  /// Writes the attributes, and a missing scale or shift.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(groups, forKey: .groups)
    try container.encode(channels, forKey: .channels)
    try container.encode(epsilon, forKey: .epsilon)
    try encodeScaleAndShift(to: encoder)
  }
}
