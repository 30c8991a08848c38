import Autodiff
import Datasets
import Foundation
import Networks
import Tensors
import Testing
import TestSupport
import Training

/// Several processes train what one would.
struct SharedTrainingTests {
  /// 26 samples in batches of 8: the last one has two, fewer than three processes.
  private static func probe(
    _ processes: any ProcessGroup = SingleProcess(), synchronized: Bool = true
  ) -> Probe {
    var probe = Probe()
    // Adam would make whole steps of the rounding of gradients that are 0, such as those of the bias
    // before a batch norm.
    probe.configuration.optimizer = OptimizerConfiguration(
      .sgd(momentum: 0.9, nesterov: false), learningRate: 0.02)
    probe.configuration.synchronizesBatchNorm = synchronized
    probe.processes = processes
    return probe
  }

  private static func change(_ method: inout ProbeMethod) throws {
    method.network = try ProbeMethod.classifier(dropout: 0)
  }

  /// The largest difference of two networks' parameters and statistics.
  private static func difference(_ first: Network, _ second: Network) throws -> Float {
    var largest: Float = 0
    for (path, value) in first.parameters {
      let other = try #require(second.parameters[path])
      for (left, right) in zip(value.scalars, other.scalars) {
        largest = max(largest, abs(left - right))
      }
    }
    return largest
  }

  @Test(arguments: [2, 3]) func losesAndParametersAreThoseOfOneProcess(count: Int) throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = folder.path
    let alone = try Self.probe().train(in: "\(path)/alone", Self.change)
    let together = try ThreadGroup(count).run {
      try Self.probe($0).train(in: "\(path)/together", Self.change).outcome
    }
    #expect(together.count == count)
    for outcome in together {
      #expect(outcome.history.count == alone.outcome.history.count)
      for (found, wanted) in zip(outcome.history, alone.outcome.history) {
        #expect(abs(found.trainLoss - wanted.trainLoss) < 1e-5)
        let losses = try [found, wanted].map { try #require($0.validation["loss"]) }
        #expect(abs(losses[0] - losses[1]) < 1e-5)
      }
      #expect(try Self.difference(outcome.network, alone.outcome.network) < 1e-4)
    }
    #expect(try Self.difference(together[0].network, together[1].network) == 0)
    // What is written is what the first process has, once.
    let lines = try String(contentsOfFile: "\(path)/together/metrics.jsonl", encoding: .utf8)
    #expect(lines.split(separator: "\n").count == 4)
  }

  @Test func batchNormsSeeTheirShareUnlessAsked() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = folder.path
    let alone = try Self.probe().train(in: "\(path)/alone", Self.change)
    let apart = try ThreadGroup(2).run {
      try Self.probe($0, synchronized: false).train(in: "\(path)/apart", Self.change).outcome
    }
    #expect(try Self.difference(apart[0].network, alone.outcome.network) > 1e-4)
    #expect(try Self.difference(apart[0].network, apart[1].network) == 0)
  }

  @Test func samplesOfABatchAreDivided() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = folder.path
    let alone = try Self.probe().train(in: "\(path)/alone", Self.change)
    let samples = try ThreadGroup(2).run {
      try Self.probe($0).train(in: "\(path)/together", Self.change).method.log.samples
    }
    for (whole, parts) in zip(alone.method.log.samples, zip(samples[0], samples[1])) {
      #expect(whole == parts.0 + parts.1)
    }
  }

  @Test func whatComesFromSeveralBackwardPassesIsAdded() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = folder.path
    let alone = try Self.probe().train(in: "\(path)/alone", Self.change)
    let together = try ThreadGroup(2).run {
      try Self.probe($0).train(in: "\(path)/together") {
        try Self.change(&$0)
        $0.passes = 2
      }.outcome
    }
    #expect(try Self.difference(together[0].network, alone.outcome.network) < 1e-4)
  }

  @Test func aRunGoesOnWithAnotherNumberOfProcesses() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = folder.path
    let alone = try Self.probe().train(in: "\(path)/alone", Self.change)
    let errors = try ThreadGroup(3).run { member in
      // One of them is asked to stop; all of them do.
      #expect(throws: TrainingError.self) {
        try Self.probe(member).train(
          in: "\(path)/together", interruptingAfter: member.rank == 1 ? 6 : nil, Self.change)
      }
    }
    #expect(errors.count == 3)
    let rest = try ThreadGroup(2).run {
      try Self.probe($0).train(in: "\(path)/together", resumes: true, Self.change).outcome
    }
    for (found, wanted) in zip(rest[1].history, alone.outcome.history) {
      #expect(abs(found.trainLoss - wanted.trainLoss) < 1e-5)
    }
    #expect(try Self.difference(rest[0].network, alone.outcome.network) < 1e-4)
  }

  @Test func methodsThatKeepMoreThanParametersTrainAlone() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = folder.path
    _ = try ThreadGroup(2).run { member in
      #expect(throws: TrainingError.self) {
        try Self.probe(member).train(in: "\(path)/run") {
          $0.state = MethodState(tensors: [:], document: "lived")
        }
      }
    }
  }

  @Test func allEndIfOneCannotBegin() throws {
    struct Broken: Error {}
    let messages = try ThreadGroup(3).run { member in
      do {
        try member.beginning { if member.rank > 0 { throw Broken() } }
        return "went on"
      } catch is Broken {
        return "says why"
      } catch TrainingError.endedElsewhere {
        return "ends"
      }
    }
    #expect(messages == ["ends", "says why", "ends"])
  }
}

/// What a leaf is told while gradients flow.
struct ReceivedGradientTests {
  @Test func aLeafHearsOnceEverythingIsThere() throws {
    var heard: [String] = []
    let first = Variable<Double>(Tensor([1], [2]), requiresGradient: true) {
      heard.append("first \($0.item)")
    }
    let second = Variable<Double>(Tensor([1], [3]), requiresGradient: true) {
      heard.append("second \($0.item)")
    }
    // The second is used last and by one, the first by two.
    let product = first * first
    let sum = product + second
    sum.backward()
    #expect(heard == ["second 1.0", "first 4.0"])
    #expect(first.gradient?.item == 4)
    first.detached().backward()
    #expect(heard.count == 2)
  }
}
