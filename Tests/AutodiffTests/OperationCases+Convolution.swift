import Autodiff
import Tensors

extension OperationCase {
  static let convolutions: [OperationCase] = [
    OperationCase(
      "conv2d with bias", Convolution2D(padding: EdgePadding(1)),
      [sample([2, 4, 5, 3]), sample([3, 3, 3, 2], seed: 2), sample([2], seed: 3)]),
    OperationCase(
      "conv2d with stride and uneven padding",
      Convolution2D(
        stride: Extent2D(height: 2, width: 3),
        padding: EdgePadding(top: 0, bottom: 1, left: 2, right: 0)),
      [sample([2, 6, 5, 2]), sample([3, 2, 2, 3], seed: 2)]),
    OperationCase(
      "conv2d dilated", Convolution2D(padding: EdgePadding(2), dilation: 2),
      [sample([1, 6, 5, 2]), sample([3, 3, 2, 2], seed: 2), sample([2], seed: 3)]),
    OperationCase(
      "conv2d wider padded than its window", Convolution2D(padding: EdgePadding(3)),
      [sample([1, 3, 3, 2]), sample([2, 2, 2, 2], seed: 2)]),
    OperationCase(
      "conv2d in groups", Convolution2D(padding: EdgePadding(1), groups: 2),
      [sample([2, 4, 4, 4]), sample([3, 3, 2, 6], seed: 2), sample([6], seed: 3)]),
    OperationCase(
      "conv2d pointwise", Convolution2D(),
      [sample([2, 3, 3, 4]), sample([1, 1, 4, 5], seed: 2), sample([5], seed: 3)]),
    OperationCase(
      "conv2d pointwise with stride", Convolution2D(stride: 2),
      [sample([2, 5, 4, 3]), sample([1, 1, 3, 2], seed: 2)]),
    OperationCase(
      "conv2d depthwise", Convolution2D(stride: 2, padding: EdgePadding(1), groups: 9),
      [sample([2, 5, 4, 9]), sample([3, 3, 1, 9], seed: 2), sample([9], seed: 3)]),
    OperationCase(
      "conv2d depthwise with multiplier", Convolution2D(groups: 2),
      [sample([1, 4, 4, 2]), sample([3, 3, 1, 6], seed: 2)]),
    OperationCase(
      "conv2d with fused tanh", Convolution2D(padding: EdgePadding(1), activation: .tanh),
      [sample([1, 4, 4, 2]), sample([3, 3, 2, 3], seed: 2), sample([3], seed: 3)]),
    OperationCase(
      "conv2d with fused silu", Convolution2D(activation: .silu),
      [sample([1, 4, 4, 2]), sample([3, 3, 2, 3], seed: 2), sample([3], seed: 3)]),
    OperationCase(
      "conv_transpose2d", ConvolutionTransposed2D(),
      [sample([2, 3, 4, 3]), sample([3, 2, 2, 3], seed: 2), sample([2], seed: 3)]),
    OperationCase(
      "conv_transpose2d with stride and paddings",
      ConvolutionTransposed2D(
        stride: 2, padding: EdgePadding(1), outputPadding: Extent2D(height: 1, width: 0)),
      [sample([2, 3, 3, 2]), sample([4, 3, 3, 2], seed: 2)]),
    OperationCase(
      "conv_transpose2d in groups, dilated",
      ConvolutionTransposed2D(stride: 2, dilation: 2, groups: 2),
      [sample([1, 3, 3, 4]), sample([2, 2, 3, 4], seed: 2), sample([6], seed: 3)]),
  ]

  static let products: [OperationCase] = [
    OperationCase(
      "linear", Linear(), [sample([3, 4]), sample([4, 5], seed: 2), sample([5], seed: 3)]),
    OperationCase(
      "linear of a sequence", Linear(), [sample([2, 3, 4]), sample([4, 2], seed: 2)]),
    OperationCase(
      "sparse_linear",
      SparseLinear(SparsePattern(inputCount: 4, inputsOfOutputs: [[0, 2], [], [1, 2, 3]])),
      [sample([3, 4]), sample([5], seed: 2), sample([3], seed: 3)]),
    OperationCase(
      "sparse_linear of many samples",
      SparseLinear(SparsePattern(inputCount: 3, inputsOfOutputs: [[1], [0, 2]])),
      [sample([35, 2, 3]), sample([3], seed: 2)]),
    OperationCase(
      "sparse_conv2d",
      SparseConvolution2D(
        SparsePattern(inputCount: 3, inputsOfOutputs: [[0, 2], [1]]).repeated(9), kernel: 3,
        padding: EdgePadding(1)),
      [sample([2, 4, 5, 3]), sample([27], seed: 2), sample([2], seed: 3)]),
    OperationCase(
      "sparse_conv2d with stride and dilation",
      SparseConvolution2D(
        SparsePattern(inputCount: 2, inputsOfOutputs: [[0], [1], [0, 1]]).repeated(4), kernel: 2,
        stride: 2, padding: EdgePadding(top: 0, bottom: 1, left: 2, right: 0), dilation: 2),
      [sample([2, 6, 5, 2]), sample([16], seed: 2)]),
    OperationCase(
      "matmul", MatrixMultiplication(), [sample([3, 4]), sample([4, 2], seed: 2)]),
    OperationCase(
      "matmul batched", MatrixMultiplication(), [sample([2, 3, 4]), sample([2, 4, 2], seed: 2)]),
    OperationCase(
      "matmul left transposed", MatrixMultiplication(transposeLeft: true),
      [sample([2, 4, 3]), sample([2, 4, 2], seed: 2)]),
    OperationCase(
      "matmul right transposed", MatrixMultiplication(transposeRight: true),
      [sample([3, 4]), sample([2, 4], seed: 2)]),
    OperationCase(
      "matmul both transposed", MatrixMultiplication(transposeLeft: true, transposeRight: true),
      [sample([2, 4, 3]), sample([2, 2, 4], seed: 2)]),
  ]

  static let poolings: [OperationCase] = [
    OperationCase(
      "max_pool2d", MaxPool2D(kernel: 3, stride: 2, padding: EdgePadding(1)),
      [distinctSample([2, 5, 6, 3])]),
    OperationCase(
      "max_pool2d with ceil mode", MaxPool2D(kernel: 2, ceilMode: true),
      [distinctSample([1, 5, 5, 2])]),
    OperationCase(
      "avg_pool2d", AveragePool2D(kernel: 3, stride: 2, padding: EdgePadding(1)),
      [sample([2, 5, 6, 3])]),
    OperationCase(
      "avg_pool2d without padding in the mean",
      AveragePool2D(
        kernel: 3, stride: 2, padding: EdgePadding(1), ceilMode: true, countsPadding: false),
      [sample([1, 6, 6, 2])]),
    OperationCase("global_avg_pool", GlobalAveragePool(), [sample([2, 3, 4, 3])]),
  ]

  static let batchNormalizations: [OperationCase] = [
    OperationCase(
      "batch_norm", BatchNormalization(epsilon: 1e-3),
      [sample([3, 2, 2, 3]), positiveSample([3], seed: 2), sample([3], seed: 3)]),
    OperationCase(
      "batch_norm of features", BatchNormalization(),
      [sample([6, 4]), positiveSample([4], seed: 2), sample([4], seed: 3)]),
    OperationCase(
      "batch_norm_frozen", FrozenBatchNormalization(),
      [
        sample([2, 3, 2, 3]), positiveSample([3], seed: 2), sample([3], seed: 3),
        sample([3], seed: 4), positiveSample([3], seed: 5),
      ], requiring: [true, true, true, false, false]),
  ]
}
