public import Tensors

/// Two-dimensional convolution of channels-last images by filters that read some channels only, the
/// same ones in every place of their window.
///
/// Inputs: the images `[batch, height, width, inputChannels]`, the entries `[entries]`, by output
/// channel, then by place in the window, then by input channel, and optionally the bias
/// `[outputChannels]`. Value: `[batch, outputHeight, outputWidth, outputChannels]`.
public struct SparseConvolution2D: Operation {
  /// `sparse_conv2d`.
  public static let name = "sparse_conv2d"

  /// From all values of a window to the output channels.
  public let windows: SparsePattern
  /// The size of the window.
  public var kernel: Extent2D
  /// The step between windows.
  public var stride: Extent2D
  /// Zeros around the image.
  public var padding: EdgePadding
  /// The step between the inputs of a window.
  public var dilation: Extent2D

  /// Creates the operation.
  ///
  /// - Parameter windows: from all values of a window, `[kernelHeight, kernelWidth,
  ///   inputChannels]`, to the output channels.
  public init(
    _ windows: SparsePattern, kernel: Extent2D, stride: Extent2D = 1,
    padding: EdgePadding = .none, dilation: Extent2D = 1
  ) {
    self.windows = windows
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// Convolves; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (input, weight) = (inputs[0], inputs[1])
    let bias = inputs.count > 2 ? inputs[2] : nil
    precondition(
      input.shape.rank == 4 && input.shape[3] * kernel.area == windows.inputCount
        && weight.shape == [windows.entryCount]
        && bias.map { $0.shape == [windows.outputCount] } ?? true,
      "sparse_conv2d: \(inputs.map(\.shape)) for windows of \(windows.inputCount) values, "
        + "\(windows.outputCount) output channels and \(windows.entryCount) entries")
    let geometry = ConvolutionGeometry(
      batch: input.shape[0], height: input.shape[1], width: input.shape[2],
      inputChannels: input.shape[3], outputChannels: windows.outputCount, kernel: kernel,
      stride: stride, padding: padding, dilation: dilation, groups: 1)
    precondition(geometry.isValid, "sparse_conv2d: the window does not fit \(input.shape)")
    let value = convolveSparse(geometry, windows, input: input, weight: weight, bias: bias)
    guard requiring.contains(true) else { return Evaluation(value) }
    let weightForInput = requiring[0] ? weight : nil
    let inputForWeight = requiring[1] ? input : nil
    let needsBias = requiring.count > 2 && requiring[2]
    let hasBias = bias != nil
    return Evaluation(value) { [windows] upstream in
      let found = sparseConvolutionGradients(
        geometry, windows, input: inputForWeight, weight: weightForInput, upstream: upstream)
      let gradients = [found.input, found.weight]
      return hasBias ? gradients + [needsBias ? sumOverRows(upstream) : nil] : gradients
    }
  }
}
