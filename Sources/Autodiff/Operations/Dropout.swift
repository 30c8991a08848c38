public import Tensors

/// Zeroes each element with a probability and divides the others by the rest; for training only.
///
/// Which elements are dropped follows from the seed and their index alone; a training step passes
/// a new seed. In evaluation there is nothing to do, and this operation is left out.
public struct Dropout: Operation {
  /// The name `dropout`.
  public static let name = "dropout"

  /// The probability with which an element is dropped.
  public let rate: Double

  /// The seed of the choice.
  public let seed: UInt64

  /// Creates the operation.
  ///
  /// - Precondition: `rate` in `0...1`.
  public init(rate: Double, seed: UInt64) {
    precondition((0...1).contains(rate), "dropout: rate \(rate)")
    self.rate = rate
    self.seed = seed
  }

  /// Evaluates on one input of any shape.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let value = masked(single(inputs, Self.name))
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { [masked($0)] }
  }

  private func masked<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    if rate == 0 { return x }
    return x.withUnsafeBufferPointer { source in
      Tensor(x.shape) { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        DropoutKernel.apply(source, into: target, count: x.count, rate: rate, seed: seed)
      }
    }
  }
}
