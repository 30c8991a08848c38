public import Codecs
public import Configurations
public import Datasets
public import Networks
public import Splitting
public import Tasks
public import Tensors

/// A system that trains what sits on the cut.
///
/// The trainer owns the loop, checkpoints, early stopping and logging; a method owns its
/// configuration, the network that is trained, the loss of a batch, and what is measured and
/// exported in the end. Adding one touches its own folder and one line of the registry.
public protocol Method {
  /// The recipe's node of the method's name.
  associatedtype Configuration: Codable & Sendable & Validatable

  /// The name in recipes, such as `salt`.
  static var name: String { get }

  /// What the method does, in one sentence.
  static var summary: String { get }

  /// What the stages of training are called, in order; one unless a method says otherwise.
  static var stages: [String] { get }

  /// The figures on the validation images that the recipe's `monitor` may name.
  static var monitors: [String] { get }

  /// Indicates whether training and measuring meet the noise and the losses of the link.
  static var meetsNoise: Bool { get }

  /// Keys of a recipe that have no effect on the method, given the others: recipes that have them are
  /// refused.
  static func unusedKeys(_ configuration: Configuration, in sections: RecipeSections) -> [UnusedKey]

  /// Whether there are parameters to move; without, the trainer runs no epoch.
  static var trains: Bool { get }

  /// Prepares training or evaluation; reads the checkpoints the recipe names.
  ///
  /// - Throws: what keeps the parts from being read or from fitting together.
  init(_ configuration: Configuration, _ setting: MethodSetting) throws

  /// The network that is trained, as training begins.
  var network: Network { get }

  /// What of it stays as it is, in the first stage.
  var freezing: Freezing { get }

  /// What of it stays as it is in a stage, counted from 0.
  func freezing(inStage stage: Int) -> Freezing

  /// The values of the network that a step of a stage computes, in the order that ``step(_:_:)``
  /// gets them; all outputs if nil. What they do not need is neither run nor trained.
  func outputs(inStage stage: Int) -> [String]?

  /// What pixels go through before they reach the network or its head.
  var inputTransform: InputTransform { get }

  /// The checkpoint files the recipe builds on.
  var parents: [String] { get }

  /// The batches of training; may take its time, and says so through the setting's observer.
  ///
  /// - Throws: what keeps samples from being read.
  func trainingBatches() throws -> any BatchSource

  /// Computes the loss of a batch and its gradients.
  ///
  /// Runs the trained network through `pass` and calls `backward` on the result.
  ///
  /// - Returns: the mean loss of the batch.
  func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double

  /// The metrics on the validation images that the recipe's `monitor` may name.
  func validate(_ network: Network) throws -> ValidationMetrics

  /// The metrics on the validation images in a stage, counted from 0.
  func validate(_ network: Network, inStage stage: Int) throws -> ValidationMetrics

  /// Settles on the validation images what no gradient can, once training is over.
  ///
  /// - Parameter network: the trained network.
  /// - Returns: what was chosen, as JSON for the run to keep; nil if there is nothing to choose.
  mutating func choose(for network: Network) throws -> String?

  /// Takes up what an earlier ``choose(for:)`` has given.
  ///
  /// - Throws: what keeps the text from being understood.
  mutating func adopt(_ choice: String) throws

  /// Measures the trained network on the test images.
  func evaluate(_ network: Network) throws -> EvaluationReport

  /// What a method that lives through something while it trains needs to go on exactly, besides
  /// parameters: saved with every checkpoint of the run.
  func savedState() throws -> MethodState?

  /// Takes up what was saved.
  ///
  /// - Throws: what keeps it from being understood.
  func restore(_ state: MethodState) throws

  /// What is worth seeing beside the loss while steps are taken.
  var stepFields: [StepProgress.Field] { get }

  /// Further files of the run, by their names in its folder, once it is measured.
  func documents() throws -> [String: String]

  /// What the network answers, one entry a task; nil for a classifier of the data set's classes.
  var tasks: TaskSet? { get }

