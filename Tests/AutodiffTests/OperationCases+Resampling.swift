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
      OperationCase(
        "region align, two maps", RegionAlign(regions, resolution: 3),
        [sample([2, 4, 5, 3]), sample([2, 2, 3, 3], seed: 2)]),
      OperationCase(
        "region align, one sample a cell", RegionAlign([regions[0]], resolution: 2, sampling: 1),
        [sample([1, 4, 5, 17])]),
    ]

  /// Inside, over two edges, beyond all edges on the coarser map, and without an area.
  private static let regions = [
    FeatureRegion(image: 0, level: 0, left: 0.7, top: 1.1, right: 3.9, bottom: 2.6),
    FeatureRegion(image: 1, level: 0, left: 3.2, top: -3.3, right: 8.1, bottom: 1.7),
    FeatureRegion(image: 1, level: 1, left: -1, top: -1, right: 4, bottom: 3),
    FeatureRegion(image: 0, level: 1, left: 1.2, top: 0.6, right: 1.2, bottom: 0.6),
  ]
}
