public import Autodiff
public import Tensors

/// The natural logarithm of every element, of at least a least value.
public struct LogarithmLayer: Layer {
  /// `logarithm`.
  public static let kind = "logarithm"

  /// The least value whose logarithm is taken; smaller ones count as this.
  public var floor: Double

  /// Creates a layer.
  public init(floor: Double) { self.floor = floor }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape { inputs[0] }

  /// Applies the function.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(Logarithm(), [.apply(Clamp(lower: floor), inputs)])
  }
}
