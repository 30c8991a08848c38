import Autodiff
import Tensors
import Testing

/// One operation at one point, for the gradient checks.
struct OperationCase: CustomTestStringConvertible, Sendable {
  let name: String
  let operation: any Operation
  let inputs: [Tensor<Double>]
  /// For each input, whether it has a gradient at all.
  let requiring: [Bool]

  /// Creates a case; without flags every input is differentiated.
  init(
    _ name: String, _ operation: any Operation, _ inputs: [Tensor<Double>],
    requiring: [Bool]? = nil
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.requiring = requiring ?? inputs.map { _ in true }
  }

  var testDescription: String { name }

  /// The type name of the operation, as in `OperationCatalog`.
  var typeName: String { "\(type(of: operation))" }

  /// All cases; a family of operations adds its own list here.
  static let all: [OperationCase] =
    arithmetic + activations + shaping + resampling + reductions + normalization + losses
    + convolutions + products + poolings + batchNormalizations
}

/// Numbers in ±`[0.1, 1.5]`: random, reproducible, and away from the kink at zero.
func sample(_ shape: Shape, seed: UInt64 = 1) -> Tensor<Double> {
  var random = RandomSource(seed: seed, purpose: "sample")
  return Tensor(
    shape,
    (0..<shape.elementCount).map { _ in
      let magnitude = 0.1 + 1.4 * random.uniform()
      return random.uniform() < 0.5 ? magnitude : -magnitude
    })
}

/// Numbers in `[0.5, 2]`, for functions of positive numbers.
func positiveSample(_ shape: Shape, seed: UInt64 = 1) -> Tensor<Double> {
  var random = RandomSource(seed: seed, purpose: "positive sample")
  return random.uniform(shape, in: 0.5...2)
}

/// Distinct numbers at least 0.02 apart in random order, for functions with ties.
func distinctSample(_ shape: Shape, seed: UInt64 = 1) -> Tensor<Double> {
  var random = RandomSource(seed: seed, purpose: "distinct sample")
  let count = shape.elementCount
  return Tensor(shape, random.permutation(count).map { 0.02 * Double($0 - count / 2) + 0.01 })
}
