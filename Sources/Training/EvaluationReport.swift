public import Datasets
public import Metrics
public import Networks
public import Splitting
public import Tasks

/// What `cleave evaluate` measures; every figure carries its unit in its name or type.
public struct EvaluationReport: Codable, Sendable {
  /// The accuracy on one class.
  public struct ClassAccuracy: Codable, Sendable {
    /// The name of the class.
    public var name: String
    /// Test samples of the class.
    public var samples: Int
    /// The fraction of them that is predicted right; nil without samples.
    @NullCoded public var accuracy: Double?
  }

  /// The accuracies of one way to predict, for the user's classes and for the others.
  public struct Comparison: Codable, Sendable {
    /// What predicts, such as `original` or `original, masked`.
    public var name: String
    /// The accuracy on the user's classes, a fraction; nil without samples of them.
    @NullCoded public var userAccuracy: Double?
    /// The accuracy on all other classes, a fraction; nil without samples of them, 0 by construction
    /// where they are masked.
    @NullCoded public var otherAccuracy: Double?

    /// Creates a row.
    public init(name: String, userAccuracy: Double?, otherAccuracy: Double?) {
      self.name = name
      self.userAccuracy = userAccuracy
      self.otherAccuracy = otherAccuracy
    }

    private enum CodingKeys: String, CodingKey {
      case name
      case userAccuracy = "user_accuracy"
      case otherAccuracy = "other_accuracy"
    }
  }

  /// The bytes of streams, headers included, over the test images.
  public struct StreamBytes: Codable, Sendable {
    /// Their mean.
    public var mean: Double
    /// Their median.
    public var p50: Double
    /// What 99 % do not exceed.
    public var p99: Double
    /// What the latents' own model expects on average, without headers, if they have one.
    public var expected: Double?

    /// Summarises streams; nil without any.
    public init?(of bytes: [Double], expected: Double? = nil) {
      guard let percentiles = Percentiles(bytes) else { return nil }
      self.init(
        mean: bytes.reduce(0, +) / Double(bytes.count), p50: percentiles.p50,
        p99: percentiles.p99, expected: expected)
    }

    /// Creates figures.
    public init(mean: Double, p50: Double, p99: Double, expected: Double?) {
      self.mean = mean
      self.p50 = p50
      self.p99 = p99
      self.expected = expected
    }
  }

  /// What a split system costs.
  public struct SplitCost: Codable, Sendable {
    /// Bytes of everything that runs on the device: parameters as 32-bit floats, and tables.
    public var encoderBytes: Int
    /// Numbers among those, statistics included.
    public var encoderParameters: Int
    /// Bytes sent up for one sample, headers included; their mean, rounded, if they differ.
    public var uplinkBytes: Int
    /// The bytes of the test images, 0 for those that the device answers itself; nil without any.
    public var stream: StreamBytes?
    /// The share of the test images that are sent; the device answers the others itself.
    public var sentShare: Double?
    /// Bytes sent down for one sample, such as the logits; their mean, rounded.
    public var downlinkBytes: Int
    /// Multiply-accumulates on the device for one sample; their mean, rounded.
    public var deviceMACs: Int
    /// Multiply-accumulates on the server for one sample; their mean, rounded.
    public var serverMACs: Int
    /// Median time of the device's part for one sample with its encoding, on this machine.
    public var deviceTime: TimeSpan
    /// Median time of the server's part for one sample with its decoding, on this machine.
    public var serverTime: TimeSpan
    /// The part of ``deviceTime`` that encoding takes.
    public var encodeTime: TimeSpan?
    /// The part of ``serverTime`` that decoding takes.
    public var decodeTime: TimeSpan?
    /// Parts of the time from image to answer under the recipe's link, on average.
    public var latency: Latency
    /// The energy one sample costs the device, by the recipe's powers.
    public var deviceEnergy: Energy

    /// Describes a cost.
    package init(
      encoderBytes: Int, encoderParameters: Int, uplinkBytes: Int, stream: StreamBytes?,
      sentShare: Double?, downlinkBytes: Int, deviceMACs: Int, serverMACs: Int,
      deviceTime: TimeSpan, serverTime: TimeSpan, encodeTime: TimeSpan? = nil,
      decodeTime: TimeSpan? = nil, latency: Latency, deviceEnergy: Energy
    ) {
      self.encoderBytes = encoderBytes
      self.encoderParameters = encoderParameters
      self.uplinkBytes = uplinkBytes
      self.stream = stream
      self.sentShare = sentShare
      self.downlinkBytes = downlinkBytes
      self.deviceMACs = deviceMACs
      self.serverMACs = serverMACs
      self.deviceTime = deviceTime
      self.serverTime = serverTime
      self.encodeTime = encodeTime
      self.decodeTime = decodeTime
      self.latency = latency
      self.deviceEnergy = deviceEnergy
    }

