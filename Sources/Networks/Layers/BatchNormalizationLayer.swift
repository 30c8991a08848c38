public import Autodiff
public import Tensors

/// Batch normalisation over the last axis.
///
/// In training the batch's statistics are used and the stored ones follow them; in evaluation,
/// and wherever the layer is frozen, the stored ones are used and do not move.
public struct BatchNormalizationLayer: NormalizingLayer {
  /// `batch_norm`.
  public static let kind = "batch_norm"

  /// The extent of the last axis.
  public var channels: Int
  /// Added to the variance.
  public var epsilon: Double
  /// The weight of a new batch in the stored statistics, as PyTorch defines it.
  public var momentum: Double
  /// Whether there is a scale γ.
  public var hasScale: Bool
  /// Whether there is a shift β.
  public var hasShift: Bool

  /// Creates a layer.
  public init(
    _ channels: Int, epsilon: Double = 1e-5, momentum: Double = 0.1, hasScale: Bool = true,
    hasShift: Bool = true
  ) {
    self.channels = channels
    self.epsilon = epsilon
    self.momentum = momentum
    self.hasScale = hasScale
    self.hasShift = hasShift
  }

  /// `[channels]`.
  public var scaleShape: Shape { [channels] }

  /// `weight` (the scale γ) and `bias` (the shift β), where the layer has them, `running_mean` and
  /// `running_var`, each `[channels]`.
  public var parameters: [ParameterSpecification] {
    scaleAndShift + [
      ParameterSpecification("running_mean", [channels], .statistic, .constant(0)),
      ParameterSpecification("running_var", [channels], .statistic, .constant(1)),
    ]
  }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].rank >= 1, inputs[0][-1] == channels else {
      throw .shape(expected: "\(channels) channels", found: inputs)
    }
    return inputs[0]
  }

  /// Normalises.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let all = completed(parameters)
    guard context.isTraining else {
      return .apply(FrozenBatchNormalization(epsilon: epsilon), inputs + all)
    }
    let (value, moments) = Variable.applyWithAuxiliary(
      BatchNormalization(epsilon: epsilon, reduction: context.reduction),
      [inputs[0], all[0], all[1]])
    // The stored variance is the unbiased one, as in PyTorch.
    let rows = Double(moments[2].item)
    let unbiased = rows > 1 ? rows / (rows - 1) : 1
    let first = parameters.count - 2
    context.record(follow(all[2].value, moments[0], scale: 1), at: first)
    context.record(follow(all[3].value, moments[1], scale: unbiased), at: first + 1)
    return value
  }

  private func follow<Scalar: TensorScalar>(
    _ stored: Tensor<Scalar>, _ batch: Tensor<Scalar>, scale: Double
  ) -> Tensor<Scalar> {
    let new = Scalar(momentum * scale)
    let old = Scalar(1 - momentum)
    return Tensor(
      stored.shape, zip(stored.scalars, batch.scalars).map { old * $0 + new * $1 })
  }
}

extension BatchNormalizationLayer {
  private enum CodingKeys: String, CodingKey {
    case channels
    case epsilon
    case momentum
  }

  /// Reads a layer, with a scale and a shift unless they are said to be missing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let (hasScale, hasShift) = try Self.scaleAndShift(from: decoder)
    self.init(
      try container.decode(Int.self, forKey: .channels),
      epsilon: try container.decode(Double.self, forKey: .epsilon),
      momentum: try container.decode(Double.self, forKey: .momentum),
      hasScale: hasScale, hasShift: hasShift)
  }

  /// Writes the attributes, and a missing scale or shift.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(channels, forKey: .channels)
    try container.encode(epsilon, forKey: .epsilon)
    try container.encode(momentum, forKey: .momentum)
    try encodeScaleAndShift(to: encoder)
  }
}
