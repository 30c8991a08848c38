public import Tensors

/// The largest value under a sliding window of channels-last images; padding never wins.
///
/// Input: `[batch, height, width, channels]`. Value: `[batch, outputHeight, outputWidth,
/// channels]`. Of equal values the first takes the gradient.
public struct MaxPool2D: Operation {
  /// `max_pool2d`.
  public static let name = "max_pool2d"

  /// The size of the window.
  public var kernel: Extent2D
  /// The step between windows.
  public var stride: Extent2D
  /// Ignored positions around the image.
  public var padding: EdgePadding
  /// Whether a last window that hangs over the end counts.
  public var ceilMode: Bool

  /// Creates the operation; the stride is the kernel unless given.
  public init(
    kernel: Extent2D, stride: Extent2D? = nil, padding: EdgePadding = .none, ceilMode: Bool = false
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.ceilMode = ceilMode
  }

  /// Takes the maxima; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let geometry = PoolingGeometry(
      operation: MaxPool2D.name, inputs[0].shape, kernel, stride, padding, ceilMode)
    guard requiring[0] else { return Evaluation(maxPoolValues(geometry, input: inputs[0])) }
    let (value, pixels) = maxPool(geometry, input: inputs[0])
    return Evaluation(value) { gradient in
      [maxPoolInputGradient(geometry, outputGradient: gradient, pixels: pixels)]
    }
  }
}

/// The mean of the values under a sliding window of channels-last images.
///
/// Input: `[batch, height, width, channels]`. Value: `[batch, outputHeight, outputWidth,
/// channels]`.
public struct AveragePool2D: Operation {
  /// `avg_pool2d`.
  public static let name = "avg_pool2d"

  /// The size of the window.
  public var kernel: Extent2D
  /// The step between windows.
  public var stride: Extent2D
  /// Zeros around the image.
  public var padding: EdgePadding
  /// Whether a last window that hangs over the end counts.
  public var ceilMode: Bool
  /// Whether padding counts in the mean: PyTorch's default, and never so in TensorFlow.
  public var countsPadding: Bool

  /// Creates the operation; the stride is the kernel unless given.
  public init(
    kernel: Extent2D, stride: Extent2D? = nil, padding: EdgePadding = .none,
    ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.ceilMode = ceilMode
    self.countsPadding = countsPadding
  }

  /// Takes the means; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let geometry = PoolingGeometry(
      operation: AveragePool2D.name, inputs[0].shape, kernel, stride, padding, ceilMode)
    let value = averagePool(geometry, countsPadding: countsPadding, input: inputs[0])
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { [countsPadding] gradient in
      [
        averagePoolInputGradient(
          geometry, countsPadding: countsPadding, outputGradient: gradient)
      ]
    }
  }
}

/// The mean over all pixels of each image.
///
/// Input: `[batch, height, width, channels]`. Value: `[batch, channels]`.
public struct GlobalAveragePool: Operation {
  /// `global_avg_pool`.
  public static let name = "global_avg_pool"

  /// Creates the operation.
  public init() {}

  /// Takes the means; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let shape = inputs[0].shape
    precondition(shape.rank >= 3, "global_avg_pool: input \(shape) has no pixels")
    let value = globalAveragePool(inputs[0])
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { [globalAveragePoolInputGradient($0, inputShape: shape)] }
  }
}

extension PoolingGeometry {
  /// The geometry for an input shape, checked.
  fileprivate init(
    operation: String, _ input: Shape, _ kernel: Extent2D, _ stride: Extent2D,
    _ padding: EdgePadding, _ ceilMode: Bool
  ) {
    precondition(input.rank == 4, "\(operation): input \(input) must have four dimensions")
    self.init(
      batch: input[0], height: input[1], width: input[2], channels: input[3], kernel: kernel,
      stride: stride, padding: padding, ceilMode: ceilMode)
    precondition(
      isValid, "\(operation): a window of \(kernel.height)×\(kernel.width) over input \(input)")
  }
}
