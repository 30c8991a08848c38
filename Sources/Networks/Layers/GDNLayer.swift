public import Autodiff
public import Tensors

/// Generalised divisive normalisation over the last axis, or its approximate inverse.
///
/// `y_i = x_i / (β_i + Σ_j γ_ij |x_j|)`; the inverse multiplies. The older form divides by
/// `√(β_i + Σ_j γ_ij x_j²)`. Source: Ballé, Laparra and Simoncelli 2016,
/// https://arxiv.org/abs/1511.06281; Johnston and others 2019, https://arxiv.org/abs/1912.08771,
/// for the simpler form.
public struct GDNLayer: Layer {
  /// `gdn`.
  public static let kind = "gdn"

  /// What a value is divided by.
  public enum Norm: String, Codable, CaseIterable, Sendable {
    /// A weighted sum of magnitudes.
    case absolute
    /// The root of a weighted sum of squares.
    case squared
  }

  /// The extent of the last axis.
  public var channels: Int
  /// Whether the layer multiplies instead of dividing.
  public var isInverse: Bool
  /// What it divides by.
  public var norm: Norm

  /// Parameters are stored as the root of themselves plus this, so that small ones move slowly.
  private static let pedestal = 0x1p-36
  private static let leastBeta = 1e-6

  /// Creates a layer.
  public init(_ channels: Int, isInverse: Bool = false, norm: Norm = .absolute) {
    self.channels = channels
    self.isInverse = isInverse
    self.norm = norm
  }

  private enum CodingKeys: String, CodingKey {
    case channels
    case isInverse = "inverse"
    case norm
  }

  /// `beta` `[channels]`, and `gamma` `[inputs, outputs]`, both stored as `√(v + 2⁻³⁶)`.
  public var parameters: [ParameterSpecification] {
    let root = { (value: Double) in (value + GDNLayer.pedestal).squareRoot() }
    return [
      ParameterSpecification("beta", [channels], .offset, .constant(root(1))),
      ParameterSpecification(
        "gamma", [channels, channels], .offset, .diagonal(root(0.1), elsewhere: root(0))),
    ]
  }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].rank >= 1, inputs[0][-1] == channels else {
      throw .shape(expected: "\(channels) channels", found: inputs)
    }
    return inputs[0]
  }

  /// One for each pair of channels at each position.
  public func multiplyAccumulates(inputs: [Shape], output: Shape) -> Int {
    output.elementCount * channels
  }

  /// β and γ themselves, from what is stored: `max(p, √(least + 2⁻³⁶))² − 2⁻³⁶`.
  package func effective<Scalar: TensorScalar>(
    _ parameters: [Variable<Scalar>]
  ) -> (beta: Variable<Scalar>, gamma: Variable<Scalar>) {
    func value(_ stored: Variable<Scalar>, least: Double) -> Variable<Scalar> {
      let bound = (least + GDNLayer.pedestal).squareRoot()
      return Variable.apply(LowerBound(bound), [stored]).power(2) - GDNLayer.pedestal
    }
    return (value(parameters[0], least: GDNLayer.leastBeta), value(parameters[1], least: 0))
  }

  /// Normalises.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let x = inputs[0]
    let (beta, gamma) = effective(parameters)
    let size = norm == .absolute ? x.absolute() : x * x
    var divisor = Variable.apply(Linear(), [size, gamma, beta])
    if norm == .squared { divisor = divisor.squareRoot() }
    return isInverse ? x * divisor : x / divisor
  }
}
