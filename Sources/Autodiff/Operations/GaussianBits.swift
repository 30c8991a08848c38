public import Tensors

/// The bits an ideal coder needs for values that each have a normal distribution of their own.
///
/// `Σ −log₂ max(Φ((v + ½) / σ) − Φ((v − ½) / σ), 10⁻⁹)` with `v = y − μ`, over all but the first
/// axis.
///
/// Source: Ballé and others 2018, https://arxiv.org/abs/1802.01436, section 3; with means, Minnen
/// and others 2018, https://arxiv.org/abs/1809.02736. A probability below the bound passes the
/// gradient that raises it, as in ``LowerBound``.
public struct GaussianBits: Operation {
  /// The name `gaussian_bits`.
  public static let name = "gaussian_bits"

  /// Creates the operation.
  public init() {}

  /// Evaluates on `[y, σ]` or `[y, σ, μ]`, all `[batch, ...]` of one shape and σ above 0; `[batch]`.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let shape = inputs[0].shape
    precondition(
      (2...3).contains(inputs.count) && shape.rank >= 1
        && inputs.allSatisfy { $0.shape == shape },
      "gaussian_bits: \(inputs.map(\.shape))")
    let samples = shape[0]
    let kernel = GaussianBitsKernel(samples: samples, values: shape.product(1..<shape.rank))
    func withPointers(
      _ body: (UnsafePointer<Scalar>, UnsafePointer<Scalar>, UnsafePointer<Scalar>?) -> Void
    ) {
      inputs[0].withUnsafeBufferPointer { y in
        inputs[1].withUnsafeBufferPointer { scale in
          guard let y = y.baseAddress, let scale = scale.baseAddress else { return }
          guard inputs.count > 2 else { return body(y, scale, nil) }
          inputs[2].withUnsafeBufferPointer { body(y, scale, $0.baseAddress) }
        }
      }
    }
    let value = Tensor<Scalar>([samples]) { bits in
      bits.initialize(repeating: 0)
      withPointers { y, scale, mean in
        if let bits = bits.baseAddress { kernel.measure(y, scale: scale, mean: mean, into: bits) }
      }
    }
    guard requiring.contains(true) else { return Evaluation(value) }
    return Evaluation(value) { gradient in
      var scaleGradient = Tensor<Scalar>(shape) { _ in }
      let inputGradient = Tensor<Scalar>(shape) { dy in
        gradient.withUnsafeBufferPointer { gradient in
          scaleGradient.withUnsafeMutableBufferPointer { dscale in
            withPointers { y, scale, mean in
              guard let gradient = gradient.baseAddress, let dy = dy.baseAddress,
                let dscale = dscale.baseAddress
              else { return }
              kernel.pullBack(gradient, y: y, scale: scale, mean: mean, into: dy, dscale)
            }
          }
        }
      }
      let all = [inputGradient, scaleGradient]
      let means =
        requiring.count > 2 && requiring[2]
        ? UnaryFunction.affine(scale: -1, shift: 0).applied(to: inputGradient) : nil
      return zip(all, requiring).map { $1 ? $0 : nil } + (requiring.count > 2 ? [means] : [])
    }
  }
}
