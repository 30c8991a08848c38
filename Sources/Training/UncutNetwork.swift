public import Networks
public import Splitting
public import Tensors

/// The network that a split system stands in for, in one piece or as the head and tail it was made
/// from: what fidelity is measured against.
public struct UncutNetwork: Sendable {
  private let inputTransform: InputTransform
  private let answer: @Sendable (Tensor<Float>) throws -> [Tensor<Float>]

  /// Takes a network in one piece; a softmax at the end of its only output is left off.
  public init(_ network: Network, through inputTransform: InputTransform) {
    let server = Server(network)
    self.inputTransform = inputTransform
    answer = { try server($0) }
  }

  /// Joins a head to a tail, with every value between them as it is.
  public init(head: Head, tail: any Tail, through inputTransform: InputTransform) {
    self.inputTransform = inputTransform
    answer = { [try tail.forward(head($0))] }
  }

  /// The answers to a batch of images, one tensor for each output.
  ///
  /// - Parameter pixels: `[batch, height, width, channels]`, from 0 to 255.
  /// - Throws: `InputTransformError` if the channels do not fit, or what a tail throws.
  public func callAsFunction(_ pixels: Tensor<Float>) throws -> [Tensor<Float>] {
    try answer(try inputTransform(pixels))
  }
}
