public import Autodiff
public import Tensors

/// An affine map of the last axis, optionally with a bias and a fused activation.
public struct LinearLayer: ActivatedLayer {
  /// `linear`.
  public static let kind = "linear"

  /// The extent of the input's last axis.
  public var inputFeatures: Int
  /// The extent of the output's last axis.
  public var outputFeatures: Int
  /// Whether there is a bias.
  public var hasBias: Bool
  /// Applied to the output, after the bias.
  public var activation: Activation?

  /// Creates a layer.
  public init(
    _ inputFeatures: Int, _ outputFeatures: Int, hasBias: Bool = true,
    activation: Activation? = nil
  ) {
    self.inputFeatures = inputFeatures
    self.outputFeatures = outputFeatures
    self.hasBias = hasBias
    self.activation = activation
  }

  /// `weight` `[inputFeatures, outputFeatures]`, and `bias` `[outputFeatures]`.
  public var parameters: [ParameterSpecification] {
    let weight = ParameterSpecification(
      "weight", [inputFeatures, outputFeatures], .weight, .uniform(fan: inputFeatures))
    let bias = ParameterSpecification(
      "bias", [outputFeatures], .offset, .uniform(fan: inputFeatures))
    return hasBias ? [weight, bias] : [weight]
  }

  /// The input's shape with `outputFeatures` as its last axis.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    var shape = inputs[0]
    guard shape.rank >= 1, shape[-1] == inputFeatures else {
      throw .shape(expected: "\(inputFeatures) features", found: inputs)
    }
    shape[-1] = outputFeatures
    return shape
  }

  /// Output values times input features.
  public func multiplyAccumulates(inputs: [Shape], output: Shape) -> Int {
    output.elementCount * inputFeatures
  }

  /// Multiplies and adds.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let value = Variable.apply(Linear(), inputs + parameters)
    return activation.map { Variable.apply(Activate($0), [value]) } ?? value
  }
}
