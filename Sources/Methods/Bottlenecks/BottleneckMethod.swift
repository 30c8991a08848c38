internal import Autodiff
public import Codecs
internal import Datasets
public import Networks
public import Tensors
public import Training

/// A method that trains a bottleneck in place of a network's first layers.
public protocol BottleneckMethod: Method where Configuration == BottleneckConfiguration {
  /// The teacher and the student.
  var student: BottleneckStudent { get }
}

extension BottleneckMethod {
  /// The student as training begins.
  public var network: Network { student.network }

  /// What pixels go through first.
  public var inputTransform: InputTransform { student.inputTransform }

  /// The checkpoint files the recipe builds on.
  public var parents: [String] { student.setting.network.files }

  /// Transformed and augmented training images.
  public func trainingBatches() throws -> any BatchSource { try student.trainingBatches() }

  /// Accuracy on the test images with every latent written as bytes, and what the split costs.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    try student.coded(network).evaluate(
      method: Self.name, network: network.cost, student.setting)
  }

  /// The encoder, and decoder and tail.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    let (device, server) = try student.parts(network)
    return (device, server)
  }

  /// The teacher; the student in one piece where the teacher is a new network.
  public func uncut(_ network: Network) throws -> UncutNetwork {
    UncutNetwork(
      student.setting.network.files.isEmpty ? try whole(network) : student.teacherNetwork,
      through: inputTransform)
  }

  /// The learned prior in integers, if there is one.
  public func codecTables(_ network: Network) throws -> CodecTables { student.tables(network) }

  /// The deployed system with its codec.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    [try student.coded(network).system(name: Self.name)]
  }
}

/// A bottleneck that imitates its teacher's features in a first stage, and its answers in a second.
public protocol DistilledBottleneckMethod: BottleneckMethod {}

extension DistilledBottleneckMethod {
  /// `distillation` and `fine_tuning`.
  public static var stages: [String] { ["distillation", "fine_tuning"] }

  /// Everything but encoder, prior and decoder, in the first stage.
  public var freezing: Freezing { student.distillation }

  /// In the second stage encoder and prior, unless the recipe trains them too.
  public func freezing(inStage stage: Int) -> Freezing {
    stage == 0 ? student.distillation : student.fineTuning
  }

  /// Distils features, then answers.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let outputs = pass(batch.inputs)
    let loss = student.loss(
      inStage: pass.stage, outputs, bits: pass.bits, labels: batch.labels, batch.inputs)
    loss.backward()
    return Double(loss.value.item)
  }

  /// `accuracy`, `loss` and, with a learned prior, `bytes` on the validation images.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    try validate(network, inStage: 1)
  }

  /// `accuracy`, the stage's `loss` and, with a learned prior, `bytes` on the validation images.
  public func validate(_ network: Network, inStage stage: Int) throws -> ValidationMetrics {
    try student.validate(network) { outputs, bits, batch in
      student.loss(
        inStage: stage, outputs, bits: bits, labels: batch.labels, batch.images)
    }
  }
}
