public import Tensors

/// Counts of pixels by true and predicted class, from which the measures of segmentation follow.
///
/// A pixel whose true class is ``ignoredIndex`` is left out altogether. A pixel without a
/// prediction, since one of its logits is NaN, counts as wrong: it belongs to what is there of its
/// class and to what no class found.
public struct SegmentationAccuracy: Hashable, Sendable {
  /// The number of classes.
  public let classCount: Int

  /// The label of pixels that are left out.
  public let ignoredIndex: Int32

  /// `confusion[true · classCount + predicted]`.
  private var confusion: [Int]

  /// By true class: the pixels that have no prediction.
  private var unpredicted: [Int]

  /// The number of pixels left out.
  public private(set) var ignoredCount = 0

  /// Creates counts of nothing.
  ///
  /// - Precondition: at least one class.
  public init(classCount: Int, ignoredIndex: Int32 = 255) {
    precondition(classCount >= 1, "SegmentationAccuracy: \(classCount) classes")
    self.classCount = classCount
    self.ignoredIndex = ignoredIndex
    confusion = Array(repeating: 0, count: classCount * classCount)
    unpredicted = Array(repeating: 0, count: classCount)
  }

  /// Adds pixels by the class with the highest logit, the lower index among equals.
  ///
  /// - Parameters:
  ///   - logits: `[..., classes]`, such as `[batch, height, width, classes]`.
  ///   - labels: the true class of each pixel, or ``ignoredIndex``.
  /// - Precondition: the shapes fit and the labels are classes.
  public mutating func add(logits: Tensor<Float>, labels: [Int32]) {
    precondition(
      logits.shape.rank >= 1 && logits.shape[-1] == classCount
        && logits.count == labels.count * classCount,
      "SegmentationAccuracy: logits \(logits.shape) for \(labels.count) labels of "
        + "\(classCount) classes")
    logits.withUnsafeBufferPointer { logits in
      for (pixel, label) in labels.enumerated() where counts(label) {
        var best: Int? = 0
        let start = pixel * classCount
        for index in 0..<classCount {
          guard let current = best else { break }
          let logit = logits[start + index]
          if logit.isNaN { best = nil } else if logit > logits[start + current] { best = index }
        }
        count(Int(label), best)
      }
    }
  }

  /// Adds pixels whose class is known already.
  ///
  /// - Parameters:
  ///   - predictions: a class for each pixel; what is no class is no prediction.
  ///   - labels: the true class of each pixel, or ``ignoredIndex``.
  /// - Precondition: as many predictions as labels, and the labels are classes.
  public mutating func add(predictions: [Int32], labels: [Int32]) {
    precondition(
      predictions.count == labels.count,
      "SegmentationAccuracy: \(predictions.count) predictions for \(labels.count) labels")
    for (predicted, label) in zip(predictions, labels) where counts(label) {
      let isClass = predicted >= 0 && Int(predicted) < classCount
      count(Int(label), isClass ? Int(predicted) : nil)
    }
  }

  private mutating func counts(_ label: Int32) -> Bool {
    if label == ignoredIndex {
      ignoredCount += 1
      return false
    }
    precondition(
      label >= 0 && Int(label) < classCount,
      "SegmentationAccuracy: the label \(label) of \(classCount) classes")
    return true
  }

  private mutating func count(_ label: Int, _ predicted: Int?) {
    if let predicted {
      confusion[label * classCount + predicted] += 1
    } else {
      unpredicted[label] += 1
    }
  }

  /// Adds the counts of other pixels.
  ///
  /// - Precondition: the same classes and ignored index.
  public mutating func merge(_ other: SegmentationAccuracy) {
    precondition(
      classCount == other.classCount && ignoredIndex == other.ignoredIndex,
      "SegmentationAccuracy: \(classCount) and \(other.classCount) classes, ignoring "
        + "\(ignoredIndex) and \(other.ignoredIndex)")
    for index in confusion.indices { confusion[index] += other.confusion[index] }
    for index in unpredicted.indices { unpredicted[index] += other.unpredicted[index] }
    ignoredCount += other.ignoredCount
  }
}

// MARK: - Measures

extension SegmentationAccuracy {
  /// How many pixels of a class were predicted as another (or the same) class.
  public subscript(true trueClass: Int, predicted predicted: Int) -> Int {
    confusion[trueClass * classCount + predicted]
  }

  /// The number of pixels that count.
  public var pixelCount: Int { confusion.reduce(0, +) + unpredictedCount }

  /// The number of pixels that have no prediction.
  public var unpredictedCount: Int { unpredicted.reduce(0, +) }

  /// The fraction of pixels predicted right; nil without pixels.
  public var pixelAccuracy: Double? {
    let right = (0..<classCount).reduce(0) { $0 + self[true: $1, predicted: $1] }
    return pixelCount == 0 ? nil : Double(right) / Double(pixelCount)
  }

  /// The pixels that are of a class and predicted as it over those that are either.
  ///
  /// nil if the class is neither there nor predicted.
  public func intersectionOverUnion(of index: Int) -> Double? {
    let shared = self[true: index, predicted: index]
    var covered = unpredicted[index] - shared
    for other in 0..<classCount {
      covered += self[true: index, predicted: other] + self[true: other, predicted: index]
    }
    return covered == 0 ? nil : Double(shared) / Double(covered)
  }

  /// ``intersectionOverUnion(of:)`` of every class.
  public var perClassIntersectionOverUnion: [Double?] {
    (0..<classCount).map(intersectionOverUnion(of:))
  }

  /// The mean over the classes that are there or predicted; nil without pixels.
  ///
  /// Classes that are neither are left out, so that they count neither as 0 nor as 1.
  public var meanIntersectionOverUnion: Double? {
    mean(perClassIntersectionOverUnion.compactMap { $0 })
  }
}
