import Autodiff
import Checkpoints
import Configurations
import Datasets
import Metrics
import Networks
import Splitting
import Synchronization
import Tensors
import Training

/// A method that trains a small classifier on images made of numbers, and remembers what the
/// trainer asked of it.
struct ProbeMethod: Training.Method {
  struct Configuration: Codable, Sendable, Validatable {
    func validate(_ report: inout ValidationReport) {}
  }

  static let name = "probe"
  static let summary = "remember what the trainer asks"

  var network: Network
  var freezing: Freezing
  var inputTransform = InputTransform.identity
  var parents: [String] = []
  var augmentation = Augmentation.none
  /// What validation answers, epoch by epoch; measured if nil.
  var script: [ValidationMetrics]?
  /// What happens to the loss of a step, counted from 0.
  var sabotage: @Sendable (_ step: Int, _ loss: Double) -> Double = { $1 }
  /// What the method says it has besides its parameters.
  var state: MethodState?
  /// How often the gradient is sent back, in equal parts.
  var passes = 1
  /// What the gradient that is sent back is multiplied by.
  var gradientFactor: @Sendable (_ step: Int) -> Float = { _ in 1 }
  let log = Log()

  private let setting: MethodSetting

  /// What was asked.
  final class Log {
    var sourceCount = 0
    var samples: [[Int]] = []
    var losses: [Double] = []
    var validated: [Network] = []
    var evaluationCount = 0
  }

  /// Two classes of 6×6 images of one channel: brighter at the top or at the bottom.
  static func images(_ count: Int = 26) -> ImageDataset {
    var random = RandomSource(seed: 11)
    let pixels = (0..<count).flatMap { sample in
      (0..<36).map { UInt8(random.uniform() * 120) + (($0 < 18) == (sample % 2 == 0) ? 80 : 0) }
    }
    return ImageDataset(
      name: "halves", imageShape: [6, 6, 1], classNames: ["top", "bottom"], pixels: pixels,
      labels: (0..<count).map { Int32($0 % 2) })
  }

  /// A convolution, batch norm, dropout and a linear layer.
  static func classifier(dropout: Double = 0.3) throws -> Network {
    var builder = NetworkBuilder(shape: [6, 6, 1])
    var value = builder.add(
      "conv", ConvolutionLayer(1, 4, kernel: 3, padding: .all(1)), after: "input")
    value = builder.add("bn", BatchNormalizationLayer(4), after: value)
    value = builder.add("relu", ActivationLayer(.relu), after: value)
    value = builder.add("dropout", DropoutLayer(rate: dropout), after: value)
    value = builder.add("flatten", FlattenLayer(), after: value)
    value = builder.add("linear", LinearLayer(144, 2), after: value)
    var network = try builder.network(name: "probe", outputs: [value])
    network.initializeParameters(seed: 3)
    return network
  }

  init(_ configuration: Configuration, _ setting: MethodSetting) throws {
    network = try Self.classifier()
    freezing = .none(network)
    inputTransform = try InputTransform(scale: 255, mean: [0.4], std: [0.3])
    self.setting = setting
  }

  func trainingBatches() throws -> any BatchSource {
    log.sourceCount += 1
    let images = Self.images()
    return ImageBatchSource(
      try BatchLoader(
        dataset: images, plan: setting.trainingPlan(sampleCount: images.count),
        augmentation: augmentation, transform: inputTransform))
  }

  func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let step = log.losses.count
    log.samples.append(batch.samples)
    let loss = pass(batch.inputs)[0].crossEntropy(batch.labels)
    loss.backward(from: Tensor([], repeating: gradientFactor(step) / Float(passes)))
    for _ in 1..<passes {
      pass(batch.inputs)[0].crossEntropy(batch.labels)
        .backward(from: Tensor([], repeating: gradientFactor(step) / Float(passes)))
    }
    log.losses.append(sabotage(step, Double(loss.value.item)))
    return log.losses[step]
  }

  func savedState() throws -> MethodState? { state }

  func validate(_ network: Network) throws -> ValidationMetrics {
    log.validated.append(network)
    if let script { return script[log.validated.count - 1] }
    let images = Self.images()
    let logits = try predict(images, network)
    let loss = Variable.apply(CrossEntropy(labels: images.labels), [Variable(logits)]).value.item
    var counts = ClassificationCounts(classCount: 2)
    counts.accumulate(logits: logits, labels: images.labels)
    return ["accuracy": counts.accuracy, "loss": Double(loss)]
  }

  private func predict(_ images: ImageDataset, _ network: Network) throws -> Tensor<Float> {
    let pixels = try images.pixels(at: Array(0..<images.count))
    return Head(network)(try inputTransform(pixels))
  }

  func evaluate(_ network: Network) throws -> EvaluationReport {
    log.evaluationCount += 1
    let evaluation = ClassifierEvaluation(
      dataset: Self.images(), inputTransform: inputTransform, classCount: 2, userClasses: nil)
    let head = Head(network)
    let counts = try evaluation.run(observer: nil) { [head($0.images)] }
    return evaluation.report(method: Self.name, network: network.cost, counts[0])
  }

  func parts(_ network: Network) throws -> (device: Network, server: Network?) { (network, nil) }
}

/// A method with what it takes to train it.
struct Probe {
  var configuration = TrainingConfiguration(epochs: 4, batchSize: 8)
  var seed: UInt64 = 5
  var processes: any ProcessGroup = SingleProcess()
  var provenance = Provenance(recipe: "method: probe\n", seed: 5, toolkitVersion: "1")

  /// Trains in a folder, which is made if it is not there.
  ///
  /// - Parameters:
  ///   - steps: after how many steps of this call it is interrupted; never if nil.
  ///   - change: what is special about the method.
  func train(
    in folder: String, resumes: Bool = false,
    interruptingAfter steps: Int? = nil,
    _ change: (inout ProbeMethod) throws -> Void = { _ in }
  ) throws -> (outcome: Trainer.Outcome, method: ProbeMethod) {
    let setting = try setting
    var method = try ProbeMethod(ProbeMethod.Configuration(), setting)
    try change(&method)
    let directory = RunDirectory(folder)
    if !directory.hasLast { try directory.create() }
    let log = method.log
    let trainer = Trainer(
      method, setting: setting, directory: directory, provenance: provenance,
      isInterrupted: { log.losses.count == steps })
    return (try trainer.run(resumes: resumes), method)
  }

  private var setting: MethodSetting {
    get throws {
      // The method has images of its own, but a run keeps the classes of its data.
      var scenes = DatasetSpecification(name: "shapes")
      scenes.size = 8
      scenes.samples = 12
      scenes.testSamples = 4
      return MethodSetting(
        data: DataProvider(DataConfiguration(scenes)),
        network: NetworkConfiguration(architecture: "resnet8"), training: configuration,
        link: try Link(), seed: seed, temporaryDirectory: "/nowhere", observer: SilentObserver(),
        processes: processes)
    }
  }
}
