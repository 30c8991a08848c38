public import Autodiff
public import Tensors

/// Two-dimensional transposed convolution of `[height, width, inputChannels]`.
public struct TransposedConvolutionLayer: Layer {
  /// `conv_transpose2d`.
  public static let kind = "conv_transpose2d"

  /// Channels of the input.
  public var inputChannels: Int
  /// Channels of the output.
  public var outputChannels: Int
  /// The size of the window.
  public var kernel: Extent2D
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
  /// Whether there is a bias.
  public var hasBias: Bool

  /// Creates a layer.
  public init(
    _ inputChannels: Int, _ outputChannels: Int, kernel: Extent2D, stride: Extent2D = 1,
    padding: EdgePadding = .none, outputPadding: Extent2D = 0, dilation: Extent2D = 1,
    groups: Int = 1, hasBias: Bool = true
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
    self.hasBias = hasBias
  }

  private var groupOutputs: Int { outputChannels / max(groups, 1) }

  /// `weight` `[kernelHeight, kernelWidth, outputChannels / groups, inputChannels]`, and `bias`.
  public var parameters: [ParameterSpecification] {
    let fan = kernel.area * groupOutputs
    let weight = ParameterSpecification(
      "weight", [kernel.height, kernel.width, groupOutputs, inputChannels], .weight,
      .heNormal(fan: fan))
    let bias = ParameterSpecification("bias", [outputChannels], .offset, .uniform(fan: fan))
    return hasBias ? [weight, bias] : [weight]
  }

  /// `[(height − 1) · stride − padding + dilation · (kernel − 1) + 1 + outputPadding, …,
  /// outputChannels]`.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    let input = inputs[0]
    func extent(_ count: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ extra: Int) -> Int {
      (count - 1) * stride + dilation * (kernel - 1) + 1 + extra
    }
    guard input.rank == 3, input[2] == inputChannels, groups > 0, inputChannels % groups == 0,
      outputChannels % groups == 0
    else {
      throw .shape(expected: "an image of \(inputChannels) channels", found: inputs)
    }
    let height =
      extent(input[0], kernel.height, stride.height, dilation.height, outputPadding.height)
      - padding.top - padding.bottom
    let width =
      extent(input[1], kernel.width, stride.width, dilation.width, outputPadding.width)
      - padding.left - padding.right
    guard height > 0, width > 0, outputPadding.height < max(stride.height, dilation.height),
      outputPadding.width < max(stride.width, dilation.width)
    else {
      throw .shape(expected: "an image the padding leaves something of", found: inputs)
    }
    return [height, width, outputChannels]
  }

  /// Input values times the outputs of a window.
  public func multiplyAccumulates(inputs: [Shape], output: Shape) -> Int {
    inputs[0].elementCount * kernel.area * groupOutputs
  }

  /// Convolves.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(
      ConvolutionTransposed2D(
        stride: stride, padding: padding, outputPadding: outputPadding, dilation: dilation,
        groups: groups),
      inputs + parameters)
  }
}