    private enum CodingKeys: String, CodingKey {
      case encoderBytes = "encoder_bytes"
      case encoderParameters = "encoder_parameters"
      case uplinkBytes = "uplink_bytes"
      case stream
      case sentShare = "sent_share"
      case downlinkBytes = "downlink_bytes"
      case deviceMACs = "device_macs"
      case serverMACs = "server_macs"
      case deviceTime = "device_time"
      case serverTime = "server_time"
      case encodeTime = "encode_time"
      case decodeTime = "decode_time"
      case latency
      case deviceEnergy = "device_energy"
    }
  }

  /// What was evaluated.
  public var method: String
  /// The data set.
  public var dataset: String
  /// How many test samples.
  public var samples: Int
  /// The fraction that is predicted right: of the user's classes if there is a user, else of all.
  ///
  /// With ``tasks``, the mean of their accuracies; nil if one of them is judged by another metric, or
  /// nothing is defined.
  @NullCoded public var accuracy: Double?
  /// Each class.
  public var perClass: [ClassAccuracy]
  /// How many test samples of each class (rows) were taken for each (columns), among all classes; nil
  /// beyond ``mostConfusedClasses``.
  public var confusion: [[Int]]?
  /// The most classes whose confusions a report lists.
  public static let mostConfusedClasses = 100
  /// The user's classes, if the data set is restricted.
  public var userClasses: [String]?
  /// The trained system and its controls, on the user's classes and on the others.
  public var comparisons: [Comparison]
  /// Numbers in the network's parameters.
  public var parameters: Int
  /// Multiply-accumulates of the whole network for one sample.
  public var macs: Int
  /// What the split system costs, if there is a cut.
  public var split: SplitCost?
  /// Epochs until the end and until the best one, if it was trained.
  public var training: TrainingSummary?

  /// The mean over the test images of how near decoded images come to them, in decibels: `10 log₁₀ 255²
  /// / MSE`, if images are decoded.
  public var psnr: Double?

  /// Each task, if the network answers several or other than by a class.
  public var tasks: [TaskResult]?

  /// How the tasks pull at what they share, if there are two or more.
  public var conflicts: [TaskConflict]?

  /// How drones flew under each policy, if any did.
  public var flights: [FlightReport]?

  /// What early exits do over all thresholds, if the network has any.
  public var exits: ExitReport?

  /// What a search of architectures has found, if there was one.
  public var search: ArchitectureSearchReport?

  /// What bit errors do to the answers, if the link has any.
  public var bitErrors: [BitErrorReport]?

  /// What a person should know of the data, such as how a part of them was drawn; nil if nothing.
  public var notes: [String]?

  /// Identity of the test data: equal for equal images and labels in equal order, of files by path, size and
  /// time of change; nil in reports of before it was kept.
  public var testData: String?

  /// The ways to write what crosses the cut, if they were compared.
  public var codecs: [CodecComparison]?

  /// What a codec makes of the latents of the test images.
  public struct CodecComparison: Codable, Sendable {
    /// The codec and its settings.
    public var name: String
    /// Whether it is what the method has chosen.
    public var isChosen: Bool
    /// The fraction that is predicted right from what is decoded; as the report's for tasks.
    @NullCoded public var accuracy: Double?
    /// Bytes of a stream, everything included, on average.
    public var meanBytes: Double
    /// What half of the streams do not exceed.
    public var p50Bytes: Double
    /// What 99 % of the streams do not exceed.
    public var p99Bytes: Double
    /// What the codec's own model expected on average, without headers; nil if it has none.
    public var expectedBytes: Double?
    /// Bytes of the latent in single precision over the mean.
    public var ratio: Double
    /// Bytes of tables that both sides have to know beforehand.
    public var tableBytes: Int
    /// Each task from what is decoded, if there are tasks.
    public var tasks: [TaskResult]?
    /// Bits a character of a text takes by the prediction from what is decoded, if it is a text.
    public var bitsPerSymbol: Double?

