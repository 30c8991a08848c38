public import Tensors

/// Batch normalisation with the statistics of the batch, as in training.
///
/// Inputs: `[…, channels]`, the scale γ `[channels]` and the shift β `[channels]`. Value: the
/// input with each channel brought to mean 0 and variance 1 over all other axes, then
/// `γ · x + β`. Auxiliary values: the batch's mean and biased variance, both `[channels]`.
///
/// Source: Ioffe and Szegedy, "Batch Normalization", algorithm 1, https://arxiv.org/abs/1502.03167.
public struct BatchNormalization: Operation {
  /// `batch_norm`.
  public static let name = "batch_norm"

  /// Added to the variance.
  public var epsilon: Double

  /// Creates the operation.
  public init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

  /// Normalises; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (input, scale, shift) = (inputs[0], inputs[1], inputs[2])
    let channels = input.shape[-1]
    precondition(
      scale.shape == [channels] && shift.shape == [channels],
      "batch_norm: scale \(scale.shape) and shift \(shift.shape) for input \(input.shape)")
    let (mean, variance) = channelMoments(input)
    let inverse = inverseDeviation(variance, epsilon: epsilon)
    let factor = zipped(scale, inverse) { $0 * $1 }
    let offset = zipped(shift, zipped(mean, factor) { $0 * $1 }) { $0 - $1 }
    let value = scaleChannels(input, factor: factor, offset: offset)
    guard requiring.contains(true) else {
      return Evaluation(value, auxiliary: [mean, variance])
    }
    let rows = Scalar(input.count / max(channels, 1))
    return Evaluation(value, auxiliary: [mean, variance]) { gradient in
      let shiftGradient = sumOverRows(gradient)
      let products = sumOfDeviationProducts(gradient: gradient, input: input, mean: mean)
      let scaleGradient = zipped(products, inverse) { $0 * $1 }
      var inputGradient: Tensor<Scalar>?
      if requiring[0] {
        // dx = γ/σ · (dy − mean(dy) − x̂ · mean(dy · x̂)), gathered by powers of x.
        let inputFactor = zipped(zipped(factor, inverse) { $0 * $1 }, scaleGradient) {
          -$0 * $1 / rows
        }
        let constant = zipped(
          zipped(factor, shiftGradient) { -$0 * $1 / rows },
          zipped(inputFactor, mean) { $0 * $1 }
        ) { $0 - $1 }
        inputGradient = combineChannels(gradient, factor, input, inputFactor, constant)
      }
      return [
        inputGradient, requiring[1] ? scaleGradient : nil, requiring[2] ? shiftGradient : nil,
      ]
    }
  }
}

/// Batch normalisation with given statistics, as in evaluation and in every frozen layer.
///
/// Inputs: `[…, channels]`, the scale γ, the shift β, the mean and the variance, each
/// `[channels]`. Value: `γ · (x − mean) / √(variance + ε) + β`. The statistics are constants: no
/// gradient reaches them.
public struct FrozenBatchNormalization: Operation {
  /// `batch_norm_frozen`.
  public static let name = "batch_norm_frozen"

  /// Added to the variance.
  public var epsilon: Double

  /// Creates the operation.
  public init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

  /// Normalises; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (input, scale, shift, mean) = (inputs[0], inputs[1], inputs[2], inputs[3])
    let channels = input.shape[-1]
    precondition(
      inputs[1...].allSatisfy { $0.shape == [channels] },
      "batch_norm_frozen: \(inputs[1...].map(\.shape)) for input \(input.shape)")
    let inverse = inverseDeviation(inputs[4], epsilon: epsilon)
    let factor = zipped(scale, inverse) { $0 * $1 }
    let offset = zipped(shift, zipped(mean, factor) { $0 * $1 }) { $0 - $1 }
    let value = scaleChannels(input, factor: factor, offset: offset)
    guard requiring.contains(true) else { return Evaluation(value) }
    let inputForScale = requiring[1] ? input : nil
    return Evaluation(value) { gradient in
      [
        requiring[0] ? scaleChannels(gradient, factor: factor) : nil,
        inputForScale.map {
          zipped(sumOfDeviationProducts(gradient: gradient, input: $0, mean: mean), inverse) {
            $0 * $1
          }
        },
        requiring[2] ? sumOverRows(gradient) : nil, nil, nil,
      ]
    }
  }
}

/// `1 / √(variance + ε)` of each channel.
private func inverseDeviation<Scalar: TensorScalar>(
  _ variance: Tensor<Scalar>, epsilon: Double
) -> Tensor<Scalar> {
  Tensor(variance.shape, variance.scalars.map { 1 / ($0 + Scalar(epsilon)).squareRoot() })
}

/// A function of two short tensors of one shape, element by element in the calling thread.
private func zipped<Scalar: TensorScalar>(
  _ left: Tensor<Scalar>, _ right: Tensor<Scalar>, _ function: (Scalar, Scalar) -> Scalar
) -> Tensor<Scalar> {
  Tensor(left.shape, zip(left.scalars, right.scalars).map(function))
}
