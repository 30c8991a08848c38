public import Autodiff
public import Tensors

/// Batch normalisation over the last axis.
///
/// In training the batch's statistics are used and the stored ones follow them; in evaluation,
/// and wherever the layer is frozen, the stored ones are used and do not move.
public struct BatchNormalizationLayer: Layer {
  /// `batch_norm`.
  public static let kind = "batch_norm"

  /// The extent of the last axis.
  public var channels: Int
  /// Added to the variance.
  public var epsilon: Double
  /// The weight of a new batch in the stored statistics, as PyTorch defines it.
  public var momentum: Double

  /// Creates a layer.
  public init(_ channels: Int, epsilon: Double = 1e-5, momentum: Double = 0.1) {
    self.channels = channels
    self.epsilon = epsilon
    self.momentum = momentum
  }

  /// `weight` (the scale γ), `bias` (the shift β), `running_mean` and `running_var`, each
  /// `[channels]`.
  public var parameters: [ParameterSpecification] {
    [
      ParameterSpecification("weight", [channels], .offset, .constant(1)),
      ParameterSpecification("bias", [channels], .offset, .constant(0)),
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
    guard context.isTraining else {
      return .apply(FrozenBatchNormalization(epsilon: epsilon), inputs + parameters)
    }
    let (value, moments) = Variable.applyWithAuxiliary(
      BatchNormalization(epsilon: epsilon, reduction: context.reduction),
      [inputs[0], parameters[0], parameters[1]])
    // The stored variance is the unbiased one, as in PyTorch.
    let rows = Double(moments[2].item)
    let unbiased = rows > 1 ? rows / (rows - 1) : 1
    context.record(follow(parameters[2].value, moments[0], scale: 1), at: 2)
    context.record(follow(parameters[3].value, moments[1], scale: unbiased), at: 3)
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
