public import Tensors

/// Two-dimensional transposed convolution of channels-last images: the map that is the input
/// gradient of a convolution.
///
/// Inputs: the images `[batch, height, width, inputChannels]`, the weight
/// `[kernelHeight, kernelWidth, outputChannels / groups, inputChannels]`, and optionally the bias
/// `[outputChannels]`. Value: `[batch, outputHeight, outputWidth, outputChannels]` with
/// `outputHeight = (height − 1) · stride − padding + dilation · (kernel − 1) + 1 + outputPadding`.
public struct ConvolutionTransposed2D: Operation {
  /// `conv_transpose2d`.
  public static let name = "conv_transpose2d"

  /// The step between windows in the output.
  public var stride: Extent2D
  /// Rows and columns cut off around the output.
  public var padding: EdgePadding
  /// Rows and columns added below and to the right of the output.
  public var outputPadding: Extent2D
  /// The step between the outputs of a window.
  public var dilation: Extent2D
  /// How many independent groups the channels fall into.
  public var groups: Int

  /// Creates the operation.
  public init(
    stride: Extent2D = 1, padding: EdgePadding = .none, outputPadding: Extent2D = 0,
    dilation: Extent2D = 1, groups: Int = 1
  ) {
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
  }

  /// Convolves; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let input = inputs[0]
    let weight = inputs[1]
    let bias = inputs.count > 2 ? inputs[2] : nil
    let geometry = geometry(input.shape, weight.shape)
    precondition(
      bias.map { $0.shape == [geometry.inputChannels] } ?? true,
      "conv_transpose2d: bias \(inputs.last?.shape ?? []) for \(geometry.inputChannels) channels")
    var value = convolutionInputGradient(geometry, outputGradient: input, weight: weight)
    if let bias {
      value = scaleChannels(
        value, factor: Tensor([geometry.inputChannels], repeating: 1), offset: bias)
    }
    guard requiring.contains(true) else { return Evaluation(value) }
    let weightForInput = requiring[0] ? weight : nil
    let inputForWeight = requiring[1] ? input : nil
    let needsBias = requiring.count > 2 && requiring[2]
    let hasBias = bias != nil
    return Evaluation(value) { gradient in
      var gradients: [Tensor<Scalar>?] = [
        weightForInput.map { convolve(geometry, input: gradient, weight: $0) },
        inputForWeight.map {
          convolutionWeightGradient(geometry, input: gradient, outputGradient: $0)
        },
      ]
      if hasBias { gradients.append(needsBias ? sumOverRows(gradient) : nil) }
      return gradients
    }
  }

  /// The convolution whose input gradient this is: its input is this operation's output.
  private func geometry(_ input: Shape, _ weight: Shape) -> ConvolutionGeometry {
    precondition(
      input.rank == 4 && weight.rank == 4,
      "conv_transpose2d: input \(input) and weight \(weight) must both have four dimensions")
    func extent(_ count: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ extra: Int) -> Int {
      (count - 1) * stride + dilation * (kernel - 1) + 1 + extra
    }
    let geometry = ConvolutionGeometry(
      batch: input[0],
      height: extent(input[1], weight[0], stride.height, dilation.height, outputPadding.height)
        - padding.top - padding.bottom,
      width: extent(input[2], weight[1], stride.width, dilation.width, outputPadding.width)
        - padding.left - padding.right,
      inputChannels: weight[2] * groups, outputChannels: weight[3],
      kernel: Extent2D(height: weight[0], width: weight[1]), stride: stride, padding: padding,
      dilation: dilation, groups: groups)
    precondition(
      geometry.isValid && geometry.outputShape == input && geometry.weightShape == weight,
      "conv_transpose2d: weight \(weight) does not fit input \(input) in \(groups) groups")
    return geometry
  }
}
