internal import Autodiff
public import Networks
public import Tensors

/// The part of a network that runs on the server, as everyone but its owner sees it: two calls.
///
/// A method that respects the closed setting uses nothing else of the tail: no weights, no layers,
/// no architecture. The first call is what a client sends at inference, the second what it sends
/// in training. Source: SALT, https://arxiv.org/abs/2506.07355.
///
/// Whoever serves a tail gives its answers as its file has them, which need not be logits; clients
/// need not know.
public protocol Tail: Sendable {
  /// The shape of the latent of one sample the tail takes.
  var latentShape: Shape { get }

  /// The number of classes, which is the length of the logits.
  var classCount: Int { get }

  /// The meaning of the answers that are served; logits unless the tail says otherwise.
  var answerMeaning: OutputMeaning { get }

  /// The numbers in an answer that is served; one for each class unless the tail says otherwise.
  var answerLength: Int { get }

  /// The answers of a batch as they are served: `[batch] + latentShape` to `[batch, answerLength]`;
  /// the logits unless the tail says otherwise.
  ///
  /// - Throws: what keeps the tail from answering.
  func answers(_ latent: Tensor<Float>) throws -> Tensor<Float>

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
  /// Logits.
  public var answerMeaning: OutputMeaning { .logits }

  /// The number of classes.
  public var answerLength: Int { classCount }

  /// The logits.
  public func answers(_ latent: Tensor<Float>) throws -> Tensor<Float> { try forward(latent) }

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

  /// The number of classes, which is the length of the logits.
  public let classCount: Int

  /// The meaning of ``answers(_:)``.
  public let answerMeaning: OutputMeaning

  /// The numbers in one of ``answers(_:)``.
  public let answerLength: Int

  /// Its first output are the logits, its last the answers.
  private let part: FrozenPart

  /// Makes a tail of a network from a latent to logits; its parameters never change.
  ///
  /// A softmax or sigmoid at the end is turned into logits, which are also the answers.
  public init(_ network: Network) {
    let answers = try? ClassAnswers(of: network)
    self.init((answers?.network ?? network).folded(), answering: .logits)
  }

  /// Makes a tail that also answers as the file of its network does.
  ///
  /// - Throws: `NetworkError` if names of nodes are taken.
  public init(_ answers: ClassAnswers) throws(NetworkError) {
    self.init(try answers.withBothForms().folded(), answering: answers.meaning)
  }

  private init(_ frozen: Network, answering meaning: OutputMeaning) {
    latentShape = frozen.inputs[0].shape
    classCount = frozen.outputShape[-1]
    answerMeaning = meaning
    answerLength = frozen.outputs.last.flatMap { frozen.shapes[$0] }?.elementCount ?? classCount
    part = FrozenPart(frozen)
  }

  /// The answers of a batch as the network's file gives them.
  ///
  /// - Throws: ``TailError/latentShape(expected:found:)``.
  public func answers(_ latent: Tensor<Float>) throws -> Tensor<Float> {
    try check(latent)
    let outputs = part.runAll(Variable(latent))
    return outputs[outputs.count - 1].value
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
