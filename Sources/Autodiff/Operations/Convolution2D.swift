public import Tensors

/// Two-dimensional convolution (cross-correlation) of channels-last images.
///
/// Inputs: the images `[batch, height, width, inputChannels]`, the weight
/// `[kernelHeight, kernelWidth, inputChannels / groups, outputChannels]`, and optionally the bias
/// `[outputChannels]`. Value: `[batch, outputHeight, outputWidth, outputChannels]`.
public struct Convolution2D: Operation {
  /// `conv2d`.
  public static let name = "conv2d"

  /// The step between windows.
  public var stride: Extent2D
  /// Zeros around the image.
  public var padding: EdgePadding
  /// The step between the inputs of a window.
  public var dilation: Extent2D
  /// How many independent groups the channels fall into.
  public var groups: Int
  /// Applied to the output after the bias, while it is still in the cache.
  public var activation: Activation?
  /// Where forms of the weight are kept between calls, if it never changes.
  package var frozen: FrozenKernels?

  /// Creates the operation.
  public init(
    stride: Extent2D = 1, padding: EdgePadding = .none, dilation: Extent2D = 1, groups: Int = 1,
    activation: Activation? = nil
  ) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.activation = activation
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
      bias.map { $0.shape == [geometry.outputChannels] } ?? true,
      "conv2d: bias \(inputs.last?.shape ?? []) for \(geometry.outputChannels) output channels")
    let isDifferentiated = requiring.contains(true)
    // An activation whose derivative follows from its output is fused; another one needs its own
    // input kept where a gradient flows.
    let isFused = activation.map { !isDifferentiated || $0.retention == .output } ?? false
    let product = convolve(
      geometry, input: input, weight: weight, bias: bias,
      activation: isFused ? activation : nil, frozen: frozen)
    let applied = activation?.completing(
      product, isApplied: isFused, isDifferentiated: isDifferentiated)
    let value = applied?.value ?? product
    guard isDifferentiated else { return Evaluation(value) }
    let activationPullback = applied?.pullback
    let weightForInput = requiring[0] ? weight : nil
    let inputForWeight = requiring[1] ? input : nil
    let needsBias = requiring.count > 2 && requiring[2]
    let hasBias = bias != nil
    return Evaluation(value) { [frozen] upstream in
      let gradient = activationPullback?(upstream)[0] ?? upstream
      var gradients: [Tensor<Scalar>?] = [
        weightForInput.map {
          convolutionInputGradient(geometry, outputGradient: gradient, weight: $0, frozen: frozen)
        },
        inputForWeight.map {
          convolutionWeightGradient(geometry, input: $0, outputGradient: gradient)
        },
      ]
      if hasBias { gradients.append(needsBias ? sumOverRows(gradient) : nil) }
      return gradients
    }
  }

  private func geometry(_ input: Shape, _ weight: Shape) -> ConvolutionGeometry {
    precondition(
      input.rank == 4 && weight.rank == 4,
      "conv2d: input \(input) and weight \(weight) must both have four dimensions")
    let geometry = ConvolutionGeometry(
      batch: input[0], height: input[1], width: input[2], inputChannels: input[3],
      outputChannels: weight[3], kernel: Extent2D(height: weight[0], width: weight[1]),
      stride: stride, padding: padding, dilation: dilation, groups: groups)
    precondition(
      geometry.isValid && geometry.weightShape == weight,
      "conv2d: weight \(weight) does not fit input \(input) in \(groups) groups")
    return geometry
  }
}