  /// The trained network in one piece as it would run without a split, from transformed images to
  /// the answers of ``tasks``, or to logits.
  ///
  /// - Throws: `NetworkError`, or ``SetupError`` if part of it is not the method's.
  func whole(_ network: Network) throws -> Network

  /// The network that the deployed system stands in for, with every value between its layers as it
  /// is: what fidelity is measured against.
  ///
  /// - Throws: as ``whole(_:)``, or what keeps the network from being read.
  func uncut(_ network: Network) throws -> UncutNetwork

  /// The two parts that are deployed: what runs on the device, with what was trained for it, and
  /// what runs on the server; `nil` where that is the recipe's own tail, unchanged.
  ///
  /// - Throws: `NetworkError`, or ``SetupError/cutNeeded`` without a cut.
  func parts(_ network: Network) throws -> (device: Network, server: Network?)

  /// The integer tables that device and server code latents with, if the network has learned any.
  func codecTables(_ network: Network) throws -> CodecTables

  /// How the device decides about an image, if it does: where it may answer early, or by which of
  /// several branches it sends.
  ///
  /// - Throws: as ``parts(_:)``.
  func decisions(_ network: Network) throws -> DeviceDecisions

  /// How the device sends indices of centres, if it does.
  ///
  /// - Throws: as ``parts(_:)``.
  func indexCoding(_ network: Network) throws -> IndexCoding?

  /// The trained network as systems that send bytes, for the trade-off of bytes, size and quality.
  ///
  /// Unless a method says otherwise: one system, its parts with every value sent as it is.
  ///
  /// - Throws: as ``parts(_:)``.
  func systems(_ network: Network) throws -> [any SplitSystem]
}

extension Method {
  /// `accuracy` and `loss`.
  public static var monitors: [String] { ["accuracy", "loss"] }

  /// False: what is sent arrives.
  public static var meetsNoise: Bool { false }

  /// None.
  public static func unusedKeys(
    _ configuration: Configuration, in sections: RecipeSections
  ) -> [UnusedKey] { [] }

  /// One stage.
  public static var stages: [String] { ["training"] }

  /// The same in every stage.
  public func freezing(inStage stage: Int) -> Freezing { freezing }

  /// All outputs.
  public func outputs(inStage stage: Int) -> [String]? { nil }

  /// The same in every stage.
  public func validate(_ network: Network, inStage stage: Int) throws -> ValidationMetrics {
    try validate(network)
  }

  /// Nil: a classifier.
  public var tasks: TaskSet? { nil }

  /// The two parts joined.
  ///
  /// - Throws: as ``parts(_:)``, and ``SetupError/tailNeeded(method:)`` without a server's part.
  public func whole(_ network: Network) throws -> Network {
    let (device, server) = try parts(network)
    guard let server else { throw SetupError.tailNeeded(method: Self.name) }
    return try device.followed(by: server, name: network.name)
  }

  /// The trained network in one piece.
  ///
  /// - Throws: as ``whole(_:)``.
  public func uncut(_ network: Network) throws -> UncutNetwork {
    UncutNetwork(try whole(network), through: inputTransform)
  }

  /// None: everything is sent the same way.
  public func decisions(_ network: Network) throws -> DeviceDecisions { DeviceDecisions() }

  /// Nil: values are sent.
  public func indexCoding(_ network: Network) throws -> IndexCoding? { nil }

  /// None.
  public func codecTables(_ network: Network) throws -> CodecTables { .none }

  /// The two parts with every value sent as it is.
  ///
  /// - Throws: as ``parts(_:)``, and `SetupError.tailNeeded` if the server's part is not the
  ///   method's.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    let (device, server) = try parts(network)
    guard let server else { throw SetupError.tailNeeded(method: Self.name) }
    return [
      CodedSystem(
        name: Self.name, family: Self.name, device: device, inputTransform: inputTransform,
        server: server, answerBytes: tasks.flatMap { $0.answerBytes(of: server) })
    ]
  }
}

extension Method {
  /// True.
  public static var trains: Bool { true }

  /// Nothing.
  public mutating func choose(for network: Network) throws -> String? { nil }

