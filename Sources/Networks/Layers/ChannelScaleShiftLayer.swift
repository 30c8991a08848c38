public import Autodiff
public import Tensors

/// `scale · x + shift` with constants for each channel of the last axis, such as a normalization of
/// the colours of pixels.
public struct ChannelScaleShiftLayer: Layer {
  /// `channel_scale_shift`.
  public static let kind = "channel_scale_shift"

  /// The factor of each channel.
  public var scale: [Double]
  /// The summand of each channel.
  public var shift: [Double]

  /// Creates a layer.
  public init(scale: [Double], shift: [Double]) {
    self.scale = scale
    self.shift = shift
  }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard scale.count == shift.count, inputs[0].rank >= 1, inputs[0][-1] == scale.count else {
      throw .shape(
        expected: "\(scale.count) channels for as many factors and \(shift.count) summands",
        found: inputs)
    }
    return inputs[0]
  }

  /// Multiplies and adds.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    func constant(_ values: [Double]) -> Variable<Scalar> {
      Variable(Tensor([values.count], values.map { Scalar($0) }))
    }
    return inputs[0] * constant(scale) + constant(shift)
  }
}