    /// Summarises streams; nil without any.
    ///
    /// - Parameter latentBytes: bytes of what a stream holds in single precision.
    public init?(
      name: String, isChosen: Bool = false, accuracy: Double?, stream: StreamBytes?,
      latentBytes: Int, tableBytes: Int = 0
    ) {
      guard let stream else { return nil }
      self.name = name
      self.isChosen = isChosen
      self.accuracy = accuracy
      meanBytes = stream.mean
      p50Bytes = stream.p50
      p99Bytes = stream.p99
      expectedBytes = stream.expected
      ratio = Double(latentBytes) / stream.mean
      self.tableBytes = tableBytes
    }

    private enum CodingKeys: String, CodingKey {
      case name, accuracy, ratio, tasks
      case isChosen = "is_chosen"
      case meanBytes = "mean_bytes"
      case p50Bytes = "p50_bytes"
      case p99Bytes = "p99_bytes"
      case expectedBytes = "expected_bytes"
      case tableBytes = "table_bytes"
      case bitsPerSymbol = "bits_per_symbol"
    }
  }

  /// How long training took.
  public struct TrainingSummary: Codable, Sendable {
    /// Epochs that ran.
    public var epochs: Int
    /// The epoch that was chosen.
    public var bestEpoch: Int
    /// Whether early stopping ended training.
    public var stoppedEarly: Bool
    /// Median seconds of an epoch, validation included.
    public var secondsPerEpoch: Double
    /// Seconds of all epochs, validation included, without setting up.
    public var seconds: Double
    /// The metrics of the chosen epoch on the validation images.
    public var validation: ValidationMetrics

    /// Summarises a run.
    public init(_ outcome: Trainer.Outcome) {
      epochs = outcome.history.count
      bestEpoch = outcome.bestEpoch
      stoppedEarly = outcome.stoppedEarly
      secondsPerEpoch = Percentiles(outcome.history.map(\.seconds))?.p50 ?? 0
      seconds = outcome.seconds
      validation = outcome.history.last { $0.epoch == outcome.bestEpoch }?.validation ?? [:]
    }

    private enum CodingKeys: String, CodingKey {
      case epochs
      case bestEpoch = "best_epoch"
      case stoppedEarly = "stopped_early"
      case secondsPerEpoch = "seconds_per_epoch"
      case seconds, validation
    }
  }

  /// A report of a network that answers tasks, without costs.
  ///
  /// - Parameter tasks: what was measured on the test images.
  public init(method: String, dataset: ImageDataset, tasks: [TaskResult], network: Cost) {
    self.init(
      method: method, dataset: dataset.name, samples: dataset.count, accuracy: tasks.accuracy,
      perClass: [], userClasses: nil, comparisons: [], parameters: network.parameters,
      macs: network.macs)
    self.tasks = tasks
  }

  /// A report of something that is measured by other than a data set's samples, without costs.
  ///
  /// - Parameters:
  ///   - samples: how many there were, such as flights.
  ///   - accuracy: the share of them that went well.
  public init(method: String, dataset: String, samples: Int, accuracy: Double?, network: Cost) {
    self.init(
      method: method, dataset: dataset, samples: samples, accuracy: accuracy, perClass: [],
      userClasses: nil, comparisons: [], parameters: network.parameters, macs: network.macs)
  }

  /// Figures that the result is judged by, each under the name of its metric.
  ///
  /// The goals that drones reached, the metric of each task, or the accuracy; those that are not defined are
  /// left out.
  package var judgedFigures: [(name: String, value: Double)] {
    if let tasks {
      return tasks.compactMap { task in
        guard let judged = task.judged, let value = judged.value else { return nil }
        return (tasks.count > 1 ? "\(task.task).\(judged.name)" : judged.name, value)
      }
    }
    return accuracy.map { [(flights == nil ? "accuracy" : "success", $0)] } ?? []
  }

  /// Adds what a person should know of the data.
  package mutating func add(_ notes: [String]) {
    guard !notes.isEmpty else { return }
    self.notes = (self.notes ?? []) + notes
  }

  init(
    method: String, dataset: String, samples: Int, accuracy: Double?, perClass: [ClassAccuracy],
    userClasses: [String]?, comparisons: [Comparison], parameters: Int, macs: Int
  ) {
    self.method = method
    self.dataset = dataset
    self.samples = samples
    self.accuracy = accuracy
    self.perClass = perClass
    self.userClasses = userClasses
    self.comparisons = comparisons
    self.parameters = parameters
    self.macs = macs
  }

  private enum CodingKeys: String, CodingKey {
    case method, dataset, samples, accuracy, confusion
    case perClass = "per_class"
    case userClasses = "user_classes"
    case comparisons, parameters, macs, split, training, psnr, codecs, tasks,
      conflicts, exits, flights, search, notes
    case bitErrors = "bit_errors"
    case testData = "test_data"
  }
}
