import Datasets
import Networks
import Splitting
import Synchronization
import Tensors
import Testing
import Training

@Suite struct ClassifierEvaluationTests {
  /// 300 samples of 3 classes, one pixel each, so that there is more than one batch of 256.
  let dataset = ImageDataset(
    name: "pixels", imageShape: [1, 1, 1], classNames: ["a", "b", "c"],
    pixels: (0..<300).map { UInt8($0 % 3) }, labels: (0..<300).map { Int32($0 % 3) })

  private func evaluation(user: [Int]?) -> ClassifierEvaluation {
    ClassifierEvaluation(
      dataset: dataset, inputTransform: .identity, classCount: 3, userClasses: user)
  }

  /// Takes c for a, else is right; second choice after c is a.
  private func logits(_ images: Tensor<Float>) -> Tensor<Float> {
    Tensor(
      [images.shape[0], 3],
      images.scalars.flatMap { pixel -> [Float] in
        switch pixel {
        case 0: [2, 1, 0]
        case 1: [0, 2, 1]
        default: [2, 0, 1]
        }
      })
  }

  @Test func accuracyIsThatOfTheUsersClasses() throws {
    let evaluation = evaluation(user: [1, 2])
    var batches: [Int] = []
    let observer = ProgressObserver()
    let counts = try evaluation.run(classifiers: 2, observer: observer) { batch in
      batches.append(batch.index)
      // The second classifier always says a.
      return [
        logits(batch.images),
        Tensor([batch.count, 3], (0..<batch.count).flatMap { _ -> [Float] in [1, 0, 0] }),
      ]
    }
    #expect(batches == [0, 1])
    #expect(observer.done == [256, 300])
    let report = evaluation.report(method: "m", network: Cost(macs: 7, parameters: 5), counts[0])
    // b is right, c is not.
    #expect(report.accuracy == 0.5)
    #expect(report.userClasses == ["b", "c"])
    #expect(report.perClass.map(\.name) == ["a", "b", "c"])
    #expect(report.perClass.map(\.samples) == [100, 100, 100])
    #expect(report.perClass.map(\.accuracy) == [1, 1, 0])
    #expect(report.samples == 200 && report.macs == 7 && report.parameters == 5)
    // Masked to b and c, c is right as well, and a never is.
    let rows = evaluation.comparisons(name: "x", counts[0])
    #expect(rows.map(\.name) == ["x", "x, masked"])
    #expect(rows.map(\.userAccuracy) == [0.5, 1])
    #expect(rows.map(\.otherAccuracy) == [1, 0])
    #expect(evaluation.comparisons(name: "y", counts[1])[0].userAccuracy == 0)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func anAnswerThatIsNotFiniteIsNamed(value: Float) throws {
    let evaluation = evaluation(user: nil)
    func broken(_ logits: Tensor<Float>, at row: Int) -> Tensor<Float> {
      var scalars = logits.scalars
      if row < logits.shape[0] { scalars[3 * row + 1] = value }
      return Tensor(logits.shape, scalars)
    }
    let error = NonFiniteAnswer(
      dataset: "pixels", sample: 270, value: value.isNaN ? "NaN" : "\(value)")
    // Image 14 of the second batch of 256.
    #expect(throws: error) {
      try evaluation.run(observer: nil) { batch in
        [broken(logits(batch.images), at: batch.index == 1 ? 14 : 300)]
      }
    }
    #expect("\(error)".contains("image 270 of pixels"))
    let pixels = try dataset.pixels(at: Array(0..<300))
    #expect(throws: error) {
      try evaluation.counts(of: broken(logits(pixels), at: 270), labels: dataset.labels)
    }
  }

  @Test func withoutAUserAllClassesCountAndNothingIsMasked() throws {
    let evaluation = evaluation(user: nil)
    let counts = try evaluation.run(observer: nil) { [logits($0.images)] }
    let report = evaluation.report(method: "m", network: Cost(), counts[0])
    #expect(report.accuracy == 200.0 / 300)
    #expect(report.userClasses == nil)
    let rows = evaluation.comparisons(name: "x", counts[0])
    #expect(rows.map(\.name) == ["x"])
    #expect(rows[0].otherAccuracy == nil)
  }

  @Test func aSplitIsMeasuredAsItIsDeployed() throws {
    let (head, tail) = try ProbeMethod.classifier().cut(at: "relu")
    let link = try Link(rate: #require(DataRate(baseValue: 1e6)), roundTripTime: .milliseconds(10))
    let system = CodedSystem(
      name: "s", family: "s", device: head, inputTransform: .identity, server: tail)
    let images = ProbeMethod.images(3)
    let traffic = try SystemRun(images)([system], observer: nil) { _, _ in }[0]
    let cost = try EvaluationReport.SplitCost.measure(
      system, traffic, link: link, energy: EnergyModel(), pixels: images.pixels(at: [0]))
    // The batch norm is folded: 9·4 weights and 4 biases.
    #expect(cost.encoderParameters == 40)
    #expect(cost.encoderBytes == 160)
    // 6·6·4 values of 9 products each.
    #expect(cost.deviceMACs == 1296)
    #expect(cost.serverMACs == 288)
    // 4 bytes a value, and the stream's header of 15.
    #expect(cost.uplinkBytes == 576 + 15 && cost.sentShare == 1)
    #expect(cost.stream?.mean == 591 && traffic.bytes == [591, 591, 591])
    #expect(cost.downlinkBytes == 8)
    #expect(cost.deviceTime.seconds > 0 && cost.serverTime.seconds > 0)
  }

  @Test func timeIsTheMedianOfItsRepetitions() throws {
    var calls = 0
    _ = PartTiming.median(repetitions: 5) { calls += 1 }
    // Two more that are not counted.
    #expect(calls == 7)
  }
}

/// Remembers how far an evaluation said it was.
private final class ProgressObserver: TrainingObserver {
  private let reports = Mutex<[Int]>([])
  var done: [Int] { reports.withLock(\.self) }

  func progressed(_ task: String, unit: String, done: Int, of total: Int) {
    reports.withLock { $0.append(done) }
  }

  func stepped(_ progress: StepProgress) {}
  func finishedEpoch(_ record: EpochRecord) {}
  func noted(_ message: String) {}
}
