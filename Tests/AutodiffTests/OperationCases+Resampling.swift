import Autodiff
import Tensors

extension OperationCase {
  static let resampling: [OperationCase] =
    ResizeMode.allCases.flatMap { mode in
      [
        OperationCase(
          "resize up, \(mode.rawValue)", Resize(height: 7, width: 5, mode: mode),
          [sample([2, 3, 2, 3])]),
        OperationCase(
          "resize down, \(mode.rawValue)", Resize(height: 2, width: 1, mode: mode),
          [sample([1, 5, 4, 17])]),
      ]
    } + [
      OperationCase("dropout", Dropout(rate: 0.4, seed: 3), [sample([6, 7])]),
      OperationCase("dropout of nothing", Dropout(rate: 0, seed: 3), [sample([3])]),
      OperationCase(
        "gather rows", GatherRows([2, 0, 2, 1], shape: [2, 2]), [sample([3, 18])]),
      OperationCase("gather scalars", GatherRows([1, 1, 0]), [sample([4])]),
    ]
}
