import Autodiff
import Checkpoints
import Codecs
import Configurations
import Datasets
import Foundation
import Methods
import Networks
import Splitting
import Tensors
import Testing
import Training

/// Exits in tiny networks over rendered shapes of 16×16.
@Suite struct EarlyExitTests {
  // MARK: - What is trained

  /// Parameters and batch statistics of the network are the checkpoint's to the last bit.
  @Test func postHocTrainingMovesTheExitsAlone() throws {
    let bench = try residualBench()
    let method = try EarlyExit(
      section(
        #""rule": "learned""#,
        exits: #"{"at": "layer1", "head": "convolutional", "hidden": 4}, {"at": "layer2"}"#),
      bench.setting)
    #expect(
      method.outputs(inStage: 0) == [
        "exits.1.linear", "exits.1.gate", "exits.2.linear", "exits.2.gate",
      ])
    let network = try bench.train(method).network
    for path in network.parameterPaths {
      if path.hasPrefix("exits.") {
        #expect(network.parameters[path] != method.network.parameters[path], "\(path)")
      } else {
        #expect(network.parameters[path] == bench.base.parameters[path], "\(path)")
      }
    }
    #expect(network.parameterPaths.contains("exits.1.bn.running_mean"))
    #expect(try method.whole(network) == bench.base)
  }

  @Test(arguments: [[], ["conv1", "bn1"]])
  func jointTrainingMovesTheNetworkAndTheExits(freeze: [String]) throws {
    let bench = try residualBench()
    var configuration = try section(
      #""training": "joint""#, exits: #"{"at": "layer1"}, {"at": "layer2"}"#)
    configuration.freeze = freeze
    let method = try EarlyExit(configuration, bench.setting)
    #expect(method.outputs(inStage: 0) == nil)
    let network = try bench.train(method).network
    for path in network.parameterPaths {
      let isFrozen = freeze.contains(String(path.prefix { $0 != "." }))
      #expect(
        (network.parameters[path] == method.network.parameters[path]) == isFrozen, "\(path)")
    }
  }

