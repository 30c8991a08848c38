public import Tensors

/// Counts of predictions by true class, from which all measures of classification follow.
///
/// A sample's prediction is the class with the highest logit, the lower index among equals.
public struct ClassificationCounts: Hashable, Sendable {
  /// The number of classes.
  public let classCount: Int

  /// The `k` of ``topKAccuracy``, at least 1.
  public let k: Int

  /// `confusion[true · classCount + predicted]`.
  private var confusion: [Int]
  /// By true class: the samples whose true class is among the `k` highest logits.
  private var topK: [Int]
  /// By true class: the samples with a NaN among their logits, which have no prediction.
  private var unpredicted: [Int]

  /// Creates counts of nothing.
  ///
  /// - Precondition: at least one class, and `k` at least 1.
  public init(classCount: Int, k: Int = 5) {
    precondition(classCount >= 1 && k >= 1, "ClassificationCounts: \(classCount) classes, k \(k)")
    self.classCount = classCount
    self.k = k
    confusion = Array(repeating: 0, count: classCount * classCount)
    topK = Array(repeating: 0, count: classCount)
    unpredicted = Array(repeating: 0, count: classCount)
  }

  /// Adds the predictions of a batch.
  ///
  /// - Parameters:
  ///   - logits: `[samples, classes]`.
  ///   - labels: the true class of each sample.
  ///   - mask: the classes that can be predicted, as if the logits of the others were −∞; nil for
  ///     all. A sample of another class counts as wrong.
  /// - Precondition: the shapes fit, the labels are classes, and the mask allows a class.
  public mutating func accumulate(
    logits: Tensor<Float>, labels: [Int32], maskedTo mask: Set<Int>? = nil
  ) {
    precondition(
      logits.shape == [labels.count, classCount],
      "ClassificationCounts: logits \(logits.shape) for \(labels.count) labels of "
        + "\(classCount) classes")
    let allowed = (0..<classCount).map { mask?.contains($0) ?? true }
    precondition(allowed.contains(true), "ClassificationCounts: the mask allows no class")
    logits.withUnsafeBufferPointer { logits in
      for (sample, label) in labels.enumerated() {
        precondition(
          label >= 0 && Int(label) < classCount, "ClassificationCounts: the label \(label)")
        let row = UnsafeBufferPointer(
          rebasing: logits[sample * classCount..<(sample + 1) * classCount])
        add(row, label: Int(label), allowed: allowed)
      }
    }
  }

  private mutating func add(
    _ row: UnsafeBufferPointer<Float>, label: Int, allowed: [Bool]
  ) {
    let own = row[label]
    var best = -1
    var ahead = 0
    for index in 0..<classCount where allowed[index] {
      let logit = row[index]
      if logit.isNaN {
        unpredicted[label] += 1
        return
      }
      if best < 0 || logit > row[best] { best = index }
      if logit > own || (logit == own && index < label) { ahead += 1 }
    }
    confusion[label * classCount + best] += 1
    if allowed[label], ahead < k { topK[label] += 1 }
  }

  /// Adds the counts of other samples.
  ///
  /// - Precondition: the same classes and `k`.
  public mutating func merge(_ other: ClassificationCounts) {
    precondition(
      classCount == other.classCount && k == other.k,
      "ClassificationCounts: \(classCount) and \(other.classCount) classes, k \(k), \(other.k)")
    for index in confusion.indices { confusion[index] += other.confusion[index] }
    for index in topK.indices {
      topK[index] += other.topK[index]
      unpredicted[index] += other.unpredicted[index]
    }
  }
}

// MARK: - Counts

extension ClassificationCounts {
  /// How many samples of a class were predicted as another (or the same) class.
  public subscript(true trueClass: Int, predicted predicted: Int) -> Int {
    confusion[trueClass * classCount + predicted]
  }

  /// The number of samples.
  public var sampleCount: Int { (0..<classCount).reduce(0) { $0 + sampleCount(of: $1) } }

  /// The number of samples that have no prediction, since one of their logits is NaN.
  public var unpredictedCount: Int { unpredicted.reduce(0, +) }

  /// The number of samples of a true class.
  public func sampleCount(of trueClass: Int) -> Int {
    confusion[trueClass * classCount..<(trueClass + 1) * classCount].reduce(
      unpredicted[trueClass], +)
  }

  /// The number of samples predicted as a class.
  public func predictedCount(of predicted: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[true: $1, predicted: predicted] }
  }
}

// MARK: - Measures

extension ClassificationCounts {
  /// The fraction of samples predicted right; nil without samples.
  public var accuracy: Double? { accuracy(of: 0..<classCount) }

  /// The fraction of samples whose true class is among the `k` highest logits; nil without samples.
  public var topKAccuracy: Double? { Self.fraction(topK.reduce(0, +), of: sampleCount) }

  /// The accuracy on each true class; nil for classes without samples.
  public var perClassAccuracy: [Double?] { (0..<classCount).map { accuracy(of: [$0]) } }

  /// The fraction predicted right among the samples of some true classes; nil without samples.
  ///
  /// - Precondition: all are classes.
  public func accuracy(of trueClasses: some Sequence<Int>) -> Double? {
    var right = 0
    var all = 0
    for index in Set(trueClasses) {
      right += self[true: index, predicted: index]
      all += sampleCount(of: index)
    }
    return Self.fraction(right, of: all)
  }

  /// The harmonic mean of precision and recall of a class; nil if it is neither a true nor a
  /// predicted class of any sample.
  public func f1(of index: Int) -> Double? {
    Self.fraction(
      2 * self[true: index, predicted: index],
      of: sampleCount(of: index) + predictedCount(of: index))
  }

  /// The mean of ``f1(of:)`` over the classes that have one; nil without samples.
  public var macroF1: Double? {
    let scores = (0..<classCount).compactMap(f1(of:))
    return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
  }

  /// F1 from the counts of all classes together: the accuracy, unless samples have no prediction.
  public var microF1: Double? {
    let right = (0..<classCount).reduce(0) { $0 + self[true: $1, predicted: $1] }
    return Self.fraction(2 * right, of: 2 * sampleCount - unpredictedCount)
  }

  private static func fraction(_ part: Int, of whole: Int) -> Double? {
    whole == 0 ? nil : Double(part) / Double(whole)
  }
}
