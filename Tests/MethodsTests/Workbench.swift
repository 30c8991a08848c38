import Autodiff
import Checkpoints
import Datasets
import Foundation
import Methods
import Networks
import Splitting
import Synchronization
import Tensors
import Testing
import Training

/// A tiny split system and what it takes to train something in it.
struct Workbench {
  let folder: TemporaryFolder
  let base: Network
  let head: Network
  let tail: Network
  let transform: InputTransform
  var data: DataConfiguration
  var training = TrainingConfiguration(epochs: 2, batchSize: 16)
  var link: Link
  var network = NetworkConfiguration()
  var seed: UInt64 = 1
  let observer = RecordingObserver()

  /// ResNet-8 on 16×16 scenes of four forms, cut behind its first stage: a latent of 16×16×16.
  ///
  /// Parameters are random and batch statistics moved, so that folding and freezing matter.
  init() throws {
    folder = try TemporaryFolder()
    var network = try ResNet.narrow(depth: 8, classes: 4, inputShape: [16, 16, 3])
    network.initializeParameters(seed: 3)
    var random = RandomSource(seed: 9)
    for path in network.parameterPaths {
      let shape = network.parameters[path]?.shape ?? []
      if path.hasSuffix("running_mean") {
        try network.setParameter(path, to: random.normal(shape, standardDeviation: 0.3))
      } else if path.hasSuffix("running_var") {
        try network.setParameter(path, to: random.uniform(shape, in: 0.5...2))
      }
    }
    base = network
    (head, tail) = try network.cut(at: "layer1")
    transform = try InputTransform(scale: 255, mean: [0.5], std: [0.25])
    var scenes = DatasetSpecification(name: "shapes")
    scenes.size = 16
    scenes.samples = 60
    scenes.testSamples = 20
    data = DataConfiguration(scenes)
    link = try Link()
  }

  var setting: MethodSetting {
    MethodSetting(
      data: DataProvider(data), network: network, training: training, link: link, seed: seed,
      temporaryDirectory: folder.path, observer: observer)
  }

  /// The two parts, the tail in this process unless another is given.
  func setup(tail other: (any Tail)? = nil) throws -> SplitSetup {
    SplitSetup(
      head: head, tail: other ?? LocalTail(tail), serverCost: nil, inputTransform: transform,
      classNames: ["cube", "cylinder", "sphere", "capsule"])
  }

  func salt(
    _ configuration: SALTConfiguration = SALTConfiguration(), tail other: (any Tail)? = nil
  ) throws -> SALT {
    try SALT(configuration, setting, setup: setup(tail: other))
  }

  /// Trains a method in a folder of the workbench's own.
  func train(_ method: any Training.Method, _ name: String = UUID().uuidString) throws
    -> Trainer.Outcome
  {
    let directory = RunDirectory(folder.file(name))
    try directory.create()
    return try Trainer(
      method, setting: setting, directory: directory, provenance: Provenance(),
      watchedImages: try setting.data.validation()
    ).run(resumes: false)
  }

  /// A batch of latents of training images, as the head gives them.
  func latents(_ count: Int = 12) throws -> (latents: Tensor<Float>, labels: [Int32]) {
    let images = try DataProvider(data).train()
    let samples = Array(0..<count)
    return (Head(head)(try transform(images.pixels(at: samples))), images.labels(at: samples))
  }
}

/// Remembers what it is told.
final class RecordingObserver: TrainingObserver {
  private let state = Mutex<(tasks: [String], notes: [String])>(([], []))

  var tasks: [String] { state.withLock { $0.tasks } }
  var notes: [String] { state.withLock { $0.notes } }

  func progressed(_ task: String, unit: String, done: Int, of total: Int) {
    state.withLock { if $0.tasks.last != task { $0.tasks.append(task) } }
  }
  func stepped(_ progress: StepProgress) {}
  func finishedEpoch(_ record: EpochRecord) {}
  func noted(_ message: String) { state.withLock { $0.notes.append(message) } }
}

/// A step's pass through a network, all of it trained, as the trainer makes it.
func trainingPass(
  _ network: Network, stage: Int = 0, seed: UInt64 = 77
) -> TrainingPass {
  let executor = NetworkExecutor(network)
  return TrainingPass(
    executor,
    parameters: executor.parameterPaths.compactMap { path in
      network.parameters[path].map {
        Variable($0, requiresGradient: network.specifications[path]?.role != .statistic)
      }
    }, frozenNodes: [], epoch: 0, stage: stage, seed: seed)
}

/// The length of the difference of two tensors relative to the length of the first.
func relativeError(_ expected: Tensor<Float>, _ found: Tensor<Float>) -> Double {
  guard expected.shape == found.shape else { return .infinity }
  let difference = zip(expected.scalars, found.scalars).reduce(0.0) {
    $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
  }
  let length = expected.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
  return length == 0 ? (difference == 0 ? 0 : .infinity) : (difference / length).squareRoot()
}

/// The bytes of a file.
func bytes(of path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
