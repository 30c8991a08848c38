public import Tensors

/// Normalisation over the last axes to mean 0 and variance 1, then weight and bias; as PyTorch's
/// `layer_norm`.
public struct LayerNorm: Operation {
  /// The name `layer_norm`.
  public static let name = "layer_norm"

  /// How many of the last axes are normalised together.
  public let axisCount: Int

  /// What is added to the variance.
  public let epsilon: Double

  /// Creates the operation; by default over the last axis.
  ///
  /// - Precondition: at least one axis.
  public init(axisCount: Int = 1, epsilon: Double = 1e-5) {
    precondition(axisCount >= 1, "layer_norm: over \(axisCount) axes")
    self.axisCount = axisCount
    self.epsilon = epsilon
  }

  /// Evaluates on `[x]` or `[x, weight, bias]`, whose shape is that of the normalised axes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (x, weight, bias) = affine(inputs, Self.name)
    precondition(
      axisCount <= x.shape.rank, "layer_norm: over \(axisCount) axes of input \(x.shape)")
    let normalized = Shape(x.shape.dimensions.suffix(axisCount))
    precondition(
      weight.map { $0.shape == normalized } ?? true && bias.map { $0.shape == normalized } ?? true,
      "layer_norm: weight \(weight?.shape ?? []) and bias \(bias?.shape ?? []) for \(normalized)")
    let columns = normalized.elementCount
    let rows = x.count / max(columns, 1)
    var statistics = Tensor<Scalar>([rows, 2]) { _ in }
    let value = statistics.withUnsafeMutableBufferPointer { statistics in
      withBases(x, weight, bias) { x, weight, bias in
        Tensor<Scalar>(inputs[0].shape) { target in
          guard let target = target.baseAddress, let statistics = statistics.baseAddress,
            columns > 0
          else { return }
          LayerNormKernel.normalize(
            x, weight: weight, bias: bias, into: target, statistics: statistics, rows: rows,
            columns: columns, epsilon: Scalar(epsilon))
        }
      }
    }
    guard requiring.contains(true) else { return Evaluation(value) }
    let inputKept = requiring[0] || requiring[1...].first == true ? x : nil
    let weightKept = requiring[0] ? weight : nil
    return Evaluation(value) { [statistics] gradient in
      var gradients: [Tensor<Scalar>?] = [nil]
      if requiring[0], let inputKept {
        gradients[0] = withBases(gradient, inputKept, statistics, weightKept) {
          gradient, x, statistics, weight in
          Tensor(inputKept.shape) { target in
            guard let x, let statistics, let target = target.baseAddress else { return }
            LayerNormKernel.pullBackInput(
              gradient, x: x, weight: weight, statistics: statistics, into: target, rows: rows,
              columns: columns)
          }
        }
      }
      guard requiring.count == 3 else { return gradients }
      gradients += [nil, nil]
      if requiring[1], let inputKept {
        gradients[1] = withBases(gradient, inputKept, statistics) { gradient, x, statistics in
          Tensor(normalized) { target in
            guard let x, let statistics, let target = target.baseAddress else { return }
            LayerNormKernel.pullBackWeight(
              gradient, x: x, statistics: statistics, into: target, rows: rows, columns: columns)
          }
        }
      }
      if requiring[2] { gradients[2] = gradient.unbroadcast(to: normalized) }
      return gradients
    }
  }
}

/// The operands of a normalisation: the input, and weight and bias or neither.
func affine<Scalar>(
  _ inputs: [Tensor<Scalar>], _ name: String
) -> (Tensor<Scalar>, Tensor<Scalar>?, Tensor<Scalar>?) {
  precondition(
    inputs.count == 1 || inputs.count == 3, "\(name): \(inputs.count) inputs, 1 or 3 are needed")
  return inputs.count == 3 ? (inputs[0], inputs[1], inputs[2]) : (inputs[0], nil, nil)
}

/// Lends the memory of a tensor and of up to three optional ones to a kernel.
func withBases<Scalar, Result>(
  _ first: Tensor<Scalar>, _ second: Tensor<Scalar>? = nil, _ third: Tensor<Scalar>? = nil,
  _ fourth: Tensor<Scalar>? = nil,
  _ body: (
    UnsafePointer<Scalar>, UnsafePointer<Scalar>?, UnsafePointer<Scalar>?, UnsafePointer<Scalar>?
  ) -> Result
) -> Result {
  first.withUnsafeBufferPointer { firstBuffer in
    guard let base = firstBuffer.baseAddress else { preconditionFailure("a tensor has memory") }
    guard let second else { return body(base, nil, nil, nil) }
    return second.withUnsafeBufferPointer { secondBuffer in
      guard let third else { return body(base, secondBuffer.baseAddress, nil, nil) }
      return third.withUnsafeBufferPointer { thirdBuffer in
        guard let fourth else {
          return body(base, secondBuffer.baseAddress, thirdBuffer.baseAddress, nil)
        }
        return fourth.withUnsafeBufferPointer { fourthBuffer in
          body(base, secondBuffer.baseAddress, thirdBuffer.baseAddress, fourthBuffer.baseAddress)
        }
      }
    }
  }
}

/// Lends the memory of a tensor and of up to two optional ones to a kernel.
func withBases<Scalar, Result>(
  _ first: Tensor<Scalar>, _ second: Tensor<Scalar>?, _ third: Tensor<Scalar>?,
  _ body: (UnsafePointer<Scalar>, UnsafePointer<Scalar>?, UnsafePointer<Scalar>?) -> Result
) -> Result {
  withBases(first, second, third, nil) { first, second, third, _ in body(first, second, third) }
}
