internal import Foundation

/// Everything besides tensors that a run needs to go on exactly where it was.
struct TrainingState: Codable, Equatable {
  /// The stage under way, counted from 0.
  var stage = 0
  /// The epoch, and the step, that the stage began with.
  var stageStart = StagePosition()
  /// The epoch under way, counted from 0 over all stages.
  var epoch = 0
  /// The next batch of that epoch.
  var nextBatch = 0
  /// Steps taken since the beginning.
  var step = 0
  /// Steps the optimizer has counted.
  var optimizerSteps = 0
  /// The mean loss of the epoch so far.
  var loss = RunningMean()
  /// The best value of the monitored metric in this stage.
  var best: Double?
  /// The epoch that had it.
  var bestEpoch: Int?
  var earlyStopping = EarlyStopping.State()
  var plateau = PlateauDecay.State()
  /// The finished epochs.
  var history: [EpochRecord] = []
  /// Seconds spent in finished epochs.
  var seconds = 0.0
  /// Seconds spent in the epoch under way.
  var epochSeconds = 0.0
  /// Whether training has come to its end.
  var isFinished = false
  /// Whether early stopping ended its last stage.
  var stoppedEarly = false
  /// The images it goes on with; nil in states of before they were kept.
  var data: DataIdentity?
  /// The recipe and files it goes on with; nil in states of before they were kept.
  var origins: RunOrigins?

  /// A place in a run.
  struct StagePosition: Codable, Equatable {
    var epoch = 0
    var step = 0
  }

  /// Leaves a stage for the next.
  mutating func beginStage() {
    stage += 1
    stageStart = StagePosition(epoch: epoch, step: step)
    best = nil
    bestEpoch = nil
    earlyStopping = EarlyStopping.State()
    plateau = PlateauDecay.State()
    stoppedEarly = false
  }

  /// The JSON text that goes into a checkpoint.
  func document() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  init() {}

  init(document: String) throws {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    self = try decoder.decode(TrainingState.self, from: Data(document.utf8))
  }
}

/// One finished epoch, a line of `metrics.jsonl`.
public struct EpochRecord: Codable, Equatable, Sendable {
  /// The name of the stage, if the method has several.
  public let stage: String?
  /// The epoch, counted from 1 over all stages.
  public let epoch: Int
  /// Steps taken since the beginning.
  public let step: Int
  /// The mean loss over the epoch's batches, in training mode.
  public let trainLoss: Double
  /// The learning rate of the last step.
  public let learningRate: Double
  /// The metrics on the validation images.
  public let validation: ValidationMetrics
  /// Seconds the epoch took, validation included.
  public let seconds: Double
  /// Whether this is the best epoch so far.
  public let isBest: Bool

  private enum CodingKeys: String, CodingKey {
    case stage, epoch, step
    case trainLoss = "train_loss"
    case learningRate = "learning_rate"
    case validation, seconds
    case isBest = "is_best"
  }
}
