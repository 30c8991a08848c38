public import Tensors

/// How well several labels, each of which a sample has or has not, are predicted.
///
/// A label is predicted where the sigmoid of its logit is above a half, that is, where the logit is
/// above 0. A logit that is NaN is no prediction: the label is not predicted, stands last in every
/// ranking, and its sample is not right as a whole.
public struct MultiLabelAccuracy: Sendable {
  /// The number of labels.
  public let labelCount: Int

  /// The number of samples.
  public private(set) var sampleCount = 0

  /// The number of samples all of whose labels are predicted right.
  private var exactCount = 0

  /// By label.
  private var records: [Record]

  private struct Record: Sendable {
    var truePositives = 0
    var falsePositives = 0
    var falseNegatives = 0
    /// The samples that have a prediction.
    var ranked: [(logit: Float, isPositive: Bool)] = []

    var f1: Double? { Self.f1(truePositives, falsePositives, falseNegatives) }

    static func f1(_ right: Int, _ wrong: Int, _ missed: Int) -> Double? {
      let whole = 2 * right + wrong + missed
      return whole == 0 ? nil : Double(2 * right) / Double(whole)
    }

    /// Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds, samples of equal logits together.
    var averagePrecision: Double? {
      let positives = truePositives + falseNegatives
      guard positives > 0 else { return nil }
      let order = ranked.sorted { $0.logit > $1.logit }
      var sum = 0.0
      var right = 0
      var start = 0
      while start < order.count {
        var end = start
        var hits = 0
        while end < order.count, order[end].logit == order[start].logit {
          if order[end].isPositive { hits += 1 }
          end += 1
        }
        right += hits
        sum += Double(hits) / Double(positives) * Double(right) / Double(end)
        start = end
      }
      return sum
    }
  }

  /// Creates a measurement of nothing.
  ///
  /// - Precondition: at least one label.
  public init(labelCount: Int) {
    precondition(labelCount >= 1, "MultiLabelAccuracy: \(labelCount) labels")
    self.labelCount = labelCount
    records = Array(repeating: Record(), count: labelCount)
  }

  /// Adds samples.
  ///
  /// - Parameters:
  ///   - logits: `[samples, labels]`.
  ///   - truths: `[samples, labels]`, 1 where a sample has a label and 0 where not.
  /// - Precondition: the shapes are these, and the truths are 0 or 1.
  public mutating func add(logits: Tensor<Float>, truths: Tensor<Float>) {
    precondition(
      logits.shape.rank == 2 && logits.shape[1] == labelCount && logits.shape == truths.shape,
      "MultiLabelAccuracy: logits \(logits.shape) and truths \(truths.shape) of "
        + "\(labelCount) labels")
    let (logits, truths) = (logits.scalars, truths.scalars)
    for start in stride(from: 0, to: logits.count, by: labelCount) {
      var isExact = true
      for label in 0..<labelCount {
        let logit = logits[start + label]
        let truth = truths[start + label]
        precondition(truth == 0 || truth == 1, "MultiLabelAccuracy: the truth \(truth)")
        let isPositive = truth == 1
        let isPredicted = logit > 0
        switch (isPositive, isPredicted) {
        case (true, true): records[label].truePositives += 1
        case (false, true): records[label].falsePositives += 1
        case (true, false): records[label].falseNegatives += 1
        case (false, false): break
        }
        if logit.isNaN || isPositive != isPredicted { isExact = false }
        if !logit.isNaN { records[label].ranked.append((logit, isPositive)) }
      }
      sampleCount += 1
      if isExact { exactCount += 1 }
    }
  }

  /// Adds the samples of another part of the data.
  ///
  /// - Precondition: as many labels.
  public mutating func merge(_ other: MultiLabelAccuracy) {
    precondition(
      labelCount == other.labelCount,
      "MultiLabelAccuracy: \(labelCount) and \(other.labelCount) labels")
    sampleCount += other.sampleCount
    exactCount += other.exactCount
    for label in records.indices {
      records[label].truePositives += other.records[label].truePositives
      records[label].falsePositives += other.records[label].falsePositives
      records[label].falseNegatives += other.records[label].falseNegatives
      records[label].ranked += other.records[label].ranked
    }
  }
}

// MARK: - Measures

extension MultiLabelAccuracy {
  /// The fraction of samples all of whose labels are predicted right; nil without samples.
  public var subsetAccuracy: Double? {
    sampleCount == 0 ? nil : Double(exactCount) / Double(sampleCount)
  }

  /// By label: the harmonic mean of precision and recall; nil if no sample has the label and none
  /// is predicted to.
  public var perLabelF1: [Double?] { records.map(\.f1) }

  /// The mean of ``perLabelF1`` over the labels that have one.
  public var macroF1: Double? { mean(perLabelF1.compactMap { $0 }) }

  /// F1 from the counts of all labels together; nil if there is nothing to find and nothing found.
  public var microF1: Double? {
    func sum(_ count: KeyPath<Record, Int>) -> Int { records.reduce(0) { $0 + $1[keyPath: count] } }
    return Record.f1(sum(\.truePositives), sum(\.falsePositives), sum(\.falseNegatives))
  }

  /// By label: the average precision of the samples ranked by their logits; nil if no sample has
  /// the label.
  public var averagePrecisions: [Double?] { records.map(\.averagePrecision) }

  /// The mean of ``averagePrecisions`` over the labels that have one.
  public var meanAveragePrecision: Double? { mean(averagePrecisions.compactMap { $0 }) }
}