  /// `L_final + λ Σ L_exit`; what a unit learns of an exit being right is not scaled.
  @Test(arguments: [ExitRule.maxSoftmax, .learned])
  func theWeightScalesTheLossOfTheExits(rule: ExitRule) throws {
    let setting = try perceptronBench().setting
    let batch = try firstBatch(setting)
    for weight in [0.5, 1, 3] {
      let method = try EarlyExit(
        section(#""training": "joint", "weight": \#(weight), "rule": "\#(rule.rawValue)""#),
        setting)
      let outputs = trainingPass(method.network)(batch.inputs)
      let said = Dictionary(uniqueKeysWithValues: zip(method.network.outputs, outputs))
      var expected = crossEntropy(outputs[0], batch.labels)
      for exit in method.exits {
        let logits = try #require(said[exit.output])
        expected += weight * crossEntropy(logits, batch.labels)
        guard let name = exit.gate, let gate = said[name]?.value.scalars else { continue }
        // −log σ(g) where the exit is right, −log (1 − σ(g)) where it is not.
        expected += batch.labels.indices.reduce(0) { sum, row in
          let isRight = prediction(rows(logits.value)[row]) == batch.labels[row]
          return sum + log(1 + exp(Double(isRight ? -gate[row] : gate[row]))) / 8
        }
      }
      let loss = try method.step(batch, trainingPass(method.network))
      #expect(abs(loss - expected) < 1e-5, "weight \(weight)")
      #expect(method.exits.allSatisfy { ($0.gate != nil) == (rule == .learned) })
    }
  }

  @Test func postHocTheLossIsThatOfTheExits() throws {
    let setting = try perceptronBench().setting
    let batch = try firstBatch(setting)
    for weight in [1, 3] {
      let method = try EarlyExit(section(#""weight": \#(weight)"#), setting)
      let part = try method.network.with(outputs: #require(method.outputs(inStage: 0)))
      let expected = trainingPass(part)(batch.inputs).reduce(0) {
        $0 + crossEntropy($1, batch.labels)
      }
      let loss = try method.step(batch, trainingPass(part))
      #expect(abs(loss - expected) < 1e-5, "weight \(weight)")
    }
  }

  private func firstBatch(_ setting: MethodSetting) throws -> TrainingBatch {
    let train = try setting.data.train()
    let samples = Array(0..<8)
    let transform = try #require(setting.network.input)
    return TrainingBatch(
      index: 0, samples: samples, inputs: try transform(train.pixels(at: samples)),
      labels: train.labels(at: samples))
  }

  /// The mean of the negative log-probabilities of the labels.
  private func crossEntropy(_ logits: Variable<Float>, _ labels: [Int32]) -> Double {
    let logarithms = rows(logits.logSoftmax().value)
    return zip(logarithms, labels).reduce(0) {
      $0 - Double($1.0[Int($1.1)]) / Double(labels.count)
    }
  }

  // MARK: - What is chosen

  /// As many leave as the target allows, by what the deployed exits say of the validation images.
  @Test func anAccuracyIsKeptByTheThresholdThatLetsMostLeave() throws {
    var targets: [(text: String, accuracy: Double?, drop: Double)] = []
    for accuracy in [0.3, 0.6] { targets.append((#""accuracy": \#(accuracy)"#, accuracy, 0)) }
    for drop in [0, 0.03, 0.1, 0.2, 1] {
      targets.append((#""accuracy_drop": \#(drop)"#, nil, drop))
    }
    let bench = try perceptronBench()
    var thresholds: Set<Double> = []
    for target in targets {
      let (walks, threshold) = try chosen(target.text, bench)
      thresholds.insert(threshold)
      let own = Tally(walks, ExitDecision.never).accuracy
      let least = target.accuracy ?? own - target.drop
      try #require(own >= least, "\(target)")
      let found = Tally(walks, threshold)
      #expect(found.accuracy >= least, "\(target)")
      let most = candidates(walks).map { Tally(walks, $0) }.filter { $0.accuracy >= least }
        .map(\.left).max()
      #expect(found.left == most, "\(target)")
    }
    #expect(thresholds.count > 2)
  }

  /// More than all cannot be right.
  @Test func anAccuracyOutOfReachLetsNothingLeave() throws {
    let bench = try perceptronBench()
    let (walks, threshold) = try chosen(#""accuracy": 1.01"#, bench)
    #expect(Tally(walks, threshold).remaining == walks.count)
    #expect(threshold == ExitDecision.never)
    #expect(bench.observer.notes.contains { $0.hasSuffix("nothing leaves early") })
  }

  @Test func theShareThatIsWishedForLeaves() throws {
    let bench = try perceptronBench()
    for rate in [0, 0.3, 0.75, 1] {
      let (walks, threshold) = try chosen(#""exit_rate": \#(rate)"#, bench)
      func distance(_ threshold: Double) -> Double {
        abs(Double(Tally(walks, threshold).left) / Double(walks.count) - rate)
      }
      let nearest = try #require(candidates(walks).map(distance).min())
      #expect(abs(distance(threshold) - nearest) < 1e-9, "rate \(rate)")
    }
  }

  /// Sending takes ten seconds and everything else next to none, so that a mean of 4.25 s lets 42 % of
  /// the images be sent.
  @Test func aMeanLatencyIsKeptByTheMostAccurateThreshold() throws {
    var bench = try perceptronBench()
    bench.link = try Link(
      rate: #require(DataRate(baseValue: 1e9)), roundTripTime: .seconds(10))
    let (walks, threshold) = try chosen(#""latency": "4.25 s""#, bench)
    let found = Tally(walks, threshold)
    #expect(found.sentShare <= 0.42)
    let best = candidates(walks).map { Tally(walks, $0) }.filter { $0.sentShare <= 0.42 }
      .map(\.accuracy).max()
    #expect(found.accuracy == best)
  }

  @Test func aLatencyOutOfReachLetsEverythingLeave() throws {
    let bench = try perceptronBench()
    let (walks, threshold) = try chosen(#""latency": "1 ns""#, bench)
    #expect(threshold == 0)
    #expect(Tally(walks, threshold).exits == [walks.count, 0])
    #expect(bench.observer.notes.contains { $0.hasSuffix("everything leaves at the first exit") })
  }

  /// Lets a threshold be chosen for the trained perceptron, and asks the exits as they are then about
  /// the validation images.
  private func chosen(
    _ target: String, _ bench: Workbench
  ) throws -> (walks: [Walk], threshold: Double) {
    let setting = bench.setting
    let network = try trained.get()
    var method = try EarlyExit(
      section(#""training": "joint", "target": {\#(target)}"#), setting)
    #expect(try method.choose(for: network) != nil)
    #expect(Set(method.exits.map(\.threshold)).count == 1)
    #expect(method.exits.allSatisfy { $0.temperature != 1 })
    return (
      try walks(method, network, setting.data.validation()), method.exits[0].threshold
    )
  }

  // MARK: - What a run keeps

  @Test func aChoiceIsTakenUpAgain() throws {
    let bench = try perceptronBench()
    var method = try EarlyExit(section(#""target": {"exit_rate": 0.5}"#), bench.setting)
    let before = method.exits
    let choice = try #require(try method.choose(for: method.network))
    #expect(method.exits != before)
    var other = try EarlyExit(section(), bench.setting)
    try other.adopt(choice)
    #expect(other.exits == method.exits)
    #expect(try other.decisions(other.network).exits == method.exits)
  }

  @Test func temperaturesAreLeftAloneUnlessTheyAreAskedFor() throws {
    let bench = try perceptronBench()
    var method = try EarlyExit(section(#""calibrate": false"#), bench.setting)
    _ = try method.choose(for: method.network)
    #expect(method.exits.map(\.temperature) == [1, 1])
  }

  @Test func damagedChoicesAreRefused() throws {
    let bench = try perceptronBench()
    var method = try EarlyExit(section(), bench.setting)
    let exits = method.exits
    let whole = try choice(exits)
    var texts = ["", "{", "{}", "[]", #"{"exits": {}}"#, #"{"exits": []}"#]
    texts += [whole.count / 4, whole.count / 2, whole.count - 1].map { String(whole.prefix($0)) }
    for temperature in [0.0, -1] {
      var damaged = exits
      damaged[0].temperature = temperature
      texts.append(try choice(damaged))
    }
    for text in texts {
      #expect { try method.adopt(text) } throws: { isDamagedChoice($0) }
      #expect(method.exits == exits, "\(text)")
    }
    try method.adopt(whole)
  }

  /// The recipe has two exits, the second of them on the server, with the rule `max_softmax`.
  @Test func choicesAboutOtherExitsAreRefused() throws {
    let bench = try perceptronBench()
    let data = DataProvider(bench.data)
    var method = try EarlyExit(section(), setting(bench, data))
    let exits = method.exits
    for (name, cut, configuration) in [
      ("one exit less", "relu1", try section(exits: #"{"at": "relu1"}"#)),
      ("another edge", "relu1", try section(exits: #"{"at": "fc1"}, {"at": "relu2"}"#)),
      ("another place", "relu2", try section()),
      ("another rule", "relu1", try section(#""rule": "entropy""#)),
      ("a learned unit", "relu1", try section(#""rule": "learned""#)),
    ] {
      let other = try EarlyExit(configuration, setting(bench, data, cut: cut))
      #expect("\(name)") {
        try method.adopt(choice(other.exits))
      } throws: {
        isDamagedChoice($0)
      }
      #expect(method.exits == exits, "\(name)")
    }
  }

  private func choice(_ exits: [ExitDecision]) throws -> String {
    String(decoding: try JSONEncoder().encode(["exits": exits]), as: UTF8.self)
  }

  private func isDamagedChoice(_ error: any Error) -> Bool {
    if case .damagedChoice = error as? EarlyExitError { true } else { false }
  }

  // MARK: - What is deployed

  /// Image by image the deployed parts answer as the network and its exits do, and measured from
  /// outside they come to what the report says.
  @Test(arguments: ExitRule.allCases)
  func theSystemDoesWhatTheReportSays(rule: ExitRule) throws {
    let bench = try perceptronBench()
    let setting = bench.setting
    var method = try EarlyExit(
      section(#""training": "joint", "rule": "\#(rule.rawValue)""#), setting)
    #expect(method.exits.map(\.place) == [.device, .server])
    let network = try bench.train(method).network
    let test = try setting.data.test()
    // Of all thresholds between two confidences the one that spreads the images most evenly, the second
    // exit made surer than it is.
    var decisions = method.exits
    decisions[1].temperature = 0.4
    try method.adopt(choice(decisions))
    let asked = try walks(method, network, test)
    let sorted = candidates(asked)
    let threshold = try #require(
      zip(sorted, sorted.dropFirst()).map { ($0 + $1) / 2 }
        .max { Tally(asked, $0).fewest < Tally(asked, $1).fewest })
    for index in decisions.indices { decisions[index].threshold = threshold }
    try method.adopt(choice(decisions))
    let tally = Tally(asked, threshold)
    try #require(tally.fewest > 0)

    let system = try #require(try method.systems(network).first)
    for (index, walk) in asked.enumerated() {
      let latent = try system.latent(test.pixels(at: [index]))
      let early = try system.deviceAnswers(latent)
      let found = try early ?? system.answers(system.decode(system.encode(latent)))
      let expected = walk.answer(threshold)
      #expect((early != nil) == (expected.exit == 0))
      #expect(found.map(\.shape) == [[1, 10]])
      #expect(zip(found[0].scalars, expected.logits).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    let report = try method.evaluate(network)
    let point = try #require(report.exits?.named.first { $0.name == "chosen" })
    let total = Double(test.count)
    #expect(point.threshold == threshold)
    #expect(point.exitShares == tally.exits.map { Double($0) / total })
    #expect(abs(point.accuracy - tally.accuracy) < 1e-12)
    #expect(abs(try #require(report.accuracy) - tally.accuracy) < 1e-12)
    // What leaves on the device is not sent, what leaves on the server is.
    let sent = 1 - point.exitShares[0]
    let stream = try IdentityCodec().stream(Tensor([24], repeating: 0)).count
    #expect(abs(point.bytes - sent * Double(stream)) < 1e-9)
    // Every image goes through fc1 and the first exit; what is sent through fc2 and the second exit;
    // what remains through fc3 as well.
    let gates = rule == .learned ? (24, 16) : (0, 0)
    let first = Double(768 * 24 + 24 * 10 + gates.0)
    let second = Double(24 * 16 + 16 * 10 + gates.1)
    #expect(abs(point.deviceMACs - first) < 1e-6)
    let remaining = Double(tally.remaining) / total
    #expect(abs(point.serverMACs - (sent * second + remaining * 160)) < 1e-6)

    let row = try measured(system, test, setting)
    #expect(abs(try #require(row.accuracy).mean - point.accuracy) < 1e-12)
    #expect(abs(row.bytes.mean - point.bytes) < 1e-9)
    #expect(abs(row.sentShare - sent) < 1e-9)
    // Both are means over all images, what leaves on the device having none of the server's.
    #expect(abs(Double(row.deviceMACs) - point.deviceMACs) <= 0.5)
    #expect(abs(Double(row.serverMACs) - point.serverMACs) <= 0.5)
    // The cost of one image is that of the chosen threshold.
    let split = try #require(report.split)
    #expect(split.uplinkBytes == Int(point.bytes.rounded()))
    #expect(abs(try #require(split.sentShare) - sent) < 1e-9)
    #expect(abs(try #require(split.stream).mean - point.bytes) < 1e-9)
    #expect(abs(split.latency.total.seconds - point.latency.seconds) < 1e-9)
  }

  /// Coded in one bit, latents are answered worse; the report's answers are to what is decoded, and its
  /// bytes those of each image that is sent.
  @Test func codedLatentsAreAnsweredAndCountedAsTheyAreSent() throws {
    let bench = try perceptronBench()
    let setting = bench.setting
    var method = try EarlyExit(
      section(#""training": "joint", "bits": 1"#), setting)
    let network = try trained.get()
    let test = try setting.data.test()
    var decisions = method.exits
    for threshold in [0.0, 0.3, 0.5, ExitDecision.never] {
      for index in decisions.indices { decisions[index].threshold = threshold }
      try method.adopt(choice(decisions))
      let system = try #require(try method.systems(network).first)
      let row = try measured(system, test, setting)
      let report = try method.evaluate(network)
      let point = try #require(report.exits?.named.first { $0.name == "chosen" })
      #expect(abs(try #require(row.accuracy).mean - point.accuracy) < 1e-12)
      #expect(abs(row.bytes.mean - point.bytes) < 1e-9)
      #expect(report.accuracy == point.accuracy)
      #expect(try #require(report.split?.stream).p99 == row.bytes.p99)
      #expect(try #require(report.split?.sentShare) == row.sentShare)
    }
    // Not all streams have the same length, so that a sample of other images would tell.
    let system = try #require(try method.systems(network).first)
    let lengths = try (0..<test.count).map {
      try system.encode(system.latent(test.pixels(at: [$0]))).count
    }
    #expect(Set(lengths).count > 1)
  }

  /// With a threshold that nothing reaches the network answers as if it had no exits, with one that
  /// everything reaches nothing is sent.
  @Test func thresholdsAtBothEndsAreTheNetworkAndTheFirstExit() throws {
    let bench = try residualBench()
    let setting = bench.setting
    var method = try EarlyExit(
      section(exits: #"{"at": "layer1"}, {"at": "layer2", "head": "convolutional"}"#), setting)
    let network = method.network
    let test = try setting.data.test()
    #expect(method.exits.map(\.threshold) == [ExitDecision.never, ExitDecision.never])
    let whole = Server(bench.base)
    let closed = try #require(try method.systems(network).first)
    for index in 0..<test.count {
      let pixels = try test.pixels(at: [index])
      let latent = try closed.latent(pixels)
      #expect(try closed.deviceAnswers(latent) == nil)
      let found = try closed.answers(closed.decode(closed.encode(latent)))
      #expect(relativeError(try whole(bench.transform(pixels))[0], found[0]) < 1e-5)
    }
    let all = try measured(closed, test, setting)
    let reported = try #require(try method.evaluate(network).exits)
    let remote = try #require(reported.named.first { $0.name == "remote" })
    #expect(all.sentShare == 1)
    #expect(abs(try #require(all.accuracy).mean - remote.accuracy) < 1e-12)
    #expect(abs(all.bytes.mean - remote.bytes) < 1e-9)

    var decisions = method.exits
    for index in decisions.indices { decisions[index].threshold = 0 }
    try method.adopt(choice(decisions))
    let open = try #require(try method.systems(network).first)
    let asked = try walks(method, network, test)
    for (index, walk) in asked.enumerated() {
      let answer = try #require(try open.deviceAnswers(open.latent(test.pixels(at: [index]))))
      #expect(zip(answer[0].scalars, walk.exits[0].logits).allSatisfy { abs($0 - $1) < 1e-4 })
    }
    let none = try measured(open, test, setting)
    let local = try #require(try method.evaluate(network).exits?.named.first { $0.name == "local" })
    #expect(none.sentShare == 0 && none.bytes.mean == 0)
    #expect(none.links.allSatisfy { $0.latency.uplink == .zero && $0.latency.server == .zero })
    #expect(abs(try #require(none.accuracy).mean - local.accuracy) < 1e-12)
    #expect(local.exitShares == [1, 0] && local.bytes == 0 && local.serverMACs == 0)
  }

  @Test func anExitThatIsJustSureEnoughAnswers() throws {
    let setting = try perceptronBench().setting
    var method = try EarlyExit(section(), setting)
    let pixels = try setting.data.test().pixels(at: [0])
    let latent = try #require(try method.systems(method.network).first).latent(pixels)
    // Behind the latent's 24 values lie the logits of the exit on the device.
    let confidence = Array(latent.scalars.dropFirst(24)).withUnsafeBufferPointer {
      method.exits[0].confidence($0, gate: nil)
    }
    for (threshold, answers) in [(confidence, true), (confidence.nextUp, false)] {
      var decisions = method.exits
      decisions[0].threshold = threshold
      try method.adopt(choice(decisions))
      let system = try #require(try method.systems(method.network).first)
      #expect(try (system.deviceAnswers(latent) != nil) == answers)
    }
  }

  private func measured(
    _ system: any SplitSystem, _ test: ImageDataset, _ setting: MethodSetting
  ) throws -> TradeOffReport.System {
    let tradeOff = TradeOff(
      dataset: test, links: [TradeOffReport.NamedLink(name: "link", link: setting.link)],
      energy: setting.energy, timedSamples: 1)
    return try tradeOff.report(reference: system, [], observer: nil).systems[0]
  }

  /// From 24 units to 10 classes, each unit read by 5 of them where the exit is sparse.
  @Test func aSparseExitCostsLess() throws {
    var bench = try perceptronBench()
    bench.training.epochs = 1
    func exit(_ more: String) throws -> (cost: ExitReport.Exit, system: any SplitSystem) {
      let method = try EarlyExit(
        section(exits: #"{"at": "relu1"\#(more)}"#), bench.setting)
      let network = try bench.train(method).network
      return (
        try #require(try method.evaluate(network).exits?.exits.first),
        try #require(try method.systems(network).first)
      )
    }
    let dense = try exit("")
    #expect(dense.cost.macs == 240)
    // Weights and biases of 4 bytes.
    #expect(dense.cost.bytes == (240 + 10) * 4)
    for (seed, sparsity) in zip(
      [1, 2, 3], [#""out_degree": 5"#, #""density": 0.5"#, #""density": 0.45"#])
    {
      bench.seed = UInt64(seed)
      let sparse = try exit(", " + sparsity)
      #expect(sparse.cost.macs == 120)
      // And a seed of 8.
      #expect(sparse.cost.bytes == (120 + 10) * 4 + 8)
      #expect(dense.system.deviceMACs - sparse.system.deviceMACs == 120)
    }
  }

  // MARK: - What cannot be

  @Test func exitsInTheWrongPlaceAreRefused() throws {
    let bench = try perceptronBench()
    let data = DataProvider(bench.data)
    for (edges, cut, error) in [
      (["relu2", "relu1"], "relu2", .order(first: "relu2", second: "relu1")),
      (["relu1", "fc3"], "relu1", .atTheEnd(edge: "fc3")),
      (["relu2"], "relu1", .noneOnDevice(cut: "relu1", edges: ["relu2"])),
    ] as [([String], String, EarlyExitError)] {
      let exits = edges.map { #"{"at": "\#($0)"}"# }.joined(separator: ", ")
      #expect(throws: error) {
        try EarlyExit(section(exits: exits), setting(bench, data, cut: cut))
      }
    }
  }

  @Test func anEdgeThatIsNotThereIsRefused() throws {
    #expect {
      try EarlyExit(section(exits: #"{"at": "rellu1"}"#), perceptronBench().setting)
    } throws: { error in
      guard case .unknownNode("rellu1", _) = error as? NetworkError else { return false }
      return "\(error)".contains("did you mean 'relu1'?")
    }
  }

  @Test func aValueThatIsNoImageAndNoVectorIsRefused() throws {
    var bench = try Workbench()
    var builder = NetworkBuilder(shape: [16, 16, 3])
    var value = builder.add("tokens", ReshapeLayer([256, 3]), after: "input")
    value = builder.add("mixed", LinearLayer(3, 2), after: value)
    value = builder.add("flatten", FlattenLayer(), after: value)
    value = builder.add("linear", LinearLayer(512, 4), after: value)
    let file = bench.folder.file("tokens.h5")
    try Checkpoint(network: builder.network(name: "tokens", outputs: [value])).write(to: file)
    bench.network = NetworkConfiguration(checkpoint: file, cut: "mixed")
    #expect(throws: EarlyExitError.edgeShape(edge: "mixed", found: [256, 2])) {
      try EarlyExit(section(exits: #"{"at": "mixed"}"#), bench.setting)
    }
  }

  @Test(arguments: [
    ("", "", "exits"), ("", #"{"at": "relu1"}, {"at": "relu1"}"#, "exits"),
    (#""weight": 0"#, #"{"at": "relu1"}"#, "weight"),
    (#""bits": 13"#, #"{"at": "relu1"}"#, "bits"),
    (#""freeze": ["fc1"]"#, #"{"at": "relu1"}"#, "freeze"),
  ]) func contradictionsAreReported(more: String, exits: String, key: String) throws {
    var report = ValidationReport()
    try section(more, exits: exits).validate(&report)
    #expect(report.findings.map(\.keys) == [[key]])
  }

  @Test(arguments: [
    (#"{"accuracy": 0.5, "exit_rate": 0.5}"#, "accuracy"), ("{}", "accuracy"),
    (#"{"accuracy_drop": 1.5}"#, "accuracy_drop"),
  ]) func aTargetIsOneFraction(target: String, key: String) throws {
    var report = ValidationReport()
    try section(#""target": \#(target)"#).target.validate(&report)
    #expect(report.findings.map(\.keys) == [[key]])
  }

  // MARK: - Walking through the network by hand

  /// What the exits and the network say of one image.
  private struct Walk {
    var exits: [(logits: [Float], confidence: Double)]
    var logits: [Float]
    var label: Int32

    /// Where the image leaves, nil for nowhere, and what it is answered.
    func answer(_ threshold: Double) -> (exit: Int?, logits: [Float]) {
      for (index, exit) in exits.enumerated() where exit.confidence >= threshold {
        return (index, exit.logits)
      }
      return (nil, logits)
    }
  }

  /// What becomes of all images under a threshold.
  private struct Tally {
    /// Images that leave at each exit.
    var exits: [Int]
    var remaining = 0
    var accuracy = 0.0

    init(_ walks: [Walk], _ threshold: Double) {
      exits = Array(repeating: 0, count: walks[0].exits.count)
      var right = 0
      for walk in walks {
        let answer = walk.answer(threshold)
        if let exit = answer.exit { exits[exit] += 1 } else { remaining += 1 }
        if prediction(answer.logits) == walk.label { right += 1 }
      }
      accuracy = Double(right) / Double(walks.count)
    }

    /// Images that leave early.
    var left: Int { exits.reduce(0, +) }

    /// The share of images that is sent if the first exit alone is on the device.
    var sentShare: Double { Double(left + remaining - exits[0]) / Double(left + remaining) }

    /// Images on the way that has fewest.
    var fewest: Int { min(exits.min() ?? 0, remaining) }
  }

  private func walks(
    _ method: EarlyExit, _ network: Network, _ dataset: ImageDataset
  ) throws -> [Walk] {
    let pixels = try dataset.pixels(at: Array(0..<dataset.count))
    let outputs = try Server(network)(method.inputTransform(pixels)).map(rows)
    let said = Dictionary(uniqueKeysWithValues: zip(network.outputs, outputs))
    return try (0..<dataset.count).map { row in
      let exits = try method.exits.map { exit in
        let logits = try #require(said[exit.output])[row]
        let gate = exit.gate.flatMap { said[$0]?[row][0] }
        return (logits, logits.withUnsafeBufferPointer { exit.confidence($0, gate: gate) })
      }
      return Walk(exits: exits, logits: outputs[0][row], label: dataset.labels[row])
    }
  }

  /// All thresholds at which something changes, and those at both ends, in order.
  private func candidates(_ walks: [Walk]) -> [Double] {
    [0] + Set(walks.flatMap { $0.exits.map(\.confidence) }).sorted() + [ExitDecision.never]
  }
}

/// How sure exits are, and what thresholds make of it.
@Suite struct ExitRuleTests {
  private func confidence(
    _ rule: ExitRule, _ logits: [Float], temperature: Double = 1, gate: Float? = nil
  ) -> Double {
    logits.withUnsafeBufferPointer {
      rule.confidence($0, temperature: temperature, gate: gate)
    }
  }

  /// Derived by hand.
  @Test(arguments: [
    // Probabilities 1/8, 2/8 and 5/8: H = ⅛ ln 8 + ¼ ln 4 + ⅝ ln 8/5 = 0.900256, of ln 3 = 1.098612.
    Case([0, 0.6931472, 1.6094379], [0.625, 0.375, 0.1805516]),
    // The same from logits twice as large.
    Case([0, 1.3862944, 3.2188758], temperature: 2, [0.625, 0.375, 0.1805516]),
    // All alike, near each other and far from zero.
    Case([2, 2], [0.5, 0, 0]), Case([-70, -70, -70, -70], [0.25, 0, 0]),
    Case([3e38, 3e38], [0.5, 0, 0]),
    // Two alike, and one that is impossible: 1 − ln 2 / ln 3.
    Case([3, -.infinity, 3], [0.5, 0, 0.3690702]),
    // Sure.
    Case([1000, 0, 0], [1, 1, 1]),
    // There is but one class.
    Case([-7], [1, 1, 1]),
    // No numbers to be sure of.
    Case([.nan, 1], [0, 0, 0]), Case([1, .nan], [0, 0, 0]), Case([1, .nan, 2], [0, 0, 0]),
    Case([.infinity, 1], [0, 0, 0]), Case([.infinity, .infinity], [0, 0, 0]),
    Case([-.infinity, -.infinity], [0, 0, 0]), Case([.nan], [0, 0, 0]), Case([], [0, 0, 0]),
  ]) func confidencesAreThoseOfTheDefinition(known: Case) {
    for (rule, expected) in zip([.maxSoftmax, .margin, .entropy] as [ExitRule], known.expected) {
      let found = confidence(rule, known.logits, temperature: known.temperature)
      #expect(abs(found - expected) < 1e-6, "\(rule)")
    }
  }

  /// Logits and what max softmax, margin and entropy make of them.
  struct Case: Sendable, CustomTestStringConvertible {
    let logits: [Float]
    let temperature: Double
    let expected: [Double]

    init(_ logits: [Float], temperature: Double = 1, _ expected: [Double]) {
      (self.logits, self.temperature, self.expected) = (logits, temperature, expected)
    }

    var testDescription: String { "\(logits) at temperature \(temperature)" }
  }

  /// The logistic function of what the unit says, whatever the logits are.
  @Test(
    arguments: [
      (0, 0.5), (1.0986123, 0.75), (-1.0986123, 0.25), (.infinity, 1), (-.infinity, 0), (.nan, 0),
      (nil, 0),
    ] as [(Float?, Double)])
  func aLearnedUnitIsAsSureAsItSays(gate: Float?, expected: Double) {
    let found = confidence(.learned, [1, 2, 3], temperature: 7, gate: gate)
    #expect(abs(found - expected) < 1e-6)
  }

  @Test(arguments: ExitRule.allCases) func confidencesAreFractions(rule: ExitRule) {
    var random = RandomSource(seed: 3)
    for scale in [1e-30, 1e-3, 1, 30, 1e4, 1e30] {
      for _ in 0..<200 {
        let logits = (0..<1 + random.index(below: 6)).map { _ in Float(scale * random.normal()) }
        for temperature in [0.05, 1, 50] {
          let found = confidence(
            rule, logits, temperature: temperature, gate: Float(scale * random.normal()))
          #expect((0...1).contains(found), "\(logits) at temperature \(temperature)")
        }
      }
    }
  }

  // MARK: - Temperature

  @Test func aKnownTemperatureIsFoundAndMendsTheCalibration() {
    var random = RandomSource(seed: 2)
    var logits: [[Float]] = []
    var labels: [Int32] = []
    for _ in 0..<4000 {
      let row = (0..<5).map { _ in Float(6 * random.normal()) }
      let weights = row.map { exp(Double($0) / 3) }
      var draw = random.uniform() * weights.reduce(0, +)
      var label = 0
      while label < 4, draw >= weights[label] {
        draw -= weights[label]
        label += 1
      }
      logits.append(row)
      labels.append(Int32(label))
    }
    let temperature = TemperatureScaling.temperature(logits: logits, labels: labels)
    #expect(abs(temperature / 3 - 1) < 0.05)
    let errors = [1, temperature].map { temperature in
      var samples = ExitSamples(exitCount: 1, deviceExitCount: 1)
      for (row, label) in zip(logits, labels) {
        samples.add(
          exits: [
            (confidence(.maxSoftmax, row, temperature: temperature), prediction(row) == label)
          ], last: true, bytes: 5)
      }
      return samples.calibrationError(ofExit: 0)
    }
    #expect(errors[0] > 0.1 && errors[1] < 0.03)
    #expect(TemperatureScaling.temperature(logits: [], labels: []) == 1)
  }

  /// Two samples of 0.95 of which one is right, and two of 0.55 that both are: (|1.9 − 1| +
  /// |1.1 − 2|) / 4.
  @Test func theCalibrationErrorIsThatOfTheBins() {
    var samples = ExitSamples(exitCount: 1, deviceExitCount: 1)
    for (confidence, isRight) in [(0.95, true), (0.95, false), (0.55, true), (0.55, true)] {
      samples.add(exits: [(confidence, isRight)], last: false, bytes: 5)
    }
    #expect(abs(samples.calibrationError(ofExit: 0) - 0.45) < 1e-6)
    #expect(samples.accuracy(ofExit: 0) == 0.75)
  }

  // MARK: - Samples

  /// Fifty samples on their way past three exits; the fourth place is the network's own.
  private func drawn() -> (samples: ExitSamples, confidences: [[Double]], isRight: [[Bool]]) {
    var random = RandomSource(seed: 8)
    var samples = ExitSamples(exitCount: 3, deviceExitCount: 2)
    var confidences: [[Double]] = []
    var isRight: [[Bool]] = []
    for _ in 0..<50 {
      let sure = (0..<3).map { _ in Double(random.index(below: 33)) / 32 }
      let right = (0..<4).map { _ in random.uniform() < 0.6 }
      samples.add(exits: Array(zip(sure, right)), last: right[3], bytes: confidences.count)
      confidences.append(sure)
      isRight.append(right)
    }
    return (samples, confidences, isRight)
  }

  @Test(arguments: [0, 0.03125, 0.25, 0.5, 0.51, 0.875, 0.96875, 1, 2])
  func outcomesAreThoseOfEverySampleOnItsWay(threshold: Double) {
    let (samples, confidences, isRight) = drawn()
    var left = [0, 0, 0, 0]
    var right = 0
    for (sure, isRight) in zip(confidences, isRight) {
      var place = 0
      while place < 3, sure[place] < threshold { place += 1 }
      left[place] += 1
      if isRight[place] { right += 1 }
    }
    let outcome = samples.outcome(threshold: threshold)
    #expect(outcome.exitShares == left.prefix(3).map { Double($0) / 50 })
    #expect(abs(outcome.remaining - Double(left[3]) / 50) < 1e-12)
    #expect(outcome.accuracy == Double(right) / 50)
  }

  @Test func thresholdsGoFromEverythingToNothing() throws {
    let (samples, confidences, isRight) = drawn()
    let thresholds = samples.thresholds()
    #expect(thresholds == thresholds.sorted())
    let outcomes = thresholds.map { samples.outcome(threshold: $0) }
    let first = try #require(outcomes.first)
    #expect(first.exitShares == [1, 0, 0])
    #expect(first.accuracy == samples.accuracy(ofExit: 0))
    let last = try #require(outcomes.last)
    #expect(last.exitShares == [0, 0, 0])
    #expect(last.accuracy == Double(isRight.count { $0[3] }) / 50)
    // And every share that there is lies between.
    let shares = (0...33).map { step in
      Double(confidences.count { ($0.max() ?? 0) >= Double(step) / 32 })
    }
    #expect(Set(outcomes.map { ((1 - $0.remaining) * 50).rounded() }) == Set(shares))
  }

  @Test(arguments: [2, 3, 10, 20, 401]) func thresholdsAreNoMoreThanAskedFor(most: Int) {
    let thresholds = drawn().samples.thresholds(most: most)
    #expect(thresholds.count <= most)
    #expect(thresholds.first == 0 && thresholds.last == ExitDecision.never)
  }

  /// As many leave where a threshold is used as did where it was chosen, even if all are very sure.
  @Test func aThresholdMeansTheSameInSamplesAndInADecision() {
    var random = RandomSource(seed: 6)
    let decision = ExitDecision(
      edge: "edge", output: "logits", gate: nil, place: .device, rule: .maxSoftmax)
    var samples = ExitSamples(exitCount: 1, deviceExitCount: 1)
    let confidences = (0..<200).map { _ in
      let logits = (0..<4).map { _ in Float(12 * random.normal()) }
      return logits.withUnsafeBufferPointer { decision.confidence($0, gate: nil) }
    }
    for confidence in confidences { samples.add(exits: [(confidence, true)], last: true, bytes: 5) }
    let different = samples.thresholds().filter { threshold in
      let leaving = confidences.count { $0 >= threshold }
      return samples.outcome(threshold: threshold).exitShares != [Double(leaving) / 200]
    }
    #expect(different == [])
  }
}

// MARK: - Rows

/// The rows of `[rows, length]`.
private func rows(_ tensor: Tensor<Float>) -> [[Float]] {
  let scalars = tensor.scalars
  let length = scalars.count / tensor.shape[0]
  return stride(from: 0, to: scalars.count, by: length).map { Array(scalars[$0..<$0 + length]) }
}

/// The first class of the largest logit.
private func prediction(_ logits: [Float]) -> Int32 {
  Int32(logits.firstIndex(of: logits.max() ?? 0) ?? -1)
}

// MARK: - What is tested

/// A perceptron 768-24-16-10 that tells the hues of floors, cut behind its first hidden layer; 100
/// images each to train and to choose by, 60 to test.
private func perceptronBench() throws -> Workbench {
  var bench = try Workbench()
  bench.network = NetworkConfiguration(
    architecture: "mlp-24-16", cut: "relu1", input: bench.transform)
  bench.data.dataset.label = "floor_hue"
  bench.data.dataset.samples = 200
  bench.data.dataset.testSamples = 60
  bench.data.validationFraction = 0.5
  bench.training.epochs = 3
  bench.training.optimizer.learningRate = 3e-3
  return bench
}

/// The ResNet-8 of the workbench as a checkpoint, cut behind its first stage.
private func residualBench() throws -> Workbench {
  var bench = try Workbench()
  let file = bench.folder.file("base.h5")
  try Checkpoint(network: bench.base, inputTransform: bench.transform).write(to: file)
  bench.network = NetworkConfiguration(checkpoint: file, cut: "layer1")
  return bench
}

/// The perceptron and its two exits, trained together.
private let trained = Result {
  var bench = try perceptronBench()
  bench.training.epochs = 6
  return try bench.train(EarlyExit(section(#""training": "joint", "weight": 0.05"#), bench.setting))
    .network
}

/// A section of a recipe with an exit behind each hidden layer, unless others are given.
private func section(
  _ more: String = "", exits: String = #"{"at": "relu1"}, {"at": "relu2"}"#
) throws -> EarlyExitConfiguration {
  let text = #"{"exits": [\#(exits)]\#(more.isEmpty ? "" : ", ")\#(more)}"#
  return try JSONDecoder().decode(EarlyExitConfiguration.self, from: Data(text.utf8))
}

/// The setting of a bench with another cut or link, on data that are read once.
private func setting(
  _ bench: Workbench, _ data: DataProvider, cut: String = "relu1"
) -> MethodSetting {
  var network = bench.network
  network.cut = cut
  return MethodSetting(
    data: data, network: network, training: bench.training, link: bench.link, seed: bench.seed,
    temporaryDirectory: bench.folder.path, observer: bench.observer)
}
