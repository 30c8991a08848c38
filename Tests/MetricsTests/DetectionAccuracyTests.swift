import Boxes
import Metrics
import Testing

@Suite struct DetectionAccuracyTests {
  private let box = BoundingBox(left: 0, top: 0, right: 10, bottom: 10)
  private let elsewhere = BoundingBox(left: 50, top: 50, right: 60, bottom: 60)

  private func expectEqual(
    _ found: DetectionAccuracy.Summary, _ expected: DetectionAccuracy.Summary
  ) {
    let named: [(String, KeyPath<DetectionAccuracy.Summary, Double?>)] = [
      ("map", \.map), ("ap50", \.ap50), ("ap75", \.ap75), ("small", \.apSmall),
      ("medium", \.apMedium), ("large", \.apLarge),
    ]
    for (name, path) in named {
      expectClose(found[keyPath: path], expected[keyPath: path], "\(name)")
    }
    #expect(found.perCategory.count == expected.perCategory.count)
    for (own, other) in zip(found.perCategory, expected.perCategory) {
      expectClose(own.ap, other.ap)
      expectClose(own.ap50, other.ap50)
    }
  }

  @Test func averagePrecisionsEqualThoseOfPycocotools() throws {
    let reference = try ReferenceValues.loaded.get()
    #expect(reference.images.count >= 300)
    for item in reference.detections {
      var accuracy = DetectionAccuracy(
        categories: reference.categories, maximumDetections: item.maximum)
      for image in reference.images {
        accuracy.add(detections: image.found, truths: image.labelledBoxes)
      }
      expectEqual(accuracy.summary(), item.summary)
    }
  }

  @Test func partsMergedInOrderEqualTheWhole() throws {
    let reference = try ReferenceValues.loaded.get()
    var whole = DetectionAccuracy(categories: reference.categories)
    var parts = (0..<2).map { _ in DetectionAccuracy(categories: reference.categories) }
    for (index, image) in reference.images.enumerated() {
      whole.add(detections: image.found, truths: image.labelledBoxes)
      parts[index < 120 ? 0 : 1].add(detections: image.found, truths: image.labelledBoxes)
    }
    parts[0].merge(parts[1])
    #expect(parts[0].summary() == whole.summary())
    #expect(parts[0].imageCount == 300)
  }

  @Test func perfectDetectionsScoreOneAndAbsentCategoriesNothing() {
    var accuracy = DetectionAccuracy(categories: 2)
    accuracy.add(
      detections: [Detection(box, category: 0, score: 0.9)],
      truths: [LabelledBox(box, category: 0)])
    // A detection in a category of which there is nothing changes no mean over categories.
    accuracy.add(detections: [Detection(box, category: 1, score: 0.9)], truths: [])
    let summary = accuracy.summary()
    #expect(summary.map == 1 && summary.apSmall == 1)
    #expect(summary.apMedium == nil && summary.apLarge == nil)
    #expect(summary.perCategory[1].ap == nil && summary.perCategory[1].ap50 == nil)
  }

  @Test func rangesOfAreasAreAboutTheOriginalImage() {
    // At a quarter of the width and height, 40×40 pixels are 10×10.
    let small = BoundingBox(left: 0, top: 0, right: 10, bottom: 10)
    var accuracy = DetectionAccuracy(categories: 1)
    accuracy.add(
      detections: [Detection(small, category: 0, score: 1)],
      truths: [LabelledBox(small, category: 0)], areaScale: 1.0 / 16)
    let summary = accuracy.summary()
    #expect(summary.map == 1 && summary.apMedium == 1 && summary.apSmall == nil)
  }

  @Test func nothingAddedHasNoPrecision() {
    let summary = DetectionAccuracy(categories: 1).summary()
    #expect(summary.map == nil && summary.ap50 == nil)
  }

  @Test func aSecondDetectionOfOneObjectIsWrong() {
    var accuracy = DetectionAccuracy(categories: 1)
    accuracy.add(
      detections: [0.9, 0.8, 0.7].enumerated().map {
        Detection($0.offset < 2 ? box : elsewhere, category: 0, score: $0.element)
      }, truths: [LabelledBox(box, category: 0), LabelledBox(elsewhere, category: 0)])
    // Precision 1 up to a recall of 0.5, which 51 of the 101 recalls reach, then 2/3.
    expectClose(accuracy.summary().ap50, (51 + 50 * 2.0 / 3) / 101)
  }

  @Test func detectionsInACrowdCountNeitherWay() {
    var accuracy = DetectionAccuracy(categories: 1)
    accuracy.add(
      detections: [0.9, 0.8].map { Detection(box, category: 0, score: $0) }
        + [Detection(elsewhere, category: 0, score: 0.5)],
      truths: [
        LabelledBox(
          BoundingBox(left: 0, top: 0, right: 40, bottom: 40), category: 0, isCrowd: true),
        LabelledBox(elsewhere, category: 0),
      ])
    #expect(accuracy.summary().map == 1)
  }

  @Test func whatIsNotANumberIsNoDetection() {
    let broken = BoundingBox(left: 0, top: .nan, right: 10, bottom: 10)
    let endless = BoundingBox(left: 0, top: 0, right: .infinity, bottom: 10)
    var accuracy = DetectionAccuracy(categories: 1)
    accuracy.add(
      detections: [
        Detection(box, category: 0, score: .nan), Detection(broken, category: 0, score: 1),
        Detection(endless, category: 0, score: 1), Detection(box, category: 0, score: 0.1),
      ], truths: [LabelledBox(box, category: 0)])
    #expect(accuracy.summary().map == 1)
  }
}
