import Checkpoints
import Datasets
import Foundation
import Networks
import Tensors
import Testing
import Training

/// A run that was interrupted and resumed ends exactly where one that was not ends.
@Suite struct TrainerResumeTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var optimizer = OptimizerConfiguration(.adam(betas: .init(), epsilon: 1e-8))
    var schedule = LearningRateSchedule()
    var earlyStopping: EarlyStopping?
    var augments = false
    var stages: [TrainingStage]?
    /// After how many steps each call is interrupted; an epoch has 4.
    var interruptions = [2]
  }

  static let cases = [
    Case(testDescription: "Adam, within an epoch"),
    Case(testDescription: "Adam, at the end of an epoch", interruptions: [4]),
    Case(testDescription: "Adam, every 3 steps", interruptions: [3, 3, 3, 3, 3]),
    Case(
      testDescription: "momentum, augmentation, cosine with warm-up",
      optimizer: OptimizerConfiguration(
        .sgd(momentum: 0.9, nesterov: true), learningRate: 0.05, weightDecay: 1e-3),
      schedule: LearningRateSchedule(.cosine(minimum: 0), warmUp: .epochs(1)), augments: true,
      interruptions: [5]),
    Case(
      testDescription: "plain descent, plateau",
      optimizer: OptimizerConfiguration(.sgd(momentum: 0, nesterov: false), learningRate: 0.2),
      schedule: LearningRateSchedule(
        .plateau(PlateauDecay(factor: 0.5, patience: 0, threshold: 10))),
      interruptions: [9]),
    Case(
      testDescription: "plateau, at the end of an epoch",
      schedule: LearningRateSchedule(
        .plateau(PlateauDecay(factor: 0.5, patience: 0, threshold: 10))),
      interruptions: [8]),
    Case(
      testDescription: "early stopping",
      earlyStopping: EarlyStopping(patience: 2, minimumDelta: 10), interruptions: [7]),
    Case(
      testDescription: "stages, in each and between them",
      stages: [
        TrainingStage(epochs: 2),
        TrainingStage(
          epochs: 2,
          optimizer: OptimizerConfiguration(
            .sgd(momentum: 0.9, nesterov: false), learningRate: 0.02),
          schedule: LearningRateSchedule(.cosine(minimum: 0))),
      ], interruptions: [3, 5, 1, 4]),
  ]

  @Test(arguments: cases) func resumingContinuesExactly(_ example: Case) throws {
    var probe = Probe()
    probe.configuration.optimizer = example.optimizer
    probe.configuration.schedule = example.schedule
    probe.configuration.earlyStopping = example.earlyStopping
    probe.configuration.stages = example.stages
    probe.configuration.monitor = "loss"
    func change(_ method: inout ProbeMethod) throws {
      if example.augments {
        method.augmentation = try Augmentation(flipsHorizontally: true, cropPadding: 1)
      }
    }
    let folder = try TemporaryFolder()
    let whole = try probe.train(in: folder.file("whole"), change)
    if example.earlyStopping != nil { #expect(whole.outcome.stoppedEarly) }

    var losses: [Double] = []
    for (index, steps) in example.interruptions.enumerated() {
      var log: ProbeMethod.Log?
      let error = #expect(throws: TrainingError.self) {
        try probe.train(
          in: folder.file("parts"), resumes: index > 0, interruptingAfter: steps
        ) {
          try change(&$0)
          log = $0.log
        }
      }
      guard case .interrupted(let saved) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(saved == folder.file("parts/last.h5"))
      #expect(log?.losses.count == steps)
      losses += log?.losses ?? []
    }
    let rest = try probe.train(in: folder.file("parts"), resumes: true, change)
    losses += rest.method.log.losses

    #expect(losses == whole.method.log.losses)
    #expect(rest.outcome.network == whole.outcome.network)
    #expect(rest.outcome.bestEpoch == whole.outcome.bestEpoch)
    #expect(rest.outcome.stoppedEarly == whole.outcome.stoppedEarly)
    let history = rest.outcome.history.map(Comparable.init)
    #expect(history == whole.outcome.history.map(Comparable.init))
    // The last state too, with what the optimizer remembers, and the lines of the metrics.
    let ends = try ["whole", "parts"].map { try Checkpoint.read(folder.file("\($0)/last.h5")) }
    #expect(ends[0].network == ends[1].network)
    #expect(ends[0].tensors == ends[1].tensors)
    #expect(try records(folder.file("parts/metrics.jsonl")).map(Comparable.init) == history)
  }

  /// A record without its time.
  struct Comparable: Equatable {
    var text: String

    init(_ record: EpochRecord) {
      text =
        "\(record.epoch) \(record.step) \(record.trainLoss) \(record.learningRate) "
        + "\(record.validation.values.sorted { $0.key < $1.key }) \(record.isBest)"
    }
  }

  @Test func theTimeOfAnInterruptedEpochIsTheSumOfItsParts() throws {
    let folder = try TemporaryFolder()
    var probe = Probe()
    probe.configuration.epochs = 1
    _ = try? probe.train(in: folder.path, interruptingAfter: 2) {
      $0.sabotage = { step, loss in
        if step == 1 { usleep(50_000) }
        return loss
      }
    }
    let outcome = try probe.train(in: folder.path, resumes: true).outcome
    #expect(outcome.history[0].seconds > 0.05)
    #expect(outcome.seconds == outcome.history[0].seconds)
  }

  @Test func aFinishedRunIsNotTrainedFurther() throws {
    let folder = try TemporaryFolder()
    let first = try Probe().train(in: folder.path)
    let second = try Probe().train(in: folder.path, resumes: true)
    #expect(second.method.log.sourceCount == 0)
    #expect(second.method.log.losses.isEmpty)
    #expect(second.outcome.network == first.outcome.network)
    #expect(second.outcome.history == first.outcome.history)
  }

  @Test func aStateOfAnotherNetworkIsRefused() throws {
    let folder = try TemporaryFolder()
    _ = try? Probe().train(in: folder.path, interruptingAfter: 1)
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.file("last.h5")))
    #expect {
      try Probe().train(in: folder.path, resumes: true) {
        $0.network = try ResNetStandIn.network()
        $0.freezing = .none($0.network)
      }
    } throws: {
      "\($0)"
        == "\(folder.file("last.h5")) cannot be resumed: it holds another network than the recipe "
        + "describes"
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("last.h5"))) == before)
  }

  @Test func aCheckpointWithoutATrainingStateIsRefused() throws {
    let folder = try TemporaryFolder()
    try Checkpoint(network: ProbeMethod.classifier()).write(to: folder.file("last.h5"))
    #expect {
      try Probe().train(in: folder.path, resumes: true)
    } throws: { "\($0)".hasSuffix("cannot be resumed: it holds no training state") }
  }

  /// Otherwise the momentum of one optimizer would be taken for that of another.
  @Test func theStateOfAnotherOptimizerIsRefused() throws {
    let folder = try TemporaryFolder()
    _ = try? Probe().train(in: folder.path, interruptingAfter: 1)
    var other = Probe()
    other.configuration.optimizer = OptimizerConfiguration(.sgd(momentum: 0.9, nesterov: false))
    #expect {
      try other.train(in: folder.path, resumes: true)
    } throws: { "\($0)".contains("cannot be resumed") }
  }
}

/// A network that is not the probe's.
enum ResNetStandIn {
  static func network() throws -> Network {
    var builder = NetworkBuilder(shape: [6, 6, 1])
    let value = builder.add("flatten", FlattenLayer(), after: "input")
    let output = builder.add("linear", LinearLayer(36, 2), after: value)
    return try builder.network(name: "other", outputs: [output])
  }
}

/// The lines of a metrics file.
func records(_ path: String) throws -> [EpochRecord] {
  let text = try String(contentsOfFile: path, encoding: .utf8)
  return try text.split(separator: "\n").map {
    try JSONDecoder().decode(EpochRecord.self, from: Data($0.utf8))
  }
}
