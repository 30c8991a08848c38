public import Autodiff
public import Tensors

/// The largest value under a sliding window of `[height, width, channels]`.
public struct MaxPoolLayer: Layer {
  /// `max_pool2d`.
  public static let kind = "max_pool2d"

  /// The size of the window.
  public var kernel: Extent2D
  /// The step between windows.
  public var stride: Extent2D
  /// Ignored positions around the image.
  public var padding: Padding
  /// Whether a last window that hangs over the end counts.
  public var ceilMode: Bool

  /// Creates a layer; the stride is the kernel unless given.
  public init(
    kernel: Extent2D, stride: Extent2D? = nil, padding: Padding = .none, ceilMode: Bool = false
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.ceilMode = ceilMode
  }

  /// `[outputHeight, outputWidth, channels]`.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    try pooledShape(inputs, kernel, stride, padding, ceilMode)
  }

  /// Takes the maxima.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(
      MaxPool2D(
        kernel: kernel, stride: stride,
        padding: padding.resolved(for: inputs[0].shape, kernel: kernel, stride: stride),
        ceilMode: ceilMode),
      inputs)
  }
}

/// The mean under a sliding window of `[height, width, channels]`.
public struct AveragePoolLayer: Layer {
  /// `avg_pool2d`.
  public static let kind = "avg_pool2d"

  /// The size of the window.
  public var kernel: Extent2D
  /// The step between windows.
  public var stride: Extent2D
  /// Zeros around the image.
  public var padding: Padding
  /// Whether a last window that hangs over the end counts.
  public var ceilMode: Bool
  /// Whether padding counts in the mean: PyTorch's default, and never so in TensorFlow.
  public var countsPadding: Bool

  /// Creates a layer; the stride is the kernel unless given.
  public init(
    kernel: Extent2D, stride: Extent2D? = nil, padding: Padding = .none, ceilMode: Bool = false,
    countsPadding: Bool = true
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.ceilMode = ceilMode
    self.countsPadding = countsPadding
  }

  /// `[outputHeight, outputWidth, channels]`.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    try pooledShape(inputs, kernel, stride, padding, ceilMode)
  }

  /// Takes the means.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(
      AveragePool2D(
        kernel: kernel, stride: stride,
        padding: padding.resolved(for: inputs[0].shape, kernel: kernel, stride: stride),
        ceilMode: ceilMode, countsPadding: countsPadding),
      inputs)
  }
}

/// The mean over all pixels: `[height, width, channels]` to `[channels]`, or to
/// `[1, 1, channels]`.
public struct GlobalAveragePoolLayer: Layer {
  /// `global_avg_pool`.
  public static let kind = "global_avg_pool"

  /// Whether the pixel axes stay, with extent 1.
  public var keepsDimensions: Bool

  /// Creates a layer.
  public init(keepsDimensions: Bool = false) { self.keepsDimensions = keepsDimensions }

  /// `[channels]` or `[1, 1, channels]`.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].rank == 3 else {
      throw .shape(expected: "an image", found: inputs)
    }
    return keepsDimensions ? [1, 1, inputs[0][2]] : [inputs[0][2]]
  }

  /// Takes the means.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let value = Variable.apply(GlobalAveragePool(), inputs)
    guard keepsDimensions else { return value }
    return .apply(Reshape([value.shape[0], 1, 1, value.shape[1]]), [value])
  }
}

private func pooledShape(
  _ inputs: [Shape], _ kernel: Extent2D, _ stride: Extent2D, _ padding: Padding, _ ceilMode: Bool
) throws(LayerError) -> Shape {
  let input = inputs[0]
  guard input.rank == 3, stride.height > 0, stride.width > 0 else {
    throw .shape(expected: "an image", found: inputs)
  }
  let geometry = PoolingGeometry(
    batch: 1, height: input[0], width: input[1], channels: input[2], kernel: kernel,
    stride: stride, padding: padding.resolved(for: input, kernel: kernel, stride: stride),
    ceilMode: ceilMode)
  guard geometry.isValid else {
    throw .shape(
      expected: "an image of at least \(kernel.height)×\(kernel.width)", found: inputs)
  }
  return [geometry.outputHeight, geometry.outputWidth, input[2]]
}
