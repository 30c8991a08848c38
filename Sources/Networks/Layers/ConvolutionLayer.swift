public import Autodiff
public import Tensors

/// Two-dimensional convolution of `[height, width, inputChannels]`, optionally with a bias and a
/// fused activation.
public struct ConvolutionLayer: ActivatedLayer {
  /// `conv2d`.
  public static let kind = "conv2d"

  /// Channels of the input.
  public var inputChannels: Int
  /// Channels of the output, the number of filters.
  public var outputChannels: Int
  /// The size of the window.
  public var kernel: Extent2D
  /// The step between windows.
  public var stride: Extent2D
  /// Zeros around the image.
  public var padding: Padding
  /// The step between the inputs of a window.
  public var dilation: Extent2D
  /// How many independent groups the channels fall into.
  public var groups: Int
  /// Whether there is a bias.
  public var hasBias: Bool
  /// Applied to the output, after the bias.
  public var activation: Activation?

  /// Creates a layer.
  public init(
    _ inputChannels: Int, _ outputChannels: Int, kernel: Extent2D, stride: Extent2D = 1,
    padding: Padding = .none, dilation: Extent2D = 1, groups: Int = 1, hasBias: Bool = true,
    activation: Activation? = nil
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.hasBias = hasBias
    self.activation = activation
  }

  private var groupInputs: Int { inputChannels / max(groups, 1) }

  /// `weight` `[kernelHeight, kernelWidth, inputChannels / groups, outputChannels]`, and `bias`.
  public var parameters: [ParameterSpecification] {
    let weight = ParameterSpecification(
      "weight", [kernel.height, kernel.width, groupInputs, outputChannels], .weight,
      .heNormal(fan: kernel.area * groupInputs))
    let bias = ParameterSpecification(
      "bias", [outputChannels], .offset, .uniform(fan: kernel.area * groupInputs))
    return hasBias ? [weight, bias] : [weight]
  }

  /// The sizes of a convolution of images of a shape.
  package func geometry(_ input: Shape, batch: Int = 1) -> ConvolutionGeometry {
    ConvolutionGeometry(
      batch: batch, height: input[0], width: input[1], inputChannels: input[2],
      outputChannels: outputChannels, kernel: kernel, stride: stride,
      padding: padding.resolved(for: input, kernel: kernel, stride: stride, dilation: dilation),
      dilation: dilation, groups: groups)
  }

  /// `[outputHeight, outputWidth, outputChannels]`.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    let input = inputs[0]
    guard input.rank == 3, input[2] == inputChannels, stride.height > 0, stride.width > 0,
      geometry(input).isValid
    else {
      throw .shape(
        expected: "an image of \(inputChannels) channels, at least "
          + "\(kernel.height)×\(kernel.width) with its padding", found: inputs)
    }
    let geometry = geometry(input)
    return [geometry.outputHeight, geometry.outputWidth, outputChannels]
  }

  /// Output values times the inputs of a window.
  public func multiplyAccumulates(inputs: [Shape], output: Shape) -> Int {
    output.elementCount * kernel.area * groupInputs
  }

  /// Convolves.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    var operation = Convolution2D(
      stride: stride,
      padding: padding.resolved(
        for: inputs[0].shape, kernel: kernel, stride: stride, dilation: dilation),
      dilation: dilation, groups: groups, activation: activation)
    operation.frozen = context.frozen
    return .apply(operation, inputs + parameters)
  }
}
