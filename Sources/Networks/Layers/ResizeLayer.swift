public import Autodiff
public import Tensors

/// An image of another size by sampling.
public struct ResizeLayer: Layer {
  /// `resize`.
  public static let kind = "resize"

  /// The height of the result in pixels.
  public var height: Int
  /// The width of the result in pixels.
  public var width: Int
  /// How pixels are sampled.
  public var mode: ResizeMode

  /// Creates a layer.
  public init(height: Int, width: Int, mode: ResizeMode = .bilinear) {
    self.height = height
    self.width = width
    self.mode = mode
  }

  /// `[height, width, channels]`.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].rank == 3, inputs[0].elementCount > 0, height > 0, width > 0 else {
      throw .shape(expected: "an image", found: inputs)
    }
    return [height, width, inputs[0][2]]
  }

  /// Samples.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(Resize(height: height, width: width, mode: mode), inputs)
  }
}
