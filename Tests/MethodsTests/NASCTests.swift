import Checkpoints
import Configurations
import Datasets
import Foundation
import Methods
import Networks
import Recipes
import Splitting
import Tensors
import Testing
import Training

@Suite struct NASCTests {
  private static let outline = BlockNetwork(
    stem: 4, stemStride: 2,
    stages: [
      .init(channels: 4, operations: [.skip, .skip]),
      .init(channels: 8, stride: 2, operations: [.skip]),
    ], header: 8)

  private func bench(epochs: Int = 2) throws -> Workbench {
    var bench = try Workbench()
    bench.network = NetworkConfiguration()
    bench.network.blocks = Self.outline
    bench.network.input = bench.transform
    bench.training.epochs = epochs
    bench.training.monitor = "steps"
    bench.link = try Link(rate: DataRate(parsing: "100 kbit/s"), deviceSlowdown: 20)
    return bench
  }

  private func configuration(limit: TimeSpan = .seconds(10)) -> NASCConfiguration {
    var configuration = NASCConfiguration(latencyLimit: limit)
    configuration.operations = ["k3_e1", "k3_e2", "skip"].compactMap(BlockOperation.init(name:))
    configuration.bottlenecks = [1, 0.5]
    configuration.samples = 3
    configuration.shortlist = 4
    return configuration
  }

  private func report(_ configuration: NASCConfiguration, _ bench: Workbench) throws
    -> ArchitectureSearchReport
  {
    var method = try NASC(configuration, bench.setting)
    let network = try bench.train(method).network
    _ = try method.choose(for: network)
    return try #require(try method.evaluate(network).search)
  }

  @Test func allNetworksOfTheSpaceHaveTheirParametersInOne() throws {
    let bench = try bench()
    let method = try NASC(configuration(), bench.setting)
    let all = Set(method.network.parameterPaths)
    for operation in configuration().operations {
      for bottleneck in [1, 0.5] {
        var blocks = Self.outline
        for stage in blocks.stages.indices {
          blocks.stages[stage].bottleneck = bottleneck
          for block in blocks.stages[stage].operations.indices {
            blocks.stages[stage].operations[block] = operation
          }
        }
        let network = try blocks.network(classes: 4, inputShape: [16, 16, 3])
        #expect(all.isSuperset(of: network.parameterPaths))
        for path in network.parameterPaths {
          #expect(network.parameters[path]?.shape == method.network.parameters[path]?.shape)
        }
      }
    }
    #expect(!all.contains { $0.contains(".c8.") }, "a share of 1 is no bottleneck")
  }

  @Test func aStepTrainsOnlyTheNetworkThatWasDrawn() throws {
    let bench = try bench(epochs: 1)
    let method = try NASC(configuration(), bench.setting)
    let source = try method.trainingBatches()
    let batch = try #require(try source.batches(epoch: 0, from: 0).next())
    let pass = trainingPass(method.network)
    let loss = try method.step(batch, pass)
    #expect(loss > 0 && loss.isFinite)
    let moved = Set(
      zip(method.network.parameterPaths, pass.gradients).filter { $0.1 != nil }.map(\.0))
    #expect(moved.contains("stem.conv.weight") && moved.contains("classifier.linear.weight"))
    // Of the operations of a block one at most has a gradient.
    for block in ["stages.1.1.", "stages.1.2.", "stages.2.1."] {
      let operations = Set(
        moved.filter { $0.hasPrefix(block) }.map { $0.dropFirst(block.count).prefix { $0 != "." } })
      #expect(operations.count <= 1, "\(block) \(operations)")
    }
    #expect(pass.statistics.isEmpty, "running statistics belong to no network in particular")
  }

  @Test func theDistributionWaitsForTheWarmup() throws {
    let bench = try bench(epochs: 3)
    var configuration = configuration()
    configuration.warmup = 3
    let warm = try report(configuration, bench)
    #expect(warm.found.isFeasible && warm.latest.isEmpty, "only what was compared at the end")
    configuration.warmup = 1
    let two = try report(configuration, bench)
    configuration.warmup = 0
    let three = try report(configuration, bench)
    let ofSteps = { (report: ArchitectureSearchReport) in
      report.evaluations - report.candidates.count
    }
    #expect(ofSteps(warm) == 0)
    #expect(ofSteps(two) > 0 && ofSteps(two) < ofSteps(three))
  }

