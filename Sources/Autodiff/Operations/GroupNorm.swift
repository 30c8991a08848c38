public import Tensors

/// Normalisation of groups of channels of each image to mean 0 and variance 1, then weight and
/// bias a channel; as PyTorch's `group_norm`, channels last.
///
/// With as many groups as channels it is instance normalisation.
public struct GroupNorm: Operation {
  /// The name `group_norm`.
  public static let name = "group_norm"

  /// The number of groups, which divides the channels.
  public let groups: Int

  /// What is added to the variance.
  public let epsilon: Double

  /// Creates the operation.
  ///
  /// - Precondition: at least one group.
  public init(groups: Int, epsilon: Double = 1e-5) {
    precondition(groups >= 1, "group_norm: \(groups) groups")
    self.groups = groups
    self.epsilon = epsilon
  }

  /// Evaluates on `[x]` or `[x, weight, bias]`: `[batch, ..., channels]`, `[channels]` twice.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (x, weight, bias) = affine(inputs, Self.name)
    let shape = x.shape
    precondition(
      shape.rank >= 2 && shape[-1] > 0 && shape[-1] % groups == 0,
      "group_norm: \(groups) groups of input \(shape)")
    let channels = shape[-1]
    precondition(
      weight.map { $0.shape == [channels] } ?? true && bias.map { $0.shape == [channels] } ?? true,
      "group_norm: weight \(weight?.shape ?? []) and bias \(bias?.shape ?? []) for \(shape)")
    let images = shape[0]
    let kernel = GroupNormKernel(
      images: images, positions: shape.product(1..<shape.rank - 1), channels: channels,
      groups: groups)
    var statistics = Tensor<Scalar>([images, 2, channels]) { _ in }
    let value = statistics.withUnsafeMutableBufferPointer { statistics in
      withBases(x, weight, bias) { x, weight, bias in
        Tensor<Scalar>(shape) { target in
          guard let target = target.baseAddress, let statistics = statistics.baseAddress
          else { return }
          kernel.normalize(
            x, weight: weight, bias: bias, into: target, statistics: statistics,
            epsilon: Scalar(epsilon))
        }
      }
    }
    guard requiring.contains(true) else { return Evaluation(value) }
    guard requiring[0] || (requiring.count == 3 && requiring[1]) else {
      return Evaluation(value) { [nil, nil, $0.unbroadcast(to: [channels])] }
    }
    let weightKept = requiring[0] ? weight : nil
    return Evaluation(value) { [statistics] gradient in
      var weightShares = Tensor<Scalar>([images, channels]) { _ in }
      var biasShares = Tensor<Scalar>([images, channels]) { _ in }
      func run(_ target: UnsafeMutablePointer<Scalar>?) {
        withBases(gradient, x, statistics, weightKept) { gradient, x, statistics, weight in
          weightShares.withUnsafeMutableBufferPointer { weightShares in
            biasShares.withUnsafeMutableBufferPointer { biasShares in
              guard let x, let statistics, let weightShares = weightShares.baseAddress,
                let biasShares = biasShares.baseAddress
              else { return }
              kernel.pullBack(
                gradient, x: x, weight: weight, statistics: statistics, into: target,
                weightShares: weightShares, biasShares: biasShares)
            }
          }
        }
      }
      var inputGradient: Tensor<Scalar>?
      if requiring[0] { inputGradient = Tensor(shape) { run($0.baseAddress) } } else { run(nil) }
      guard requiring.count == 3 else { return [inputGradient] }
      return [
        inputGradient,
        requiring[1] ? weightShares.unbroadcast(to: [channels]) : nil,
        requiring[2] ? biasShares.unbroadcast(to: [channels]) : nil,
      ]
    }
  }
}
