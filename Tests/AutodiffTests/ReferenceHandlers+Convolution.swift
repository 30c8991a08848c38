import Autodiff
import Tensors

extension ReferenceHandlers {
  static let convolutions: [String: ReferenceHandler] = [
    "conv2d": { item in
      let edges = try item.ints("padding")
      return Convolution2D(
        stride: try item.extent("stride"),
        padding: EdgePadding(top: edges[0], bottom: edges[1], left: edges[2], right: edges[3]),
        dilation: try item.extent("dilation"), groups: try item.int("groups"))
    },
    "conv_transpose2d": {
      ConvolutionTransposed2D(
        stride: try $0.extent("stride"), padding: try $0.symmetricPadding(),
        outputPadding: try $0.extent("output_padding"), dilation: try $0.extent("dilation"),
        groups: try $0.int("groups"))
    },
    "linear": { _ in Linear() },
    "sparse_linear": { SparseLinear(try $0.pattern()) },
    "sparse_conv2d": {
      SparseConvolution2D(
        try $0.pattern().repeated(9), kernel: 3, stride: 2, padding: EdgePadding(1))
    },
    "matmul": { _ in MatrixMultiplication() },
    "max_pool2d": {
      MaxPool2D(
        kernel: try $0.extent("kernel"), stride: try $0.extent("stride"),
        padding: try $0.symmetricPadding(), ceilMode: try $0.bool("ceil_mode"))
    },
    "avg_pool2d": {
      AveragePool2D(
        kernel: try $0.extent("kernel"), stride: try $0.extent("stride"),
        padding: try $0.symmetricPadding(), ceilMode: try $0.bool("ceil_mode"),
        countsPadding: try $0.bool("count_include_pad"))
    },
    "global_avg_pool": { _ in GlobalAveragePool() },
    "global_max_pool": { _ in ReduceMaximum(axes: [1, 2]) },
    "batch_norm": { BatchNormalization(epsilon: try $0.double("epsilon")) },
    "batch_norm_frozen": { FrozenBatchNormalization(epsilon: try $0.double("epsilon")) },
  ]
}

extension ReferenceCase {
  /// An attribute `[height, width]`.
  func extent(_ name: String) throws -> Extent2D {
    let extents = try ints(name)
    return Extent2D(height: extents[0], width: extents[1])
  }

  /// The padding `[above and below, left and right]`.
  func symmetricPadding() throws -> EdgePadding {
    let edges = try extent("padding")
    return EdgePadding(
      top: edges.height, bottom: edges.height, left: edges.width, right: edges.width)
  }
}

extension ReferenceCase {
  /// A pattern given by the inputs of all outputs in a row and how many each has.
  fileprivate func pattern() throws -> SparsePattern {
    var inputs = try ints("inputs")[...]
    return SparsePattern(
      inputCount: try int("count"),
      inputsOfOutputs: try ints("degrees").map { degree in
        defer { inputs = inputs.dropFirst(degree) }
        return Array(inputs.prefix(degree))
      })
  }
}