  @Test func whatIsFoundIsWithinTheLimitAndIsWhatTheReportSays() throws {
    let bench = try bench()
    let search = try report(configuration(), bench)
    #expect(search.points == 27 * 4 * 3)
    #expect(search.found.isFeasible && search.found.total <= search.limit)
    #expect(search.candidates.count >= 1)
    #expect(search.candidates.contains { $0.isOnFront })
    #expect(!search.latest.isEmpty && search.latest.count < search.evaluations)
    // The parts that the latency is made of are the model's.
    let latency = search.found.latency
    #expect(
      abs(latency.uplink.seconds - 8 * Double(search.found.uplinkBytes) / 100_000) < 1e-9)
    #expect(search.checks.map(\.side) == ["device", "server"])
    for check in search.checks { #expect(check.table.seconds > 0 && check.measured.seconds > 0) }
    #expect(
      abs(latency.device.seconds - 20 * search.checks[0].table.seconds) < 1e-9,
      "the device is 20 times as slow as what the table was measured on")
    // All that is found is at the best candidate's accuracy.
    #expect(search.found.sharedAccuracy == search.candidates.map(\.accuracy).max())
  }

  @Test func aTightLimitIsKept() throws {
    let bench = try bench()
    let free = try report(configuration(), bench)
    let fastest = try #require(free.candidates.map(\.latency).min())
    let limit = TimeSpan.seconds(1.05 * fastest.seconds + 0.002)
    let search = try report(configuration(limit: limit), bench)
    #expect(search.found.total <= limit)
    #expect(search.candidates.allSatisfy { $0.latency <= limit })
    #expect(search.candidates.count > 1)
  }

  @Test func aLimitThatNothingKeepsIsRefusedWithTheFastest() throws {
    let bench = try bench(epochs: 1)
    var method = try NASC(configuration(limit: .milliseconds(0.001)), bench.setting)
    #expect {
      _ = try bench.train(method)
      _ = try method.choose(for: method.network)
    } throws: { "\($0)".contains("found no network of the space that answers within at most 1 µs") }
  }

  @Test func everyNetworkIsEvaluatedIfAsked() throws {
    let bench = try bench(epochs: 1)
    var configuration = configuration()
    configuration.isExhaustive = true
    let search = try report(configuration, bench)
    let optimum = try #require(search.optimum?.sharedAccuracy)
    #expect(search.candidates.count >= 27 * 4)
    #expect(optimum >= (search.found.sharedAccuracy ?? 1))
    configuration.bottlenecks = (1...20).map { Double($0) / 20 }
    #expect {
      try NASC(configuration, bench.setting)
    } throws: { "\($0)".contains("10800 networks") }
  }

  @Test func controlsSearchTheirOwnWay() throws {
    let bench = try bench(epochs: 1)
    var configuration = configuration()
    configuration.strategy = .random
    let random = try report(configuration, bench)
    #expect(random.origin == "random")
    // 54 training images in 4 steps of 16, 3 candidates each, over 6 validation images.
    #expect(random.evaluations == random.candidates.count)
    configuration.strategy = .splitUnaware
    let unaware = try report(configuration, bench)
    #expect(unaware.limited == "device")
    #expect(unaware.found.blocks.stages.allSatisfy { $0.bottleneck == 1 })
    #expect(unaware.points == 27)
  }

  @Test func aSplitAnywhereMayBeNone() throws {
    let bench = try bench(epochs: 1)
    var configuration = configuration()
    configuration.splits = .any
    let search = try report(configuration, bench)
    #expect(search.points == 27 * 4 * 5)
    #expect(search.unsplit.map(\.split) == ["none", "input"])
    #expect(search.unsplit[0].uplinkBytes == 0)
    #expect(search.unsplit[0].serverMACs == 0)
    #expect(search.unsplit[1].deviceMACs == 0)
    #expect(search.unsplit[1].latency.device == .zero)
    #expect(search.unsplit[0].deviceMACs == search.unsplit[1].serverMACs)
    // The latency of sending the image is that of the bytes beside it.
    let sent = search.unsplit[1]
    #expect(sent.uplinkBytes == 16 * 16 * 3)
    let expected = Double(sent.uplinkBytes) * 8 / 100_000
    #expect(abs(sent.latency.uplink.seconds - expected) < 1e-9)
  }

  /// Running averages have left their initial values, however few images there are.
  @Test func statisticsOfAFoundNetworkAreThoseOfTheImages() throws {
    let bench = try bench(epochs: 1)
    var method = try NASC(configuration(), bench.setting)
    let network = try bench.train(method).network
    _ = try method.choose(for: network)
    let found = try method.whole(network)
    let mean = try #require(found.parameters["stem.bn.running_mean"])
    // The mean over all images of what the norm of the stem takes.
    let train = try bench.setting.data.train()
    let stem = try found.with(outputs: ["stem.conv"])
    let maps = stem.predict(try method.inputTransform(train.pixels(at: Array(0..<train.count))))
    let channels = maps.shape[-1]
    for channel in 0..<channels {
      let values = stride(from: channel, to: maps.count, by: channels).map { maps.scalars[$0] }
      let expected = values.reduce(0, +) / Float(values.count)
      #expect(abs(mean.scalars[channel] - expected) < 0.02 + 0.02 * abs(expected))
    }
  }

  @Test(arguments: [1, 3, 6]) func resumingIsExact(stopsAfter: Int) throws {
    let bench = try bench()
    func trainer(_ method: NASC, _ folder: RunDirectory, _ isInterrupted: @escaping () -> Bool)
      -> Trainer
    {
      Trainer(
        method, setting: bench.setting, directory: folder, provenance: Provenance(),
        isInterrupted: isInterrupted)
    }
    // Latencies come from one table, or the two would differ by what was measured.
    let folder = RunDirectory(bench.folder.file("stopped"))
    try folder.create()
    var steps = 0
    let first = try NASC(configuration(), bench.setting)
    #expect(throws: TrainingError.self) {
      try trainer(first, folder) {
        steps += 1
        return steps == stopsAfter
      }.run(resumes: false)
    }
    let document = try #require(try first.savedState()).document
    var resumed = try NASC(configuration(), bench.setting)
    let outcome = try trainer(resumed, folder) { false }.run(resumes: true)
    let whole = RunDirectory(bench.folder.file("whole"))
    try whole.create()
    var other = try NASC(configuration(), bench.setting)
    // Only the table is taken up: the search begins at its beginning.
    try other.restore(MethodState(tensors: [:], document: try beginning(of: document)))
    let expected = try trainer(other, whole) { false }.run(resumes: false)
    #expect(outcome.network.parameters == expected.network.parameters)
    #expect(outcome.history.map(\.trainLoss) == expected.history.map(\.trainLoss))
    _ = try resumed.choose(for: outcome.network)
    _ = try other.choose(for: expected.network)
    let lines = try [resumed, other].map {
      try $0.documents()["candidates.jsonl"].map { text in
        text.split(separator: "\n").map { $0.replacing(/"seconds":[^,}]*/, with: "") }
      }
    }
    #expect(lines[0] == lines[1])
    #expect(lines[0]?.isEmpty == false)
  }

  /// The saved state of a search with its table and nothing else.
  private func beginning(of document: String) throws -> String {
    let bench = try bench()
    let fresh = try NASC(configuration(), bench.setting)
    let state = try #require(try fresh.savedState()).document
    func object(_ text: String) throws -> [String: Any] {
      try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
    var merged = try object(state)
    merged["table"] = try object(document)["table"]
    return String(
      decoding: try JSONSerialization.data(withJSONObject: merged), as: UTF8.self)
  }

  /// A table that is given is not measured again, and has to be of the space.
  @Test func aTableIsTakenUp() throws {
    let bench = try bench(epochs: 1)
    var method = try NASC(configuration(), bench.setting)
    let network = try bench.train(method).network
    _ = try method.choose(for: network)
    let text = try #require(try method.documents()["latency_table.json"])
    let file = bench.folder.file("table.json")
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    var configuration = configuration()
    configuration.latencyTable = file
    let again = try report(configuration, bench)
    #expect(again.tableHash == (try method.evaluate(network).search?.tableHash))
    for (content, reason) in [
      ("{}", "is no table"),
      (text.replacing("k3_e2", with: "k3_e9"), "has no time of stages.1.1.k3_e2"),
    ] {
      try content.write(toFile: file, atomically: true, encoding: .utf8)
      #expect {
        try NASC(configuration, bench.setting)
      } throws: { "\($0)".contains("\(file) \(reason)") }
    }
    // Parts of the same names with other channels, and for other images.
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    var wider = bench
    wider.network.blocks?.stem = 6
    var larger = bench
    larger.data.dataset.size = 24
    for other in [wider, larger] {
      #expect { try NASC(configuration, other.setting) } throws: {
        "\($0)".contains("has the time of another ")
      }
    }
    configuration.latencyTable = bench.folder.file("nowhere")
    #expect { try NASC(configuration, bench.setting) } throws: {
      "\($0)".contains("cannot be read")
    }
  }

  @Test func whatARecipeLacksIsSaid() throws {
    let bench = try bench()
    var other = bench
    other.network.blocks = nil
    other.network.architecture = "resnet8"
    #expect {
      try NASC(configuration(), other.setting)
    } throws: { "\($0)".contains("expected network.blocks") }
    other = bench
    other.network.cut = "stem"
    #expect {
      try NASC(configuration(), other.setting)
    } throws: { "\($0)".contains("expected no network.cut") }
    other = bench
    other.training.monitor = "accuracy"
    #expect {
      try NASC(configuration(), other.setting)
    } throws: { "\($0)".contains("expected train.monitor to be steps") }
    other = bench
    other.link = try Link(loss: 0.1)
    #expect {
      try NASC(configuration(), other.setting)
    } throws: { "\($0)".contains("no loss") }
    let method = try NASC(configuration(), bench.setting)
    #expect { try method.parts(method.network) } throws: {
      "\($0)".contains("nothing is found yet")
    }
  }

  private func recipe(_ more: String = "") throws -> Recipe {
    try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: nasc
          seed: 3
          data: {name: shapes, size: 16, samples: 60, test_samples: 20}
          network:
            blocks:
              stem: 4
              stem_stride: 2
              stages: [{channels: 4, layers: 2}, {channels: 8, stride: 2, layers: 1}]
            input: {scale: 255}
          nasc:
            operations: [k3_e1, k3_e2, skip]
            latency_limit: 10 s
            retraining: {epochs: 1, batch_size: 16}
          train: {epochs: 1, batch_size: 16, monitor: steps}
          link: {rate: 100 kbit/s, device_slowdown: 20}
          \(more)
          """))
  }

  /// The search, the recipe of what was found, its run and the plot.
  @Test func aSearchLeavesARecipeThatTrainsWhatWasFound() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("search")
    var phases: [Experiment.SearchPhase] = []
    let outcome = try Experiment.search(
      recipe(), in: path, resumes: false, retrains: true, observer: SilentObserver(),
      begins: { phases.append($0) })
    #expect(phases == [.search, .network])
    let found = try #require(outcome.search.search?.found)
    let network = try #require(outcome.network)
    #expect(network.split?.uplinkBytes == found.uplinkBytes)
    #expect(network.split?.deviceMACs ?? 0 <= found.deviceMACs)
    let again = try Recipe(RecipeDocument(contentsOf: "\(path)/found.yaml"))
    #expect(again.methodName == "supervised")
    #expect(again.network.blocks == found.blocks)
    #expect(again.network.cut == found.cut)
    #expect(again.training.epochs == 1)
    for file in [
      "pareto.svg", "pareto.png", "report.json", "search/candidates.jsonl",
      "search/latency_table.json", "search/space.json", "network/best.h5",
    ] { #expect(FileManager.default.fileExists(atPath: "\(path)/\(file)"), "\(file)") }
    // What is finished is not done again; what is measured again is the same.
    phases = []
    let second = try Experiment.search(
      recipe(), in: path, resumes: true, retrains: true, observer: SilentObserver(),
      begins: { phases.append($0) })
    #expect(phases.isEmpty)
    #expect(second.search.search?.found == found)
    let measured = try Experiment.evaluate(run: "\(path)/search", observer: SilentObserver())
    #expect(measured.accuracy == outcome.search.accuracy)
    #expect(measured.search?.found == found)
    #expect {
      try Experiment.search(
        recipe("output: {directory: x}"), in: path, resumes: false, retrains: true,
        observer: SilentObserver())
    } throws: { $0 is RunDirectoryError }
  }

  /// What would only show once the search is over is said before it.
  @Test func aRetrainingThatCannotBeIsRefused() {
    var report = ValidationReport()
    var configuration = configuration()
    configuration.retraining = TrainingConfiguration(epochs: 1, batchSize: 16)
    configuration.validate(&report)
    #expect(report.findings.isEmpty)
    configuration.retraining?.monitor = "steps"
    configuration.validate(&report)
    #expect(report.findings.map(\.keys) == [["retraining", "monitor"]])
    #expect(report.findings.map(\.message) == ["expected accuracy or loss, found 'steps'"])
  }

  @Test func anotherMethodSearchesNothing() throws {
    let folder = try TemporaryFolder()
    let recipe = try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: "method: supervised\ndata: {name: shapes, size: 16}\nnetwork: {architecture: resnet8}"
      ))
    #expect {
      try Experiment.search(
        recipe, in: folder.file("x"), resumes: false, retrains: true, observer: SilentObserver())
    } throws: { "\($0)".contains("supervised searches no architecture") }
  }
}
