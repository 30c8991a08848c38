public import Autodiff
internal import Datasets
internal import Metrics
public import Networks
public import Tensors

/// The distance of every pixel: absolute error of the pixels whose distance is known, judged by the
/// share of them that is within a factor of 1.25.
public struct DepthTask: LearningTask {
  /// What the task is called.
  public var name: String { configuration.name }

  /// `depth`.
  public var kind: TaskConfiguration.Kind { .depth }

  /// None.
  public var classNames: [String] { [] }

  private let configuration: TaskConfiguration
  private let imageShape: Shape

  /// Creates a task.
  ///
  /// - Parameter imageShape: `[height, width, channels]`, which the maps share extents with.
  public init(_ configuration: TaskConfiguration, imageShape: Shape) {
    self.configuration = configuration
    self.imageShape = imageShape
  }

  /// Layers from features to distances `[height, width, 1]`; with an auxiliary head, its distances
  /// as well.
  public func head(reading edges: [(name: String, shape: Shape)]) throws -> Network {
    try TaskHeads.dense(configuration, edges, answers: 1, image: imageShape)
  }

  /// The mean absolute error over all pixels whose distance is known, and that of the auxiliary
  /// head by its weight.
  public func loss(
    _ outputs: [Variable<Float>], _ targets: TaskTargets
  ) -> Variable<Float>? {
    let truths = Self.truths(targets)
    let mask = truths.map { $0 > 0 ? 1 : 0 as Float }
    let count = mask.reduce(0) { $0 + Double($1) }
    guard count > 0 else { return nil }
    let shape = outputs[0].shape
    let known = Variable(Tensor(shape, mask))
    let target = Variable(Tensor(shape, truths))
    func loss(_ distances: Variable<Float>) -> Variable<Float> {
      Variable.apply(MeanAbsoluteError(reduction: .sum), [distances * known, target]) / count
    }
    guard outputs.count > 1 else { return loss(outputs[0]) }
    return loss(outputs[0]) + loss(outputs[1]) * configuration.auxiliaryWeight
  }

  /// The distances.
  public func answer(_ outputs: [Tensor<Float>]) -> TaskAnswer {
    .distances(
      outputs[0].scalars, height: outputs[0].shape[1], width: outputs[0].shape[2])
  }

  /// The figures of depth estimation.
  public func measure() -> any TaskMeasure { Measure() }

  /// The distance of every pixel of the batch, 0 where it is not known.
  package static func truths(_ targets: TaskTargets) -> [Float] {
    guard case .depth(let maps) = targets.annotation.content else { return [] }
    let area = maps.height * maps.width
    return targets.samples.enumerated().flatMap { place, sample in
      guard maps.isPresent(sample) else { return [Float](repeating: 0, count: area) }
      return maps.withMap(sample) {
        targets.draw(place).depthMap($0, height: maps.height, width: maps.width)
      }
    }
  }

  private struct Measure: TaskMeasure {
    private var accuracy = DepthAccuracy()
    private(set) var sampleCount = 0
    private(set) var missingCount = 0

    mutating func add(_ outputs: [Tensor<Float>], _ targets: TaskTargets) {
      let known = targets.known.count
      missingCount += targets.samples.count - known
      sampleCount += known
      accuracy.add(
        predictions: outputs[0], truths: Tensor(outputs[0].shape, DepthTask.truths(targets)))
    }

    func metrics(of sample: String) -> [TaskMetric] {
      let within = accuracy.withinFactor
      let unknown =
        sampleCount == 0
        ? "no \(sample) is annotated" : "no distance in any \(sample) is known"
      let unpredicted = accuracy.pixelCount == 0 ? unknown : "no prediction is a number"
      return (0..<3).map { ("delta\($0 + 1)", within?[$0]) }.metrics(unknown)
        + [
          ("abs_rel", accuracy.absoluteRelativeError), ("sq_rel", accuracy.squaredRelativeError),
          ("rmse", accuracy.rootMeanSquaredError),
          ("rmse_log", accuracy.rootMeanSquaredLogarithmicError),
        ].metrics(unpredicted)
        + [("r2", accuracy.determination)].metrics(
          accuracy.absoluteRelativeError == nil
            ? unpredicted : "all true distances are the same")
    }
  }
}
