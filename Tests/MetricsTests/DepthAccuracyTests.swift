import Metrics
import Tensors
import Testing

@Suite struct DepthAccuracyTests {
  @Test func measuresEqualTheReference() throws {
    let reference = try ReferenceValues.loaded.get().depth
    var parts = (0..<2).map { _ in DepthAccuracy() }
    for (index, range) in [0..<100, 100..<300].enumerated() {
      parts[index].add(
        predictions: Tensor([range.count], reference.predictions[range]),
        truths: Tensor([range.count], reference.truths[range]))
    }
    parts[0].merge(parts[1])
    let accuracy = parts[0]
    expectClose(accuracy.absoluteRelativeError, reference.absoluteRelative)
    expectClose(accuracy.squaredRelativeError, reference.squaredRelative)
    expectClose(accuracy.rootMeanSquaredError, reference.rootMeanSquared)
    expectClose(accuracy.rootMeanSquaredLogarithmicError, reference.rootMeanSquaredLogarithmic)
    #expect(accuracy.withinFactor == reference.within)
    #expect(accuracy.pixelCount == reference.pixels)
    #expect(accuracy.unknownCount == 300 - reference.pixels)
  }

  @Test func unknownDepthsAreCountedAndLeftOut() {
    var accuracy = DepthAccuracy()
    accuracy.add(
      predictions: Tensor([1, 5], [3, 1, 1, 1, 1]),
      truths: Tensor([1, 5], [2, 0, -1, .nan, .infinity]))
    #expect(accuracy.unknownCount == 4 && accuracy.pixelCount == 1)
    #expect(accuracy.absoluteRelativeError == 0.5)
    #expect(accuracy.squaredRelativeError == 0.5)
    #expect(accuracy.rootMeanSquaredError == 1)
    #expect(accuracy.withinFactor == [0, 1, 1])
  }

  @Test func aMissingPredictionIsAMissWithoutAnError() {
    var accuracy = DepthAccuracy()
    accuracy.add(predictions: Tensor([2], [.nan, 2]), truths: Tensor([2], [1, 2]))
    #expect(accuracy.unpredictedCount == 1)
    #expect(accuracy.rootMeanSquaredError == 0)
    #expect(accuracy.withinFactor == [0.5, 0.5, 0.5])
  }

  @Test func predictionsAreClampedToTheRange() {
    var accuracy = DepthAccuracy(range: 0.5...10)
    accuracy.add(predictions: Tensor([2], [-3, 100]), truths: Tensor([2], [0.5, 10]))
    #expect(accuracy.rootMeanSquaredError == 0 && accuracy.rootMeanSquaredLogarithmicError == 0)
  }

  @Test func nothingHasNoMeasures() {
    let accuracy = DepthAccuracy()
    #expect(accuracy.absoluteRelativeError == nil && accuracy.withinFactor == nil)
  }
}
