public import Autodiff
internal import Datasets
internal import Metrics
public import Networks
public import Tensors

/// A class for every pixel: cross-entropy of the pixels that have one, judged by mean intersection
/// over union.
public struct SegmentationTask: LearningTask {
  /// What the task is called.
  public var name: String { configuration.name }

  /// `segmentation`.
  public var kind: TaskConfiguration.Kind { .segmentation }

  /// The names of the classes.
  public let classNames: [String]

  /// The label of pixels that have no class in targets, whatever it is in the annotation.
  static let ignored: Int32 = -1

  private let configuration: TaskConfiguration
  private let imageShape: Shape

  /// Creates a task.
  ///
  /// - Parameter imageShape: `[height, width, channels]`, which the class maps share extents with.
  public init(_ configuration: TaskConfiguration, classNames: [String], imageShape: Shape) {
    self.configuration = configuration
    self.classNames = classNames
    self.imageShape = imageShape
  }

  /// Layers from features to logits `[height, width, classes]`; with an auxiliary head, its logits
  /// as well.
  public func head(reading edges: [(name: String, shape: Shape)]) throws -> Network {
    try TaskHeads.dense(configuration, edges, answers: classNames.count, image: imageShape)
  }

  /// The mean cross-entropy over all pixels that have a class, and that of the auxiliary head by
  /// its weight.
  public func loss(
    _ outputs: [Variable<Float>], _ targets: TaskTargets
  ) -> Variable<Float>? {
    let labels = Self.labels(targets)
    guard labels.contains(where: { $0 != Self.ignored }) else { return nil }
    func loss(_ logits: Variable<Float>) -> Variable<Float> {
      Variable.apply(CrossEntropy(labels: labels, ignoreIndex: Self.ignored), [logits])
    }
    guard outputs.count > 1 else { return loss(outputs[0]) }
    return loss(outputs[0]) + loss(outputs[1]) * configuration.auxiliaryWeight
  }

  /// A byte a pixel.
  public func answerBytes(_ shapes: [Shape]) -> Int { shapes[0][0] * shapes[0][1] }

  /// The most probable class of every pixel.
  public func answer(_ outputs: [Tensor<Float>]) -> TaskAnswer {
    let shape = outputs[0].shape
    let classes = shape[3]
    let map = outputs[0].withUnsafeBufferPointer { logits in
      (0..<shape[1] * shape[2]).map { pixel -> Int32 in
        let row = logits[pixel * classes..<(pixel + 1) * classes]
        return Int32((row.indexOfLargest ?? row.startIndex) - row.startIndex)
      }
    }
    return .classMap(map, height: shape[1], width: shape[2])
  }

  /// Mean intersection over union and the share of pixels that are right.
  public func measure() -> any TaskMeasure { Measure(classCount: classNames.count) }

  /// The class of every pixel of the batch, ``ignored`` for those without.
  static func labels(_ targets: TaskTargets) -> [Int32] {
    guard case .classMaps(let names, let ignored, let maps) = targets.annotation.content else {
      return []
    }
    let area = maps.height * maps.width
    var labels = [Int32](repeating: Self.ignored, count: targets.samples.count * area)
    for (place, sample) in targets.samples.enumerated() where maps.isPresent(sample) {
      let map = maps.withMap(sample) {
        targets.draw(place).classMap(
          $0, height: maps.height, width: maps.width, ignored: ignored)
      }
      for index in 0..<area where Int(map[index]) < names.count && Int32(map[index]) != ignored {
        labels[place * area + index] = Int32(map[index])
      }
    }
    return labels
  }

  private struct Measure: TaskMeasure {
    private var accuracy: SegmentationAccuracy
    private(set) var sampleCount = 0
    private(set) var missingCount = 0

    init(classCount: Int) {
      accuracy = SegmentationAccuracy(
        classCount: classCount, ignoredIndex: SegmentationTask.ignored)
    }

    mutating func add(_ outputs: [Tensor<Float>], _ targets: TaskTargets) {
      let known = targets.known.count
      missingCount += targets.samples.count - known
      sampleCount += known
      accuracy.add(logits: outputs[0], labels: SegmentationTask.labels(targets))
    }

    func metrics(of sample: String) -> [TaskMetric] {
      [
        ("mean_iou", accuracy.meanIntersectionOverUnion),
        ("pixel_accuracy", accuracy.pixelAccuracy),
      ].metrics(
        sampleCount == 0
          ? "no \(sample) is annotated" : "no pixel of any \(sample) has a class that counts")
    }
  }
}
