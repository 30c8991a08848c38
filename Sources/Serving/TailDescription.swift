public import Networks
public import Tensors

/// What a server tells of its tail: what goes in and comes out, and what is allowed; no weights and
/// no layers.
public struct TailDescription: Hashable, Codable, Sendable {
  /// The shape of one latent.
  public var latentShape: Shape
  /// The number of classes.
  public var classCount: Int
  /// The meaning of an answer's numbers.
  public var answerMeaning: OutputMeaning
  /// The numbers in an answer.
  public var answerLength: Int
  /// What the tail costs, if its owner says so.
  public var cost: Cost?
  /// What the server allows.
  public var limits: ServiceLimits

  /// Creates a description.
  ///
  /// - Parameter answerLength: one number for each class if nil.
  public init(
    latentShape: Shape, classCount: Int, answerMeaning: OutputMeaning = .logits,
    answerLength: Int? = nil, cost: Cost?, limits: ServiceLimits
  ) {
    self.latentShape = latentShape
    self.classCount = classCount
    self.answerMeaning = answerMeaning
    self.answerLength = answerLength ?? classCount
    self.cost = cost
    self.limits = limits
  }

  /// Refuses a number of latents that one request may not have.
  func checkCount(_ count: Int) throws(ServiceRefusal) {
    guard count > 0 else { throw ServiceRefusal.invalid("there are no latents") }
    guard count <= limits.batchSize else {
      throw ServiceRefusal.tooMany(what: "latents", found: count, most: limits.batchSize)
    }
  }
}
