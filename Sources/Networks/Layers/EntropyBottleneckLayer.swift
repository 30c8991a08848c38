public import Autodiff
internal import Foundation
public import Tensors

/// Makes a latent ready to be coded, and knows how many bits that takes: a factorized prior learns
/// the distribution of each channel.
///
/// In training values get noise from −½ to ½, which stands for rounding; otherwise, and where the
/// layer is frozen, they are rounded to whole numbers from the channel's median, with the gradient
/// of the identity. Source: Ballé and others 2018, https://arxiv.org/abs/1802.01436, section 2 and
/// appendix 6.1. Deviation: medians come from the cumulative by bisection, not from a loss of
/// their own.
public struct EntropyBottleneckLayer: Layer {
  /// `entropy_bottleneck`.
  public static let kind = "entropy_bottleneck"

  /// The extent of the last axis.
  public var channels: Int

  /// How wide the distributions begin.
  private static let beginningScale = 10.0

  /// Creates a layer.
  public init(_ channels: Int) { self.channels = channels }

  /// Of each of five layers `matrix` `[channels, outputs, inputs]`, `bias` `[channels, outputs]`
  /// and but for the last `factor` `[channels, outputs]`, numbered from 0; and `medians`
  /// `[channels]`.
  public var parameters: [ParameterSpecification] {
    let shapes = FactorizedBits.parameterShapes(channels: channels)
    return shapes.enumerated().map { index, shape in
      let layer = index / 3
      switch index % 3 {
      case 0:
        let scale = pow(EntropyBottleneckLayer.beginningScale, 0.2)
        let weight = 1 / (scale * Double(shape[1]))
        return ParameterSpecification(
          "matrix\(layer)", shape, .offset, .constant(log(expm1(weight))))
      case 1: return ParameterSpecification("bias\(layer)", shape, .offset, .uniform(fan: 4))
      default: return ParameterSpecification("factor\(layer)", shape, .offset, .constant(0))
      }
    } + [ParameterSpecification("medians", [channels], .statistic, .constant(0))]
  }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].rank >= 1, inputs[0][-1] == channels else {
      throw .shape(expected: "\(channels) channels", found: inputs)
    }
    return inputs[0]
  }

  /// Adds noise, or rounds.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let prior = Array(parameters.dropLast())
    let value: Variable<Scalar>
    if context.isTraining {
      var random = RandomSource(seed: context.seed, purpose: "entropy bottleneck")
      value = inputs[0] + Variable(random.uniform(inputs[0].shape, in: -0.5...0.5))
      let medians = FactorizedPrior(prior.map(\.value)).medians
      context.record(Tensor([channels], medians.map { Scalar($0) }), at: prior.count)
    } else {
      let medians = parameters[prior.count]
      value = Variable.apply(StraightThroughRound(), [inputs[0] - medians]) + medians
    }
    if context.measuresBits {
      context.record(bits: Variable.apply(FactorizedBits(), [value] + prior))
    }
    return value
  }
}
