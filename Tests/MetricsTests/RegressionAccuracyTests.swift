import Metrics
import Tensors
import Testing

@Suite struct RegressionAccuracyTests {
  @Test func measuresEqualThoseOfScikitLearn() throws {
    let reference = try ReferenceValues.loaded.get().regression
    var parts = (0..<2).map { _ in RegressionAccuracy(valueCount: 3) }
    for (index, range) in [0..<51, 51..<120].enumerated() {
      parts[index].add(
        predictions: Tensor([range.count / 3, 3], reference.predictions[range]),
        truths: Tensor([range.count / 3, 3], reference.truths[range]))
    }
    parts[0].merge(parts[1])
    for value in 0..<3 {
      expectClose(parts[0].meanAbsoluteErrors[value], reference.mae[value])
      expectClose(parts[0].rootMeanSquaredErrors[value], reference.rmse[value])
      expectClose(parts[0].determinations[value], reference.r2[value])
    }
  }

  @Test func aMissingPredictionIsCountedAndLeftOut() {
    var accuracy = RegressionAccuracy(valueCount: 2)
    accuracy.add(
      predictions: Tensor([3, 2], [1, .nan, 2, 5, 4, 5]),
      truths: Tensor([3, 2], [1, 5, 2, 5, 3, 5]))
    #expect(accuracy.unpredictedCounts == [0, 1])
    #expect(accuracy.meanAbsoluteErrors[0] == 1.0 / 3)
    #expect(accuracy.rootMeanSquaredErrors[1] == 0)
    // Truths that do not differ leave nothing to explain.
    expectClose(accuracy.determinations[0], 0.5)
    #expect(accuracy.determinations[1] == nil)
  }

  @Test func nothingHasNoMeasures() {
    let accuracy = RegressionAccuracy(valueCount: 1)
    #expect(accuracy.meanAbsoluteErrors == [nil] && accuracy.rootMeanSquaredErrors == [nil])
    #expect(accuracy.determinations == [nil])
  }
}
