import Autodiff
import Tensors

extension OperationCase {
  static let normalization: [OperationCase] = [
    OperationCase("layer norm", LayerNorm(), [sample([3, 7])]),
    OperationCase(
      "layer norm, affine", LayerNorm(),
      [sample([2, 2, 18]), sample([18], seed: 2), sample([18], seed: 3)]),
    OperationCase(
      "layer norm over two axes", LayerNorm(axisCount: 2, epsilon: 0.1),
      [sample([3, 2, 4]), sample([2, 4], seed: 2), sample([2, 4], seed: 3)]),
    OperationCase("group norm", GroupNorm(groups: 2), [sample([2, 3, 2, 4])]),
    OperationCase(
      "group norm, affine", GroupNorm(groups: 3),
      [sample([2, 2, 2, 6]), sample([6], seed: 2), sample([6], seed: 3)]),
    OperationCase(
      "instance norm", GroupNorm(groups: 17, epsilon: 1e-3),
      [sample([1, 4, 17]), sample([17], seed: 2), sample([17], seed: 3)]),
  ]
}
