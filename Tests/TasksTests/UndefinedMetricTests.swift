import Boxes
import Datasets
import Foundation
import Metrics
import Tasks
import Tensors
import Testing

/// Metrics of images that have nothing to be measured by.
@Suite struct UndefinedMetricTests {
  /// A task on two annotated images of 4×4, and answers to them.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let kind: TaskConfiguration.Kind
    let content: AnnotationSet.Content
    let answers: [Tensor<Float>]
    let judged: String
    let reason: String
  }

  private static let crowd = LabelledBox(
    BoundingBox(left: 0, top: 0, right: 3, bottom: 3), category: 0, isCrowd: true)
  private static let noDetections = [
    Tensor<Float>([2, 1, 1], [-20, -20]), Tensor<Float>([2, 1, 4], repeating: 0),
  ]

  static let cases: [Case] = [
    Case(
      testDescription: "no objects", kind: .detection,
      content: .boxes(names: ["cat"], rows: [[], []]), answers: noDetections, judged: "map",
      reason: "no test image has an object"),
    Case(
      testDescription: "crowds alone", kind: .detection,
      content: .boxes(names: ["cat"], rows: [[crowd], []]), answers: noDetections, judged: "map",
      reason: "no test image has an object, only crowds"),
    Case(
      testDescription: "ignored pixels alone", kind: .segmentation,
      content: .classMaps(
        names: ["even", "odd"], ignored: 255,
        maps: AnnotationMaps<UInt8>(
          height: 4, width: 4, elements: [UInt8](repeating: 255, count: 32),
          present: [true, true])),
      answers: [Tensor([2, 4, 4, 2], repeating: 1)], judged: "mean_iou",
      reason: "no pixel of any test image has a class that counts"),
    Case(
      testDescription: "unknown distances alone", kind: .depth,
      content: .depth(
        maps: AnnotationMaps<Float>(
          height: 4, width: 4, elements: [Float](repeating: 0, count: 32),
          present: [true, true])),
      answers: [Tensor([2, 4, 4, 1], repeating: 1)], judged: "delta1",
      reason: "no distance in any test image is known"),
    Case(
      testDescription: "values that do not differ", kind: .regression,
      content: .values(names: ["kg"], rows: [[2], [2]]), answers: [Tensor([2, 1], [1, 3])],
      judged: "r2", reason: "the true values are the same in every test image"),
    Case(
      testDescription: "labels that no image has", kind: .multiLabel,
      content: .multiLabel(names: ["x"], labels: [[], []]), answers: [Tensor([2, 1], [-1, -1])],
      judged: "macro_f1", reason: "no test image has a label"),
    Case(
      testDescription: "no classes", kind: .classification,
      content: .classes(names: ["a", "b"], labels: [-1, -1]),
      answers: [Tensor([2, 2], repeating: 0)], judged: "accuracy",
      reason: "no test image is annotated"),
  ]

  private func result(_ test: Case) throws -> TaskResult {
    let dataset = ImageDataset(
      name: "two", imageShape: [4, 4, 1], classNames: ["any"], pixels: (0..<32).map { UInt8($0) },
      labels: [0, 0], annotations: [AnnotationSet(name: "task", content: test.content)])
    let set = try TaskSet([TaskConfiguration(name: "task", kind: test.kind)], dataset: dataset)
    var measures = set.measures()
    measures.add(test.answers, try set.annotations(of: dataset).targets(samples: [0, 1]))
    return measures.results[0]
  }

  /// The metric the task is judged by stays first, without a value and with the reason why.
  @Test(arguments: cases) func aMetricOfNothingIsNotDefined(_ test: Case) throws {
    let result = try result(test)
    let judged = try #require(result.judged)
    #expect(judged.name == test.judged && judged.value == nil && result.quality == nil)
    #expect(judged.reason == test.reason)
    #expect([result].quality == nil && [result].selectionScore == nil)
    let file = String(decoding: try JSONEncoder().encode(judged), as: UTF8.self)
    #expect(file.contains(#""value":null"#), "\(file)")
    #expect(try JSONDecoder().decode(TaskMetric.self, from: Data(file.utf8)) == judged)
  }

  /// Errors of a regression have values where its R² has none, and do not take its place.
  @Test func anErrorDoesNotStandInForAnUndefinedScore() throws {
    let test = try #require(Self.cases.first { $0.kind == .regression })
    let result = try result(test)
    #expect(result.metrics.map(\.name) == ["r2", "mae", "rmse"])
    #expect(result.metrics[1].value == 1 && !result.metrics[1].isHigherBetter)
    #expect(result.metrics[1].scale.unit == .number)
  }

  /// Kilograms and metres have no mean.
  @Test func valuesOfARegressionHaveErrorsOfTheirOwn() throws {
    let result = try result(
      Case(
        testDescription: "", kind: .regression,
        content: .values(names: ["kg", "m"], rows: [[1, 100], [3, 300]]),
        answers: [Tensor([2, 2], [1, 110, 2, 310])], judged: "r2", reason: ""))
    #expect(result.metrics.map(\.name) == ["r2", "mae_kg", "mae_m", "rmse_kg", "rmse_m"])
    #expect(result.metrics[1].value == 0.5 && result.metrics[2].value == 10)
  }

  /// A mean is of one metric; a score of several is 1 at best, and what is not defined is in neither.
  @Test func meansAreOfLikeMetricsAlone() throws {
    func result(_ name: String, _ value: Double?) throws -> TaskResult {
      let text = """
        {"task": "t", "kind": "regression", "samples": 2, "missing": 0, "metrics": [
          {"name": "\(name)", "value": \(value.map { "\($0)" } ?? "null")},
          {"name": "mae", "value": 3.37}]}
        """
      return try JSONDecoder().decode(TaskResult.self, from: Data(text.utf8))
    }
    #expect(try [result("accuracy", 0.5), result("accuracy", 1)].quality == 0.75)
    #expect(try [result("accuracy", 0.5), result("accuracy", nil)].quality == 0.5)
    #expect(try [result("accuracy", 0.5), result("r2", 1)].quality == nil)
    #expect(try [result("accuracy", 0.5), result("r2", 1)].selectionScore == 0.75)
    #expect(try [result("accuracy", 0.5), result("r2", -8)].selectionScore == 0.25)
    #expect(try [result("accuracy", 0.5), result("r2", nil)].selectionScore == 0.5)
    #expect(try [result("map", nil)].selectionScore == nil)
  }
}
