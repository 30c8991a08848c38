import Metrics
import Tensors
import Testing

@Suite struct MultiLabelAccuracyTests {
  @Test func measuresEqualThoseOfScikitLearn() throws {
    let reference = try ReferenceValues.loaded.get().multiLabel
    var parts = (0..<2).map { _ in MultiLabelAccuracy(labelCount: 4) }
    for (index, range) in [0..<80, 80..<240].enumerated() {
      parts[index].add(
        logits: Tensor([range.count / 4, 4], reference.logits[range]),
        truths: Tensor([range.count / 4, 4], reference.truths[range]))
    }
    parts[0].merge(parts[1])
    let accuracy = parts[0]
    expectClose(accuracy.macroF1, reference.macroF1)
    expectClose(accuracy.microF1, reference.microF1)
    expectClose(accuracy.subsetAccuracy, reference.subset)
    expectClose(accuracy.meanAveragePrecision, reference.meanAveragePrecision)
    for (found, expected) in zip(accuracy.averagePrecisions, reference.averagePrecisions) {
      expectClose(found, expected)
    }
    #expect(accuracy.sampleCount == 60)
  }

  @Test func aLogitThatIsNoNumberPredictsNothing() {
    var accuracy = MultiLabelAccuracy(labelCount: 2)
    accuracy.add(logits: Tensor([3, 2], [.nan, -1, 1, .nan, 2, -1]), truths: [1, 0, 1, 0, 1, 0])
    // Two of three found, none wrongly; the lost one lowers the recall that is reached to 2/3.
    #expect(accuracy.perLabelF1 == [0.8, nil])
    expectClose(accuracy.averagePrecisions[0], 2.0 / 3)
    #expect(accuracy.averagePrecisions[1] == nil)
    expectClose(accuracy.subsetAccuracy, 1.0 / 3)
  }

  @Test func aLogitOfZeroIsNoPrediction() {
    var accuracy = MultiLabelAccuracy(labelCount: 1)
    accuracy.add(logits: Tensor([1, 1], [0]), truths: [0])
    #expect(accuracy.subsetAccuracy == 1 && accuracy.macroF1 == nil && accuracy.microF1 == nil)
  }
}

extension MultiLabelAccuracy {
  /// Adds samples whose truths are a plain list.
  fileprivate mutating func add(logits: Tensor<Float>, truths: [Float]) {
    add(logits: logits, truths: Tensor(logits.shape, truths))
  }
}
