public import Autodiff
public import Tensors

/// `(x − mean) / deviation` with statistics that were taken from data once and never move.
///
/// Unlike a batch norm it does the same in training. Values that hardly vary are divided by
/// ``leastDeviation``.
public struct StandardizeLayer: Layer {
  /// `standardize`.
  public static let kind = "standardize"

  /// What values are divided by at least.
  public static let leastDeviation = 1e-7

  /// The number of means and variances: one for each channel of the last axis, or 1 for all.
  public var channels: Int

  /// Creates a layer.
  public init(_ channels: Int = 1) { self.channels = channels }

  /// `mean` and `variance` `[channels]`, and `count` `[1]`, how many values they are of.
  public var parameters: [ParameterSpecification] {
    [
      ParameterSpecification("mean", [channels], .statistic, .constant(0)),
      ParameterSpecification("variance", [channels], .statistic, .constant(1)),
      ParameterSpecification("count", [1], .statistic, .constant(0)),
    ]
  }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard channels == 1 || (inputs[0].rank >= 1 && inputs[0][-1] == channels) else {
      throw .shape(expected: "\(channels) channels", found: inputs)
    }
    return inputs[0]
  }

  private func deviations<Scalar: TensorScalar>(_ variance: Tensor<Scalar>) -> [Double] {
    variance.scalars.map {
      max(max(Double($0), 0).squareRoot(), StandardizeLayer.leastDeviation)
    }
  }

  /// The factors and summands, each `[channels]`, that are the same as the statistics.
  package func factors(
    _ parameters: [Tensor<Float>]
  ) -> (scale: [Double], shift: [Double]) {
    let deviations = deviations(parameters[1])
    return (
      deviations.map { 1 / $0 },
      zip(parameters[0].scalars, deviations).map { -Double($0) / $1 }
    )
  }

  /// Subtracts the mean and divides by the deviation.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let mean = Variable(parameters[0].value)
    let deviations = deviations(parameters[1].value).map { Scalar($0) }
    return (inputs[0] - mean) / Variable(Tensor([channels], deviations))
  }
}
