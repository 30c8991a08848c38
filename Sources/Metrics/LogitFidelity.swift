internal import Foundation
public import Tensors

/// Fidelity of a classifier's logits to those of a reference, which needs no labels.
///
/// A row of logits is one answer: that of a sample, or that of a pixel of a class map.
public struct LogitFidelity: Sendable {
  /// Answers that were compared.
  public private(set) var count = 0
  private var agreeing = 0
  private var divergence = 0.0
  private var squares = 0.0
  private var values = 0

  /// Creates an empty measure.
  public init() {}

  /// Compares a batch of answers.
  ///
  /// - Parameters:
  ///   - logits: `[…, classes]`.
  ///   - reference: those of the reference, of the same shape.
  /// - Precondition: equal shapes with at least one class.
  public mutating func accumulate(logits: Tensor<Float>, reference: Tensor<Float>) {
    precondition(
      logits.shape == reference.shape && logits.shape.rank > 0 && logits.shape[-1] > 0,
      "LogitFidelity: \(logits.shape) and \(reference.shape)")
    let classes = logits.shape[-1]
    logits.withUnsafeBufferPointer { logits in
      reference.withUnsafeBufferPointer { reference in
        for start in stride(from: 0, to: logits.count, by: classes) {
          add(
            UnsafeBufferPointer(rebasing: logits[start..<start + classes]),
            UnsafeBufferPointer(rebasing: reference[start..<start + classes]))
        }
      }
    }
  }

  private mutating func add(
    _ logits: UnsafeBufferPointer<Float>, _ reference: UnsafeBufferPointer<Float>
  ) {
    count += 1
    if logits.indexOfLargest == reference.indexOfLargest { agreeing += 1 }
    let (own, ownSum) = LogitFidelity.logSum(logits)
    let (other, otherSum) = LogitFidelity.logSum(reference)
    for (value, expected) in zip(logits, reference) {
      let logProbability = Double(expected) - other - otherSum
      divergence += exp(logProbability) * (logProbability - (Double(value) - own - ownSum))
      let difference = Double(value) - Double(expected)
      squares += difference * difference
    }
    values += logits.count
  }

  /// The largest logit, and the logarithm of the sum of all exponentials relative to it.
  private static func logSum(_ logits: UnsafeBufferPointer<Float>) -> (Double, Double) {
    let largest = Double(logits.max() ?? 0)
    return (largest, log(logits.reduce(0.0) { $0 + exp(Double($1) - largest) }))
  }

  /// The fraction of answers whose most probable class is the reference's; nil of none.
  public var agreement: Double? { count > 0 ? Double(agreeing) / Double(count) : nil }

  /// The mean Kullback–Leibler divergence of the answers from the reference's, in nats; nil of none.
  public var meanDivergence: Double? { count > 0 ? divergence / Double(count) : nil }

  /// The mean squared difference of the logits; nil of none.
  public var meanSquaredError: Double? { values > 0 ? squares / Double(values) : nil }
}
