public import Tensors

/// Images sampled at another size; as PyTorch's `interpolate` with a size.
public struct Resize: Operation {
  /// The name `resize`.
  public static let name = "resize"

  /// The height of the result in pixels.
  public let height: Int

  /// The width of the result in pixels.
  public let width: Int

  /// How pixels are sampled.
  public let mode: ResizeMode

  /// Creates the operation from the size of the result.
  ///
  /// - Precondition: a positive size.
  public init(height: Int, width: Int, mode: ResizeMode) {
    precondition(height > 0 && width > 0, "resize: to \(height)×\(width)")
    self.height = height
    self.width = width
    self.mode = mode
  }

  /// Evaluates on one input `[batch, height, width, channels]`.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let x = single(inputs, Self.name)
    let shape = x.shape
    precondition(
      shape.rank == 4 && shape[1] > 0 && shape[2] > 0, "resize: input \(shape) is no image batch")
    let kernel = ResizeKernel(
      mode, from: (shape[1], shape[2]), to: (height, width), channels: shape[3])
    let value = x.withUnsafeBufferPointer { source in
      Tensor<Scalar>([shape[0], height, width, shape[3]]) { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        kernel.resize(source, into: target, images: shape[0])
      }
    }
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { gradient in
      var result = Tensor<Scalar>(shape, repeating: 0)
      gradient.withUnsafeBufferPointer { source in
        result.withUnsafeMutableBufferPointer { target in
          guard let source = source.baseAddress, let target = target.baseAddress else { return }
          kernel.pullBack(source, into: target, images: shape[0])
        }
      }
      return [result]
    }
  }
}
