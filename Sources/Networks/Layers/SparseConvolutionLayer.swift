public import Autodiff
public import Tensors

/// Two-dimensional convolution in which each filter reads some input channels only, optionally with a
/// bias and a fused activation.
///
/// The extension of predefined sparsity to convolutions; the source has linear layers alone.
public struct SparseConvolutionLayer: ActivatedLayer {
  /// `sparse_conv2d`.
  public static let kind = "sparse_conv2d"

  /// Which input channels each output channel reads.
  public var connections: SparseConnections
  /// The size of the window.
  public var kernel: Extent2D
  /// The step between windows.
  public var stride: Extent2D
  /// Zeros around the image.
  public var padding: Padding
  /// The step between the inputs of a window.
  public var dilation: Extent2D
  /// Whether there is a bias.
  public var hasBias: Bool
  /// Applied to the output, after the bias.
  public var activation: Activation?

  /// From all values of a window to the output channels.
  private let windows: SparsePattern

  /// Creates a layer of the sizes of a dense one.
  public init(_ connections: SparseConnections, like layer: ConvolutionLayer) {
    self.init(
      connections, kernel: layer.kernel, stride: layer.stride, padding: layer.padding,
      dilation: layer.dilation, hasBias: layer.hasBias, activation: layer.activation)
  }

  /// Creates a layer.
  public init(
    _ connections: SparseConnections, kernel: Extent2D, stride: Extent2D = 1,
    padding: Padding = .none, dilation: Extent2D = 1, hasBias: Bool = true,
    activation: Activation? = nil
  ) {
    self.connections = connections
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.hasBias = hasBias
    self.activation = activation
    windows = connections.pattern.repeated(kernel.area)
  }

  private var meanDegree: Int {
    max(1, windows.entryCount / max(connections.outputs, 1))
  }

  /// `weight` `[entries]`, by output channel, place in the window and input channel, and `bias`.
  public var parameters: [ParameterSpecification] {
    let weight = ParameterSpecification(
      "weight", [windows.entryCount], .weight, .heNormal(fan: meanDegree))
    let bias = ParameterSpecification(
      "bias", [connections.outputs], .offset, .uniform(fan: meanDegree))
    return hasBias ? [weight, bias] : [weight]
  }

  /// What is stored of the pattern.
  public var structureBytes: Int { connections.storedBytes }

  /// `[outputHeight, outputWidth, outputChannels]`.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    try dense.outputShape(inputs)
  }

  /// One for each entry and output position.
  public func multiplyAccumulates(inputs: [Shape], output: Shape) -> Int {
    output.elementCount / max(connections.outputs, 1) * windows.entryCount
  }

  /// Convolves.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let value = Variable.apply(
      SparseConvolution2D(
        windows, kernel: kernel, stride: stride,
        padding: padding.resolved(
          for: inputs[0].shape, kernel: kernel, stride: stride, dilation: dilation),
        dilation: dilation), inputs + parameters)
    return activation.map { Variable.apply(Activate($0), [value]) } ?? value
  }

  private enum CodingKeys: String, CodingKey {
    case connections, kernel, stride, padding, dilation, hasBias, activation
  }

  /// Reads a layer.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let connections = try container.decode(SparseConnections.self, forKey: .connections)
    let kernel = try container.decode(Extent2D.self, forKey: .kernel)
    guard kernel.height > 0, kernel.width > 0,
      kernel.height <= Int(Int32.max) / kernel.width,
      connections.pattern.entryCount <= Int(Int32.max) / kernel.area
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .kernel, in: container, debugDescription: "\(kernel)")
    }
    self.init(
      connections, kernel: kernel,
      stride: try container.decode(Extent2D.self, forKey: .stride),
      padding: try container.decode(Padding.self, forKey: .padding),
      dilation: try container.decode(Extent2D.self, forKey: .dilation),
      hasBias: try container.decode(Bool.self, forKey: .hasBias),
      activation: try container.decodeIfPresent(Activation.self, forKey: .activation))
  }
}

extension SparseConvolutionLayer {
  /// The same function with every weight of the filters, zero where there was none.
  package var dense: ConvolutionLayer {
    ConvolutionLayer(
      connections.inputs, connections.outputs, kernel: kernel, stride: stride, padding: padding,
      dilation: dilation, hasBias: hasBias, activation: activation)
  }

  /// The dense layer's parameters.
  package func denseParameters(_ parameters: [Tensor<Float>]) -> [Tensor<Float>] {
    let weight = windows.dense(parameters[0]).reshaped(
      to: [kernel.height, kernel.width, connections.inputs, connections.outputs])
    return [weight] + parameters.dropFirst()
  }
}
