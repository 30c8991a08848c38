import Checkpoints
import Foundation
import Networks
import Splitting
import Tensors
import Testing
import Training

@Suite struct TrainerTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func script(_ accuracies: [Double]) -> [ValidationMetrics] {
    accuracies.map { ["accuracy": $0, "loss": $0] }
  }

  // MARK: - The best epoch

  @Test(arguments: [("accuracy", 2), ("loss", 3)])
  func theBestEpochIsTheFirstWithTheBestMonitoredMetric(monitor: String, best: Int) throws {
    var probe = Probe()
    probe.configuration.monitor = monitor
    let script = script([0.5, 0.75, 0.25, 0.75])
    let (outcome, method) = try probe.train(in: folder.path) { $0.script = script }
    #expect(outcome.bestEpoch == best)
    // What is handed on and what is in the file is the network of that epoch, not the last one.
    #expect(outcome.network == method.log.validated[best - 1])
    #expect(outcome.network != method.log.validated[3])
    let file = try Checkpoint.read(folder.file("best.h5"))
    #expect(file.network == method.log.validated[best - 1])
    #expect(file.provenance?.figures["validation_\(monitor)"] == script[best - 1][monitor])
  }

  @Test func aStageBeginsWithTheBestParametersOfTheOneBefore() throws {
    var probe = Probe()
    let still = OptimizerConfiguration(.sgd(momentum: 0, nesterov: false), learningRate: 1e-30)
    probe.configuration.stages = [
      TrainingStage(epochs: 3), TrainingStage(epochs: 0),
      TrainingStage(epochs: 2, optimizer: still, monitor: "loss"),
    ]
    let script = script([0.5, 0.75, 0.25, 0.9, 0.1])
    let (outcome, method) = try probe.train(in: folder.path) { $0.script = script }
    let weights = method.log.validated.map { $0.parameters["conv.weight"] }
    #expect(weights[3] == weights[1] && weights[3] != weights[2])
    // The best of the last stage by its own metric, the lower loss.
    #expect(outcome.bestEpoch == 5)
    #expect(outcome.history.map(\.epoch) == [1, 2, 3, 4, 5])
    #expect(outcome.history.map(\.isBest) == [true, true, false, true, true])
    #expect(outcome.history[4].learningRate == 1e-30)
  }

  /// The test images would be used to choose by if training looked at them.
  @Test func trainingNeverEvaluates() throws {
    #expect(try Probe().train(in: folder.path).method.log.evaluationCount == 0)
  }

  @Test func aMetricThatIsNotANumberIsNeverTheBest() throws {
    let script = script([.nan, 0.5, .nan, .nan])
    let (outcome, method) = try Probe().train(in: folder.path) { $0.script = script }
    #expect(outcome.bestEpoch == 2)
    #expect(outcome.network == method.log.validated[1])
    #expect(method.log.validated.count == 4)
  }

  @Test func withoutAnyBestEpochTheLastNetworkIsHandedOn() throws {
    let script = script([.nan, .nan, .nan, .nan])
    let (outcome, method) = try Probe().train(in: folder.path) { $0.script = script }
    #expect(outcome.bestEpoch == 0)
    #expect(outcome.network == method.log.validated[3])
  }

  @Test func aMonitoredMetricThatIsNotMeasuredIsNamed() throws {
    var probe = Probe()
    probe.configuration.monitor = "f1"
    #expect {
      try probe.train(in: folder.path)
    } throws: {
      "\($0)" == "the monitored metric 'f1' is not measured; expected one of accuracy, loss"
    }
  }

  /// Before anything else is computed, with the reason and what to do.
  @Test func aMonitoredMetricThatIsNotDefinedEndsTrainingWithAMessage() throws {
    let script = [
      ValidationMetrics(
        ["accuracy": nil, "loss": 0.5], reasons: ["accuracy": "no validation image has an object"])
    ]
    #expect {
      try Probe().train(in: folder.path) { $0.script = script }
    } throws: {
      "\($0)" == "train.monitor: accuracy is not defined on the validation images (no validation "
        + "image has an object); choose loss, or other validation images"
    }
  }

  /// A metric that is not monitored may be undefined: it is null in the run's metrics.
  @Test func aMetricThatIsNotDefinedIsNullInTheRunsMetrics() throws {
    var probe = Probe()
    probe.configuration.epochs = 1
    let script: [ValidationMetrics] = [["accuracy": 0.5, "loss": nil]]
    let (outcome, _) = try probe.train(in: folder.path) { $0.script = script }
    #expect(outcome.bestEpoch == 1)
    let line = try String(contentsOfFile: folder.file("metrics.jsonl"), encoding: .utf8)
    #expect(line.contains(#""loss":null"#), "\(line)")
    let history = try RunDirectory(folder.path).history()
    #expect(history == outcome.history && history[0].validation["accuracy"] == 0.5)
  }

  // MARK: - The end

  @Test func earlyStoppingEndsTraining() throws {
    var probe = Probe()
    probe.configuration.epochs = 9
    probe.configuration.earlyStopping = EarlyStopping(patience: 2)
    let script = script([0.5, 0.75, 0.75, 0.5, 1, 1, 1, 1, 1])
    let (outcome, _) = try probe.train(in: folder.path) { $0.script = script }
    #expect(outcome.stoppedEarly)
    #expect(outcome.history.count == 4)
    #expect(outcome.bestEpoch == 2)
  }

  @Test func noEpochsLeaveTheNetworkAsItIsAndReadNoData() throws {
    var probe = Probe()
    probe.configuration.epochs = 0
    let (outcome, method) = try probe.train(in: folder.path)
    #expect(try outcome.network == ProbeMethod.classifier())
    #expect(outcome.bestEpoch == 0 && outcome.history.isEmpty && !outcome.stoppedEarly)
    #expect(method.log.sourceCount == 0)
    #expect(try Checkpoint.read(folder.file("last.h5")).network == outcome.network)
    #expect(try records(folder.file("metrics.jsonl")).isEmpty)
  }

  // MARK: - Numbers that are none

  @Test(arguments: [Double.nan, .infinity])
  func aLossThatIsNoNumberStopsTraining(value: Double) throws {
    let path = folder.path
    var log: ProbeMethod.Log?
    // 26 samples in batches of 8: step 7 is the third batch of the second epoch.
    #expect {
      try Probe().train(in: path) {
        $0.sabotage = { step, loss in step == 6 ? value : loss }
        log = $0.log
      }
    } throws: {
      let samples = log?.samples[6].prefix(4).map(String.init).joined(separator: ", ") ?? ""
      return "\($0)"
        == "the loss became \(value) at step 7 (epoch 2, batch 3, samples \(samples), … (8)); "
        + "the last good checkpoint is \(path)/last.h5. A lower learning rate or train.clip_norm "
        + "may help"
    }
    let saved = try Checkpoint.read(folder.file("last.h5"))
    #expect(saved.network == log?.validated[0])
    #expect(saved.network.parameters.values.allSatisfy { $0.scalars.allSatisfy(\.isFinite) })
    // The run goes on from there.
    let (outcome, method) = try Probe().train(in: path, resumes: true)
    #expect(outcome.history.map(\.epoch) == [1, 2, 3, 4])
    #expect(method.log.losses.count == 12)
  }

  @Test(arguments: [nil, 1.0]) func aGradientThatIsNoNumberStopsTraining(clip: Double?) throws {
    var probe = Probe()
    probe.configuration.clipNorm = clip
    #expect {
      try probe.train(in: folder.path) { $0.gradientFactor = { $0 == 1 ? .infinity : 1 } }
    } throws: {
      let message = "\($0)"
      return message.hasPrefix("the gradient's norm became ")
        && message.contains(" at step 2 (epoch 1, batch 2, samples ")
        && message.contains("; no checkpoint had been saved.")
    }
    #expect(try !folder.contents.contains("last.h5"))
  }

  /// The loss of the last step is finite, and so is its gradient; what they lead to is not.
  @Test func parametersThatAreNoNumbersAreNotSaved() throws {
    var probe = Probe()
    probe.configuration.optimizer = OptimizerConfiguration(
      .sgd(momentum: 0, nesterov: false), learningRate: 1e30)
    probe.configuration.epochs = 2
    var log: ProbeMethod.Log?
    #expect {
      try probe.train(in: folder.path) {
        // Steps that change nothing, but for the last of the second epoch.
        $0.gradientFactor = { $0 == 7 ? 1e20 : 0 }
        log = $0.log
      }
    } throws: {
      let message = "\($0)"
      return message.hasPrefix("the norm of ") && message.contains(" at step 8 (epoch 2, batch 4, ")
        && message.contains("the last good checkpoint is \(folder.file("last.h5"))")
    }
    #expect(log?.validated.count == 1)
    for file in ["last.h5", "best.h5"] {
      let network = try Checkpoint.read(folder.file(file)).network
      #expect(network.parameters.values.allSatisfy { $0.scalars.allSatisfy(\.isFinite) })
    }
  }

  // MARK: - What moves

  @Test func whatIsFrozenKeepsItsBytes() throws {
    let before = try ProbeMethod.classifier()
    let (outcome, method) = try Probe().train(in: folder.path) {
      $0.freezing = try Freezing(["conv", "bn"], of: $0.network)
    }
    for path in before.parameterPaths {
      let moved = outcome.network.parameters[path] != before.parameters[path]
      #expect(moved == path.hasPrefix("linear."), "\(path)")
    }
    #expect(method.log.losses.count == 16)
  }

  @Test func theStatisticsOfATrainedBatchNormMove() throws {
    let before = try ProbeMethod.classifier()
    let (outcome, _) = try Probe().train(in: folder.path)
    for path in before.parameterPaths {
      #expect(outcome.network.parameters[path] != before.parameters[path], "\(path)")
    }
  }

  @Test func everyEpochSeesEverySampleOnceInAnOrderOfItsOwn() throws {
    let log = try Probe().train(in: folder.path).method.log
    let epochs = (0..<4).map { log.samples[4 * $0..<4 * $0 + 4].flatMap(\.self) }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<26)) }
    #expect(Set(epochs).count == 4)
  }

  @Test func theSeedDecidesTheRun() throws {
    let first = try Probe().train(in: folder.file("1")).method.log.losses
    #expect(try Probe().train(in: folder.file("2")).method.log.losses == first)
    #expect(try Probe(seed: 6).train(in: folder.file("3")).method.log.losses != first)
    #expect(first[12...].reduce(0, +) < first[..<4].reduce(0, +))
  }

  // MARK: - What is written

  @Test func theMetricsHaveALineForEachEpoch() throws {
    var probe = Probe()
    probe.configuration.optimizer.learningRate = 0.5
    probe.configuration.schedule = LearningRateSchedule(.step(stepSize: 2, gamma: 0.25))
    let script = script([0.5, 0.25, 0.75, 0.75])
    let (outcome, method) = try probe.train(in: folder.path) { $0.script = script }
    let lines = try records(folder.file("metrics.jsonl"))
    #expect(lines == outcome.history)
    #expect(lines.map(\.epoch) == [1, 2, 3, 4])
    #expect(lines.map(\.step) == [4, 8, 12, 16])
    #expect(lines.map(\.learningRate) == [0.5, 0.5, 0.125, 0.125])
    #expect(lines.map(\.isBest) == [true, false, true, false])
    #expect(lines.map(\.validation) == script)
    // The mean over samples: three batches of 8 and one of 2.
    let losses = method.log.losses
    let sum = 8 * losses[..<3].reduce(0, +) + 2 * losses[3]
    let mean = sum / 26
    let difference = abs(lines[0].trainLoss - mean)
    #expect(difference < 1e-12)
    #expect(outcome.seconds == lines.map(\.seconds).reduce(0, +))
    let keys =
      try JSONSerialization.jsonObject(
        with: Data(
          String(contentsOfFile: folder.file("metrics.jsonl"), encoding: .utf8)
            .prefix { $0 != "\n" }.utf8)) as? [String: Any]
    #expect(
      keys?.keys.sorted() == [
        "epoch", "is_best", "learning_rate", "seconds", "step", "train_loss", "validation",
      ])
  }

  @Test func checkpointsSayWhereTheyComeFrom() throws {
    _ = try Probe().train(in: folder.path)
    for name in ["best.h5", "last.h5"] {
      let checkpoint = try Checkpoint.read(folder.file(name))
      #expect(checkpoint.provenance?.recipe == "method: probe\n")
      #expect(checkpoint.provenance?.seed == 5)
      #expect(checkpoint.provenance?.toolkitVersion == "1")
      #expect(
        checkpoint.inputTransform == (try InputTransform(scale: 255, mean: [0.4], std: [0.3])))
    }
    #expect(try Checkpoint.read(folder.file("best.h5")).tensors.isEmpty)
    let files = try folder.contents
    #expect(files.filter { $0.hasPrefix("events.out.tfevents.") }.count == 1)
    #expect(
      files.filter { !$0.hasPrefix("events.") } == ["best.h5", "last.h5", "metrics.jsonl"])
  }

  @Test func theStateIsSavedWithinAnEpochAsOftenAsAsked() throws {
    let whole = try Probe().train(in: folder.file("whole")).outcome
    var probe = Probe()
    probe.configuration.saveEvery = .zero
    #expect(throws: TrainingError.self) {
      try probe.train(in: folder.file("parts")) {
        $0.sabotage = { step, loss in step == 2 ? .nan : loss }
      }
    }
    let (outcome, method) = try probe.train(in: folder.file("parts"), resumes: true)
    #expect(method.log.losses.count == 14)
    #expect(outcome.network == whole.network)
  }
}