  /// Nothing to take up.
  public mutating func adopt(_ choice: String) throws {}

  /// Nothing.
  public var stepFields: [StepProgress.Field] { [] }

  /// None.
  public func documents() throws -> [String: String] { [:] }

  /// Nil: training is a function of parameters and the step.
  public func savedState() throws -> MethodState? { nil }

  /// Nothing to take up.
  public func restore(_ state: MethodState) throws {}
}

/// What a method has lived through.
public struct MethodState: Sendable {
  /// Numbers by name.
  public var tensors: [String: Tensor<Float>]
  /// The rest, as text.
  public var document: String

  /// Creates a state.
  public init(tensors: [String: Tensor<Float>], document: String) {
    self.tensors = tensors
    self.document = document
  }
}

/// What surrounds a method: everything of a recipe but its own node.
public struct MethodSetting {
  /// The data set.
  public let data: DataProvider
  /// The network or its parts.
  public let network: NetworkConfiguration
  /// How it is trained.
  public let training: TrainingConfiguration
  /// The link between device and server.
  public let link: Link
  /// The powers of the device.
  public let energy: EnergyModel
  /// The seed of the run.
  public let seed: UInt64
  /// What reaches tails that others serve; nil if nothing does.
  public let tails: (any TailConnector)?
  /// Where temporary files may go.
  public let temporaryDirectory: String
  /// Who is told about progress.
  public let observer: any TrainingObserver
  /// The processes that train together.
  public let processes: any ProcessGroup

  /// Creates a setting.
  public init(
    data: DataProvider, network: NetworkConfiguration, training: TrainingConfiguration,
    link: Link, energy: EnergyModel = EnergyModel(), seed: UInt64,
    tails: (any TailConnector)? = nil, temporaryDirectory: String, observer: any TrainingObserver,
    processes: any ProcessGroup = SingleProcess()
  ) {
    self.data = data
    self.network = network
    self.training = training
    self.link = link
    self.energy = energy
    self.seed = seed
    self.tails = tails
    self.temporaryDirectory = temporaryDirectory
    self.observer = observer
    self.processes = processes
  }

  /// The batches of this process in the run's order.
  ///
  /// - Parameter sampleCount: how many samples an epoch has.
  /// - Throws: `DatasetError` for a batch size below 1 or no samples.
  public func trainingPlan(sampleCount: Int) throws(DatasetError) -> BatchPlan {
    try BatchPlan(
      sampleCount: sampleCount, batchSize: training.batchSize, seed: seed, share: processes.share)
  }
}

/// Who is told how far a run is.
public protocol TrainingObserver: Sendable {
  /// A task other than training steps has got so far, such as `caching features`.
  func progressed(_ task: String, unit: String, done: Int, of total: Int)

  /// A step is done.
  func stepped(_ progress: StepProgress)

  /// An epoch is done and validated.
  func finishedEpoch(_ record: EpochRecord)

  /// Something a person should know, such as why a cache is not used.
  func noted(_ message: String)
}

/// How far an epoch is.
public struct StepProgress: Sendable {
  /// A figure of a method's own.
  public struct Field: Sendable {
    /// What it is.
    public let name: String
    /// Its value, for people.
    public let value: String

    /// Creates a field.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The epoch, counted from 0.
  public let epoch: Int
  /// The most epochs there will be.
  public let epochs: Int
  /// How many batches of the epoch are done.
  public let batch: Int
  /// How many batches the epoch has.
  public let batches: Int
  /// The mean loss of the epoch so far.
  public let loss: Double
  /// The learning rate of the step.
  public let learningRate: Double
  /// What else the method shows.
  public let fields: [Field]
}

/// An observer that keeps silent.
public struct SilentObserver: TrainingObserver {
  /// Creates an observer.
  public init() {}
  /// Ignores.
  public func progressed(_ task: String, unit: String, done: Int, of total: Int) {}
  /// Ignores.
  public func stepped(_ progress: StepProgress) {}
  /// Ignores.
  public func finishedEpoch(_ record: EpochRecord) {}
  /// Ignores.
  public func noted(_ message: String) {}
}
