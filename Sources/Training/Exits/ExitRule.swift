internal import Foundation

/// How sure an exit has to be of its answer for it to be the answer.
public enum ExitRule: String, Codable, CaseIterable, Sendable {
  /// The probability of the most probable class.
  case maxSoftmax = "max_softmax"
  /// One minus the entropy of the classes over that of all equally probable.
  case entropy
  /// The probability of the most probable class less that of the next.
  case margin
  /// What a unit says that has learned when the exit is right.
  case learned

  /// How sure an exit is, from 0 to 1.
  ///
  /// - Parameters:
  ///   - logits: of the classes.
  ///   - temperature: what logits are divided by first.
  ///   - gate: what the learned unit says, a logit; only its rule reads it.
  public func confidence(
    _ logits: UnsafeBufferPointer<Float>, temperature: Double, gate: Float?
  ) -> Double {
    if self == .learned {
      let confidence = 1 / (1 + exp(-Double(gate ?? -.infinity)))
      return confidence.isNaN ? 0 : confidence
    }
    guard let largest = logits.max(), largest.isFinite else { return 0 }
    var sum = 0.0
    var weighted = 0.0
    var next = 0.0
    var seenLargest = false
    for logit in logits {
      let shifted = Double(logit - largest) / temperature
      let value = exp(shifted)
      sum += value
      if value > 0 { weighted += value * shifted }
      if logit == largest, !seenLargest { seenLargest = true } else { next = max(next, value) }
    }
    guard sum.isFinite else { return 0 }
    switch self {
    case .maxSoftmax: return 1 / sum
    case .margin: return (1 - next) / sum
    case .entropy:
      guard logits.count > 1 else { return 1 }
      return max(0, 1 - (log(sum) - weighted / sum) / log(Double(logits.count)))
    case .learned: return 0
    }
  }
}

/// One exit as it is deployed: the values it gives, and when they are the answer.
public struct ExitDecision: Codable, Hashable, Sendable {
  /// Where an exit stands.
  public enum Place: String, Codable, Sendable {
    /// On the device: what exits here is not sent.
    case device
    /// On the server: what exits here is answered earlier.
    case server
  }

  /// The value of the network that the exit reads.
  public var edge: String
  /// The value that holds its logits.
  public var output: String
  /// The value that holds what its learned unit says, if it has one.
  public var gate: String?
  /// Where it stands.
  public var place: Place
  /// How sure it is.
  public var rule: ExitRule
  /// What logits are divided by first.
  public var temperature: Double
  /// How sure it has to be at least; above 1 for never.
  public var threshold: Double

  /// Describes an exit.
  public init(
    edge: String, output: String, gate: String?, place: Place, rule: ExitRule,
    temperature: Double = 1, threshold: Double = ExitDecision.never
  ) {
    self.edge = edge
    self.output = output
    self.gate = gate
    self.place = place
    self.rule = rule
    self.temperature = temperature
    self.threshold = threshold
  }

  /// A threshold that nothing reaches.
  public static let never = 2.0

  /// How sure the exit is of an answer.
  public func confidence(_ logits: UnsafeBufferPointer<Float>, gate: Float?) -> Double {
    rule.confidence(logits, temperature: temperature, gate: gate)
  }
}
