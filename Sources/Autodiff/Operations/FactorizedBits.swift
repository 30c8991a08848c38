public import Tensors

/// The bits an ideal coder needs for values whose channels each have a learned distribution: the
/// factorized prior.
///
/// `Σ −log₂ max(c(y + ½) − c(y − ½), 10⁻⁹)` over all but the first axis, with the cumulative `c`
/// of each channel the logistic function of five layers of 3, 3, 3, 3 and 1: weights
/// `softplus(H)`, biases b, and after all but the last `x + tanh(a) tanh(x)`.
///
/// Source: Ballé and others 2018, https://arxiv.org/abs/1802.01436, appendix 6.1. A probability
/// below the bound passes the gradient that raises it, as in ``LowerBound``.
public struct FactorizedBits: Operation {
  /// The name `factorized_bits`.
  public static let name = "factorized_bits"

  /// The shapes of the parameters of `channels` channels, in the order they are taken in: of each
  /// layer H `[channels, outputs, inputs]`, b `[channels, outputs]`, and but for the last
  /// a `[channels, outputs]`.
  public static func parameterShapes(channels: Int) -> [Shape] {
    let widths = FactorizedPriorKernel.widths
    return (0..<5).flatMap { layer in
      let outputs = widths[layer + 1]
      let shapes: [Shape] = [[channels, outputs, widths[layer]], [channels, outputs]]
      return layer < 4 ? shapes + [[channels, outputs]] : shapes
    }
  }

  /// Creates the operation.
  public init() {}

  /// Evaluates on `[y]`, `[batch, ..., channels]`, and the parameters; `[batch]`.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let y = inputs[0]
    precondition(
      y.shape.rank >= 2
        && inputs.dropFirst().map(\.shape)
          == FactorizedBits.parameterShapes(channels: y.shape[-1]),
      "factorized_bits: \(y.shape) and parameters \(inputs.dropFirst().map(\.shape))")
    let channels = y.shape[-1]
    let samples = y.shape[0]
    let kernel = FactorizedPriorKernel(
      samples: samples, positions: y.shape.product(1..<y.shape.rank - 1), channels: channels)
    let parameters = Array(inputs.dropFirst())
    let packed = FactorizedPriorKernel.packed(parameters, channels: channels)
    let parts = y.withUnsafeBufferPointer { y in
      packed.withUnsafeBufferPointer { packed in
        Tensor<Scalar>([samples, channels]) { bits in
          guard let y = y.baseAddress, let packed = packed.baseAddress,
            let bits = bits.baseAddress
          else { return }
          kernel.measure(y, parameters: packed, into: bits)
        }
      }
    }
    let value = parts.reduced(.sum, axes: [-1]).reshaped(to: [samples])
    guard requiring.contains(true) else { return Evaluation(value) }
    let wantsParameters = requiring.dropFirst().contains(true)
    let kept = wantsParameters ? parameters : []
    let shape = y.shape
    return Evaluation(value) { gradient in
      var packedGradient = Tensor<Scalar>(packed.shape) { _ in }
      func run(_ target: UnsafeMutablePointer<Scalar>?) {
        gradient.withUnsafeBufferPointer { gradient in
          y.withUnsafeBufferPointer { y in
            packed.withUnsafeBufferPointer { packed in
              packedGradient.withUnsafeMutableBufferPointer { parameters in
                guard let gradient = gradient.baseAddress, let y = y.baseAddress,
                  let packed = packed.baseAddress
                else { return }
                kernel.pullBack(
                  gradient, y: y, parameters: packed, into: target,
                  wantsParameters ? parameters.baseAddress : nil)
              }
            }
          }
        }
      }
      var inputGradient: Tensor<Scalar>?
      if requiring[0] { inputGradient = Tensor(shape) { run($0.baseAddress) } } else { run(nil) }
      guard wantsParameters else {
        return [inputGradient] + requiring.dropFirst().map { _ in nil }
      }
      let all = FactorizedPriorKernel.unpacked(
        packedGradient, at: kept, channels: channels)
      return [inputGradient] + zip(all, requiring.dropFirst()).map { $1 ? $0 : nil }
    }
  }
}
