internal import Autodiff
public import Networks
public import Tensors

/// The part of a network that runs on the server, as everyone but its owner sees it: two calls.
///
/// A method that respects the closed setting uses nothing else of the tail: no weights, no layers,
/// no architecture. The first call is what a client sends at inference, the second what it sends
/// in training. Source: SALT, https://arxiv.org/abs/2506.07355.
public protocol Tail: Sendable {
  /// The shape of the latent of one sample the tail takes.
  var latentShape: Shape { get }

  /// The length of the logits.
  var classCount: Int { get }

  /// The logits of a batch: `[batch] + latentShape` to `[batch, classCount]`.
  ///
  /// - Throws: what keeps the tail from answering, such as a broken connection.
  func forward(_ latent: Tensor<Float>) throws -> Tensor<Float>

  /// The mean cross-entropy of a batch and its gradient for the latent.
  ///
  /// - Parameters:
  ///   - latent: `[batch] + latentShape`.
  ///   - labels: the true class of each sample, from 0 up to `classCount`.
  /// - Throws: what keeps the tail from answering.
  func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient
}

extension Tail {
  /// Checks a batch of latents that a client gives.
  ///
  /// - Throws: ``TailError/latentShape(expected:found:)``.
  package func check(_ latent: Tensor<Float>) throws(TailError) {
    guard latent.shape.rank == latentShape.rank + 1, latent.shape.droppingFirst() == latentShape
    else { throw TailError.latentShape(expected: latentShape, found: latent.shape) }
  }

  /// Checks a batch of latents and the classes that belong to them.
  ///
  /// - Throws: ``TailError``.
  package func check(_ latent: Tensor<Float>, labels: [Int32]) throws(TailError) {
    try check(latent)
    guard labels.count == latent.shape[0] else {
      throw TailError.labelCount(expected: latent.shape[0], found: labels.count)
    }
    for label in labels where label < 0 || Int(label) >= classCount {
      throw TailError.label(label, classCount: classCount)
    }
  }
}

/// What a tail answers in training.
public struct TailGradient: Sendable {
  /// The mean cross-entropy over the batch, in nats.
  public let loss: Float

  /// The gradient of the loss for the latent, of the latent's shape.
  public let latent: Tensor<Float>

  /// Creates an answer.
  public init(loss: Float, latent: Tensor<Float>) {
    self.loss = loss
    self.latent = latent
  }
}

/// What a tail refuses to answer.
public enum TailError: Error, Equatable, CustomStringConvertible {
  /// The latent has another shape than the tail takes.
  case latentShape(expected: Shape, found: Shape)
  /// There are not as many labels as latents.
  case labelCount(expected: Int, found: Int)
  /// A label is no class of the tail.
  case label(Int32, classCount: Int)

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .latentShape(let expected, let found):
      "the tail takes a batch of \(expected), found \(found)"
    case .labelCount(let expected, let found):
      "\(found) labels for \(expected) latents"
    case .label(let label, let count):
      "label \(label) is not a class of the tail, which has \(count)"
    }
  }
}

/// A tail whose network is in this process.
public struct LocalTail: Tail {
  /// The shape of the latent of one sample the tail takes.
  public let latentShape: Shape

  /// The length of the logits.
  public let classCount: Int

  private let part: FrozenPart

  /// Makes a tail of a network from a latent to logits; its parameters never change.
  ///
  /// A softmax at the end is left off, so that the output is logits.
  public init(_ network: Network) {
    let frozen = network.withoutFinalSoftmax().folded()
    latentShape = frozen.inputs[0].shape
    classCount = frozen.outputShape[-1]
    part = FrozenPart(frozen)
  }

  /// The logits of a batch.
  ///
  /// - Throws: ``TailError/latentShape(expected:found:)``.
  public func forward(_ latent: Tensor<Float>) throws -> Tensor<Float> {
    try check(latent)
    return part.run(Variable(latent)).value
  }

  /// The mean cross-entropy of a batch and its gradient for the latent.
  ///
  /// - Throws: ``TailError`` if shapes or labels do not fit.
  public func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient {
    try check(latent, labels: labels)
    let input = Variable(latent, requiresGradient: true)
    let loss = Variable.apply(CrossEntropy(labels: labels), [part.run(input)])
    loss.backward()
    return TailGradient(
      loss: loss.value.item, latent: input.gradient ?? Tensor(latent.shape, repeating: 0))
  }
}
