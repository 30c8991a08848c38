import Autodiff
import Tensors

extension OperationCase {
  static let shaping: [OperationCase] = [
    OperationCase("reshape", Reshape([4, -1]), [sample([2, 6])]),
    OperationCase("flatten", Flatten(), [sample([2, 3, 4])]),
    OperationCase("flatten from 2", Flatten(fromAxis: 2), [sample([2, 3, 4, 2])]),
    OperationCase("transpose", Transpose([2, 0, 1]), [sample([2, 3, 4])]),
    OperationCase("transpose of a matrix", Transpose([1, 0]), [sample([3, 5])]),
    OperationCase(
      "concat of channels", Concatenate(),
      [sample([2, 3, 1]), sample([2, 3, 4], seed: 2), sample([2, 3, 2], seed: 3)]),
    OperationCase(
      "concat of rows", Concatenate(axis: 0), [sample([1, 3]), sample([2, 3], seed: 2)]),
    OperationCase(
      "slice with steps", StridedSlice([0..<2, 1..<5, 0..<3], steps: [1, 2, 2]),
      [sample([3, 6, 3])]),
    OperationCase("slice of the first axis", StridedSlice([1..<3]), [sample([4, 3])]),
    OperationCase(
      "pad", Pad(before: [0, 1, 2, 0], after: [0, 2, 0, 1], value: 3), [sample([2, 3, 2, 2])]),
  ]
}
