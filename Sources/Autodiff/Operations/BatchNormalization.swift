public import Tensors

/// Batch normalisation with the statistics of the batch, as in training.
///
/// Inputs: `[…, channels]`, the scale γ `[channels]` and the shift β `[channels]`. Value: the
/// input with each channel brought to mean 0 and variance 1 over all other axes, then
/// `γ · x + β`. Auxiliary values: the batch's mean and biased variance, both `[channels]`, and how many
/// values of a channel these are of, `[1]`.
///
/// Where the batch is shared with other processes, statistics and gradients are those of all of it.
/// Their losses are means over the samples that each has, and count by how many these are.
///
/// Source: Ioffe and Szegedy, "Batch Normalization", algorithm 1, https://arxiv.org/abs/1502.03167.
public struct BatchNormalization: Operation {
  /// `batch_norm`.
  public static let name = "batch_norm"

  /// Added to the variance.
  public var epsilon: Double

  /// The rest of the batch; nil if this is all of it.
  public var reduction: (any BatchReduction)?

  /// Creates the operation.
  public init(epsilon: Double = 1e-5, reduction: (any BatchReduction)? = nil) {
    self.epsilon = epsilon
    self.reduction = reduction
  }

  /// Normalises; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (input, scale, shift) = (inputs[0], inputs[1], inputs[2])
    let channels = input.shape[-1]
    precondition(
      scale.shape == [channels] && shift.shape == [channels],
      "batch_norm: scale \(scale.shape) and shift \(shift.shape) for input \(input.shape)")
    let rows = Double(input.count / max(channels, 1))
    var (mean, variance) = channelMoments(input)
    var allRows = rows
    if let reduction {
      (mean, variance, allRows) = moments(mean, variance, rows: rows, of: reduction)
    }
    let auxiliary = [mean, variance, Tensor([1], [Scalar(allRows)])]
    let inverse = inverseDeviation(variance, epsilon: epsilon)
    let factor = zipped(scale, inverse) { $0 * $1 }
    let offset = zipped(shift, zipped(mean, factor) { $0 * $1 }) { $0 - $1 }
    let value = scaleChannels(input, factor: factor, offset: offset)
    guard requiring.contains(true) else {
      return Evaluation(value, auxiliary: auxiliary)
    }
    return Evaluation(value, auxiliary: auxiliary) { [mean, reduction, allRows] gradient in
      let shiftGradient = sumOverRows(gradient)
      let products = sumOfDeviationProducts(gradient: gradient, input: input, mean: mean)
      let scaleGradient = zipped(products, inverse) { $0 * $1 }
      var inputGradient: Tensor<Scalar>?
      if requiring[0] {
        // dx = γ/σ · (dy − mean(dy) − x̂ · mean(dy · x̂)), gathered by powers of x.
        var (ofShift, ofScale) = (shiftGradient, scaleGradient)
        if let reduction {
          (ofShift, ofScale) = sums(ofShift, ofScale, rows: rows, of: reduction)
        }
        let inputFactor = zipped(zipped(factor, inverse) { $0 * $1 }, ofScale) {
          -$0 * $1 / Scalar(allRows)
        }
        let constant = zipped(
          zipped(factor, ofShift) { -$0 * $1 / Scalar(allRows) },
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

/// Mean and biased variance of the whole batch, and its rows, from those of what is here.
private func moments<Scalar: TensorScalar>(
  _ mean: Tensor<Scalar>, _ variance: Tensor<Scalar>, rows: Double, of reduction: any BatchReduction
) -> (mean: Tensor<Scalar>, variance: Tensor<Scalar>, rows: Double) {
  let channels = mean.count
  let means = mean.scalars.map(Double.init)
  let squares = zip(means, variance.scalars).map { $0 * $0 + Double($1) }
  let sums = reduction.sum([rows] + (means + squares).map { rows * $0 })
  let all = sums[0]
  let allMeans = sums[1...channels].map { $0 / all }
  let allSquares = sums[(1 + channels)...].map { $0 / all }
  return (
    Tensor(mean.shape, allMeans.map { Scalar($0) }),
    Tensor(mean.shape, zip(allSquares, allMeans).map { Scalar(max(0, $0 - $1 * $1)) }), all
  )
}

/// The sums over the whole batch of gradients for shift and scale, in the measure of the loss here.
private func sums<Scalar: TensorScalar>(
  _ shift: Tensor<Scalar>, _ scale: Tensor<Scalar>, rows: Double, of reduction: any BatchReduction
) -> (shift: Tensor<Scalar>, scale: Tensor<Scalar>) {
  let here = (shift.scalars + scale.scalars).map { rows * Double($0) }
  let all = reduction.sum(here).map { Scalar($0 / rows) }
  return (
    Tensor(shift.shape, Array(all.prefix(shift.count))),
    Tensor(scale.shape, Array(all.dropFirst(shift.count)))
  )
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
