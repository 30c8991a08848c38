public import Splitting
public import Tensors

/// A tail that takes latents as they cross the link, and says how long it had them.
public protocol TimedTail: Tail {
  /// Keeps a codec's tables, by the number that streams call them by.
  ///
  /// - Returns: what requests call them by.
  /// - Throws: what keeps the tail from answering.
  func share(_ tables: [Int: [UInt8]]) throws -> String

  /// The logits of latents.
  ///
  /// - Throws: what keeps the tail from answering.
  func answer(_ sent: SentLatents) throws -> TimedLogits
}

/// What a tail answers, and when.
public struct TimedLogits: Sendable {
  /// The logits, `[latents, classes]`.
  public let logits: Tensor<Float>
  /// How long the tail had the request, with its waiting for others.
  public let served: TimeSpan

  /// Creates an answer.
  public init(logits: Tensor<Float>, served: TimeSpan) {
    self.logits = logits
    self.served = served
  }
}
