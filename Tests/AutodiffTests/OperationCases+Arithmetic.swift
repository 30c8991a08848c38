import Autodiff
import Tensors

extension OperationCase {
  static let arithmetic: [OperationCase] = [
    OperationCase("add, one shape", Add(), [sample([2, 19]), sample([2, 19], seed: 2)]),
    OperationCase("add, channels", Add(), [sample([2, 3, 17]), sample([17], seed: 2)]),
    OperationCase("add, scalar", Add(), [sample([]), sample([3, 2], seed: 2)]),
    OperationCase(
      "add with fused relu", Add(activation: .relu),
      [distinctSample([3, 4]), distinctSample([3, 4], seed: 5).shifted()]),
    OperationCase(
      "add with fused silu", Add(activation: .silu), [sample([2, 3, 5]), sample([5], seed: 2)]),
    OperationCase("subtract", Subtract(), [sample([2, 1, 4]), sample([3, 1], seed: 2)]),
    OperationCase("multiply, one shape", Multiply(), [sample([5, 7]), sample([5, 7], seed: 2)]),
    OperationCase("multiply, channels", Multiply(), [sample([2, 2, 5]), sample([5], seed: 2)]),
    OperationCase(
      "multiply, both stretched", Multiply(), [sample([2, 1, 4, 1]), sample([3, 1, 2], seed: 2)]),
    OperationCase(
      "divide", Divide(), [sample([2, 3]), positiveSample([2, 3], seed: 2)]),
    OperationCase(
      "divide, channels", Divide(), [sample([4, 3]), positiveSample([3], seed: 2)]),
    OperationCase(
      "maximum", Maximum(), [distinctSample([3, 4]), distinctSample([3, 4], seed: 5).shifted()]),
    OperationCase(
      "minimum, channels", Minimum(), [distinctSample([3, 4]), distinctSample([4]).shifted()]),
    OperationCase("negate", Negate(), [sample([3, 6])]),
    OperationCase("scale and shift", ScaleShift(scale: 2.5, shift: -1), [sample([3, 6])]),
    OperationCase("exp", Exponential(), [sample([3, 6])]),
    OperationCase("log", Logarithm(), [positiveSample([3, 6])]),
    OperationCase("sqrt", SquareRoot(), [positiveSample([3, 6])]),
    OperationCase("absolute", Absolute(), [sample([3, 6])]),
    OperationCase("power 2", Power(exponent: 2), [sample([3, 6])]),
    OperationCase("power 3", Power(exponent: 3), [sample([3, 6])]),
    OperationCase("power −1", Power(exponent: -1), [sample([3, 6]).scaledAway()]),
    OperationCase("power 1.7", Power(exponent: 1.7), [positiveSample([3, 6])]),
    OperationCase("power 0.5", Power(exponent: 0.5), [positiveSample([3, 6])]),
    OperationCase("clamp", Clamp(lower: -0.505, upper: 0.405), [distinctSample([10, 10])]),
    OperationCase("lower bound", LowerBound(0), [distinctSample([10, 10])]),
    OperationCase("straight-through round", StraightThroughRound(), [sample([3, 6])]),
    OperationCase(
      "straight-through replacement",
      StraightThroughReplace(sample([3, 6], seed: 4).converted(to: Float.self)), [sample([3, 6])]),
    OperationCase(
      "soft assignment", SoftAssignment(),
      [distinctSample([2, 7]), distinctSample([4], seed: 5).shifted()]),
    OperationCase(
      "soft assignment, sharp", SoftAssignment(sharpness: 3.5),
      [distinctSample([11]), distinctSample([8], seed: 5).shifted()]),
  ]
}

extension Tensor<Double> {
  /// Half a step away from the numbers of `distinctSample`.
  fileprivate func shifted() -> Tensor { Tensor(shape, scalars.map { $0 + 0.01 }) }

  /// Numbers at least 0.5 from zero, where a reciprocal is smooth.
  fileprivate func scaledAway() -> Tensor {
    Tensor(shape, scalars.map { $0 < 0 ? $0 - 0.5 : $0 + 0.5 })
  }
}
