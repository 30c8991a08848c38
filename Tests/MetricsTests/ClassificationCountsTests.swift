import Metrics
import Tensors
import Testing

@Suite struct ClassificationCountsTests {
  /// Six samples of four classes, `k` = 2.
  ///
  ///     true  logits         predicted  second
  ///     0     4 1 0 0        0          1
  ///     0     1 4 0 0        1          0
  ///     1     0 4 1 0        1          2
  ///     1     3 1 2 0        0          2
  ///     2     0 1 4 0        2          1
  ///     2     5 4 3 0        0          1
  func counts() -> ClassificationCounts {
    var counts = ClassificationCounts(classCount: 4, k: 2)
    counts.accumulate(logits: logits.rows(0..<4), labels: Array(labels[..<4]))
    counts.accumulate(logits: logits.rows(4..<6), labels: Array(labels[4...]))
    return counts
  }

  /// The confusion matrix, a row for each true class.
  func rows(_ counts: ClassificationCounts) -> [[Int]] {
    let classes = 0..<counts.classCount
    return classes.map { row in classes.map { counts[true: row, predicted: $0] } }
  }

  let labels: [Int32] = [0, 0, 1, 1, 2, 2]
  let logits = Tensor<Float>(
    [6, 4],
    [
      4, 1, 0, 0,
      1, 4, 0, 0,
      0, 4, 1, 0,
      3, 1, 2, 0,
      0, 1, 4, 0,
      5, 4, 3, 0,
    ])

  @Test func confusionHoldsTrueByPredictedClasses() {
    let counts = counts()
    let expected = [[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]
    #expect(rows(counts) == expected)
    #expect(counts.sampleCount == 6)
    #expect(counts.predictedCount(of: 0) == 3)
  }

  @Test func accuraciesFollowFromTheCounts() {
    let counts = counts()
    // Right: samples 1, 3 and 5.
    #expect(counts.accuracy == 3.0 / 6)
    // Sample 2 too has its class among the first two.
    #expect(counts.topKAccuracy == 4.0 / 6)
    #expect(counts.perClassAccuracy == [0.5, 0.5, 0.5, nil])
    #expect(counts.accuracy(of: [0, 2]) == 2.0 / 4)
    #expect(counts.accuracy(of: [3]) == nil)
  }

  @Test func f1FollowsFromTheCounts() throws {
    let counts = counts()
    // 2·TP / (true + predicted): 2/(2+3), 2/(2+2), 2/(2+1); class 3 is nowhere.
    #expect(counts.f1(of: 0) == 0.4)
    #expect(counts.f1(of: 1) == 0.5)
    #expect(counts.f1(of: 2) == 2.0 / 3)
    #expect(counts.f1(of: 3) == nil)
    let macro: Double = (0.4 + 0.5 + 2.0 / 3) / 3
    #expect(abs(try #require(counts.macroF1) - macro) < 1e-15)
    #expect(counts.microF1 == 0.5)
  }

  @Test func aMaskLeavesOnlyItsClasses() {
    var masked = ClassificationCounts(classCount: 4, k: 1)
    masked.accumulate(logits: logits, labels: labels, maskedTo: [1, 2])
    // Without class 0 the predictions are 1 1 1 2 2 1; samples of class 0 cannot be right.
    #expect(rows(masked) == [[0, 2, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]])
    #expect(masked.accuracy(of: [1, 2]) == 0.5)
    #expect(masked.accuracy(of: [0]) == 0)
    #expect(masked.topKAccuracy == 2.0 / 6)
  }

  /// An untrained network whose logits are all equal must not be right about everything.
  @Test func amongEqualLogitsTheFirstClassWins() {
    var counts = ClassificationCounts(classCount: 3, k: 2)
    counts.accumulate(logits: Tensor([3, 3], repeating: 0), labels: [0, 1, 2])
    #expect(counts.accuracy == 1.0 / 3)
    #expect(counts.topKAccuracy == 2.0 / 3)
  }

  @Test func aSampleWithANaNIsWrongWithoutAPrediction() {
    var counts = ClassificationCounts(classCount: 2, k: 1)
    counts.accumulate(
      logits: Tensor([3, 2], [.nan, 0, 0, .nan, 1, 0]), labels: [0, 1, 0])
    #expect(counts.sampleCount == 3)
    #expect(counts.unpredictedCount == 2)
    #expect(counts.accuracy == 1.0 / 3)
    #expect(counts.topKAccuracy == 1.0 / 3)
    // 2·1 / (3 true + 1 predicted).
    #expect(counts.microF1 == 0.5)
  }

  @Test func countsOfNothingHaveNoMeasures() {
    let counts = ClassificationCounts(classCount: 3)
    #expect(counts.accuracy == nil)
    #expect(counts.topKAccuracy == nil)
    #expect(counts.macroF1 == nil)
    #expect(counts.microF1 == nil)
  }

  @Test func mergedCountsEqualThoseOfAllSamples() {
    var first = ClassificationCounts(classCount: 4, k: 2)
    first.accumulate(logits: logits.rows(0..<2), labels: Array(labels[..<2]))
    var second = ClassificationCounts(classCount: 4, k: 2)
    second.accumulate(logits: logits.rows(2..<6), labels: Array(labels[2...]))
    first.merge(second)
    #expect(first == counts())
  }
}
