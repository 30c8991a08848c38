public import Autodiff
public import Tensors

/// Makes a latent ready to be coded where something else says how its values are distributed: each
/// is normal, with a standard deviation and perhaps a mean of its own.
///
/// Takes the latent, the deviations, and the means if there are any, all of one shape. In training
/// values get noise from −½ to ½; otherwise, and where the layer is frozen, they are rounded to
/// whole numbers from the mean, with the gradient of the identity. Deviations are at least 0.11.
/// Source: Ballé and others 2018, https://arxiv.org/abs/1802.01436, section 3; with means, Minnen
/// and others 2018, https://arxiv.org/abs/1809.02736.
public struct GaussianConditionalLayer: Layer {
  /// `gaussian_conditional`.
  public static let kind = "gaussian_conditional"

  /// The least standard deviation.
  public static let leastScale = 0.11

  /// Creates a layer.
  public init() {}

  /// The latent, the deviations, and perhaps the means.
  public var inputCount: ClosedRange<Int> { 2...3 }

  /// The latent's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs.allSatisfy({ $0 == inputs[0] }) else {
      throw .shape(expected: "inputs of one shape", found: inputs)
    }
    return inputs[0]
  }

  /// Adds noise, or rounds.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let means = inputs.count > 2 ? inputs[2] : nil
    let value: Variable<Scalar>
    if context.isTraining {
      var random = RandomSource(seed: context.seed, purpose: "gaussian conditional")
      value = inputs[0] + Variable(random.uniform(inputs[0].shape, in: -0.5...0.5))
    } else if let means {
      value = Variable.apply(StraightThroughRound(), [inputs[0] - means]) + means
    } else {
      value = Variable.apply(StraightThroughRound(), [inputs[0]])
    }
    if context.measuresBits {
      let scale = Variable.apply(LowerBound(GaussianConditionalLayer.leastScale), [inputs[1]])
      context.record(
        bits: Variable.apply(GaussianBits(), [value, scale] + (means.map { [$0] } ?? [])))
    }
    return value
  }
}
