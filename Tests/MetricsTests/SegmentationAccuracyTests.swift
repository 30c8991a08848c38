import Metrics
import Tensors
import Testing

@Suite struct SegmentationAccuracyTests {
  @Test func measuresEqualTheReference() throws {
    let reference = try ReferenceValues.loaded.get().segmentation
    var accuracy = SegmentationAccuracy(classCount: 5)
    accuracy.add(predictions: reference.predictions, labels: reference.labels)
    for (found, expected) in zip(accuracy.perClassIntersectionOverUnion, reference.perClass) {
      expectClose(found, expected)
    }
    expectClose(accuracy.meanIntersectionOverUnion, reference.mean)
    expectClose(accuracy.pixelAccuracy, reference.pixelAccuracy)
    #expect(accuracy.ignoredCount == reference.labels.count { $0 == 255 })
    #expect(accuracy.pixelCount + accuracy.ignoredCount == reference.labels.count)
  }

  @Test func logitsCountAsTheirHighestClass() {
    var accuracy = SegmentationAccuracy(classCount: 3, ignoredIndex: -1)
    // Classes 1, 0 (the lower of equals), 2 and, ignored, 2.
    accuracy.add(
      logits: Tensor([1, 2, 2, 3], [0, 2, 1, 3, 3, 1, 0, 0, 1, 0, 0, 1]), labels: [1, 0, 0, -1])
    #expect(accuracy.perClassIntersectionOverUnion == [0.5, 1, 0])
    #expect(accuracy.meanIntersectionOverUnion == 0.5)
    #expect(accuracy.ignoredCount == 1)
  }

  @Test func aPixelWithoutPredictionIsWrongAndNoOtherClass() {
    var accuracy = SegmentationAccuracy(classCount: 2)
    accuracy.add(logits: Tensor([3, 2], [.nan, 1, 1, 0, 1, 0]), labels: [0, 0, 0])
    accuracy.add(predictions: [-1], labels: [0])
    #expect(accuracy.unpredictedCount == 2)
    #expect(accuracy.pixelAccuracy == 0.5)
    #expect(accuracy.perClassIntersectionOverUnion == [0.5, nil])
  }

  @Test func nothingHasNoMeasures() {
    var accuracy = SegmentationAccuracy(classCount: 2)
    #expect(accuracy.meanIntersectionOverUnion == nil && accuracy.pixelAccuracy == nil)
    accuracy.add(predictions: [1], labels: [255])
    #expect(accuracy.meanIntersectionOverUnion == nil && accuracy.pixelAccuracy == nil)
  }

  @Test func mergedCountsAreThoseOfAllPixels() {
    var parts = (0..<2).map { _ in SegmentationAccuracy(classCount: 2) }
    parts[0].add(predictions: [0, 1], labels: [0, 0])
    parts[1].add(predictions: [1, 0], labels: [1, 255])
    parts[0].merge(parts[1])
    #expect(parts[0].perClassIntersectionOverUnion == [0.5, 0.5])
    #expect(parts[0].ignoredCount == 1)
  }
}
