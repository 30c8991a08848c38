import Autodiff
import Tensors

extension OperationCase {
  static let reductions: [OperationCase] = [
    OperationCase("sum", Sum(), [sample([3, 7])]),
    OperationCase("sum of a long vector", Sum(), [sample([70])]),
    OperationCase("sum over rows", Sum(axes: [0]), [sample([3, 17])]),
    OperationCase("sum over two axes", Sum(axes: [0, 2]), [sample([2, 3, 2, 2])]),
    OperationCase("mean", Mean(), [sample([3, 7])]),
    OperationCase(
      "mean over space", Mean(axes: [1, 2], keepDimensions: true), [sample([2, 2, 3, 4])]),
    OperationCase("maximum over all", ReduceMaximum(), [distinctSample([4, 5])]),
    OperationCase("maximum of rows", ReduceMaximum(axes: [-1]), [distinctSample([3, 18])]),
    OperationCase(
      "minimum", ReduceMinimum(axes: [1], keepDimensions: true), [distinctSample([2, 3, 4])]),
    OperationCase("variance", Variance(), [sample([3, 7])]),
    OperationCase(
      "variance of channels", Variance(axes: [0, 1], correction: 0), [sample([2, 3, 4])]),
  ]
}
