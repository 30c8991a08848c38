import Autodiff
import Tensors

extension OperationCase {
  static let losses: [OperationCase] =
    LossReduction.allCases.flatMap { reduction -> [OperationCase] in
      let prediction = sample([4, 5])
      let target = sample([4, 5], seed: 2)
      func named(_ name: String) -> String { "\(name), \(reduction.rawValue)" }
      return [
        OperationCase(
          named("cross-entropy"), CrossEntropy(labels: [1, 0, 4, 2], reduction: reduction),
          [prediction]),
        OperationCase(
          named("cross-entropy with everything"),
          CrossEntropy(
            labels: [1, 0, 255, 2, 2, 3], ignoreIndex: 255, labelSmoothing: 0.1,
            classWeights: [0.5, 1, 2, 1.5, 0.25], reduction: reduction),
          [sample([2, 3, 5])]),
        OperationCase(
          named("mse"), MeanSquaredError(reduction: reduction), [prediction, target]),
        OperationCase(
          named("l1"), MeanAbsoluteError(reduction: reduction), [prediction, target]),
        OperationCase(
          named("smooth l1"), SmoothL1(beta: 0.7, reduction: reduction), [prediction, target]),
        OperationCase(
          named("bce with logits"), BinaryCrossEntropy(reduction: reduction),
          [prediction, positiveSample([4, 5])]),
        OperationCase(
          named("kl divergence"), KLDivergence(temperature: 2.5, reduction: reduction),
          [sample([2, 2, 5]), sample([2, 2, 5], seed: 2)]),
      ]
    } + [
      OperationCase(
        "focal loss", FocalLoss(labels: [1, -1, -2, 4]), [sample([4, 5])]),
      OperationCase(
        "focal loss, other weights",
        FocalLoss(labels: [0, -1, 2], alpha: 0.6, gamma: 1.5), [sample([3, 3])]),
      OperationCase(
        "cross-entropy, smoothed", CrossEntropy(labels: [1, 0], labelSmoothing: 0.2),
        [sample([2, 17])]),
      OperationCase(
        "kl divergence, not scaled",
        KLDivergence(temperature: 4, scaledBySquaredTemperature: false),
        [sample([3, 18]), sample([3, 18], seed: 2)]),
      OperationCase(
        "factorized bits", FactorizedBits(), [sample([2, 3, 2])] + factorizedPrior(channels: 2)),
      OperationCase(
        "factorized bits, more than a block", FactorizedBits(),
        [sample([1, 130, 1])] + factorizedPrior(channels: 1)),
      OperationCase(
        "gaussian bits", GaussianBits(), [sample([2, 3, 4]), positiveSample([2, 3, 4])]),
      OperationCase(
        "gaussian bits around means", GaussianBits(),
        [sample([2, 3, 4]), positiveSample([2, 3, 4]), sample([2, 3, 4], seed: 2)]),
    ]

  /// Parameters of a factorized prior as wide as the samples.
  static func factorizedPrior(channels: Int) -> [Tensor<Double>] {
    FactorizedBits.parameterShapes(channels: channels).enumerated().map { index, shape in
      let tensor = sample(shape, seed: UInt64(index + 3))
      // Weights are the softplus of these.
      return index % 3 == 0 ? Tensor(shape, tensor.scalars.map { $0 - 1.5 }) : tensor
    }
  }
}
