import Autodiff
import Checkpoints
import Codecs
import Datasets
import DroneWorlds
import Foundation
import Methods
import Networks
import Splitting
import Tasks
import Tensors
import Testing
import Training

/// The depth network's branches, and the agents that fly by them.
@Suite struct NaviSplitTests {
  static let size: Shape = [32, 32, 3]

  /// Small pictures of drone worlds.
  private static func data(seed: UInt64 = 3) -> DataConfiguration {
    var world = WorldOptions()
    world.cameraWidth = 32
    world.cameraHeight = 32
    var drone = DatasetSpecification(name: "drone")
    drone.samples = 16
    drone.testSamples = 4
    drone.seed = seed
    drone.world = world
    var data = DataConfiguration(drone)
    data.validationFraction = 0.25
    return data
  }

  private static func parent(_ normalization: DepthNetwork.Normalization = .group) throws -> Network
  {
    var network = try DepthNetwork.network(normalization, inputShape: size)
    network.initializeParameters(seed: 5)
    return network
  }

  private static let branches = [
    DepthNetwork.Branch(after: 3, channels: 2), DepthNetwork.Branch(after: 2, channels: 4),
  ]

  private static func bench(batch: Int = 4) throws -> Workbench {
    var bench = try Workbench()
    bench.data = data()
    bench.training = TrainingConfiguration(epochs: 1, batchSize: batch)
    bench.training.monitor = "quality"
    return bench
  }

  // MARK: - Branches

  /// 2 and 32 channels behind the third block of a picture of 144×256 in 8 bits are the published
  /// 1,152 and 18,432 bytes.
  @Test(arguments: [(2, 1152), (32, 18_432)])
  func latentsHaveThePublishedSizes(example: (channels: Int, bytes: Int)) throws {
    let network = try DepthNetwork.network(.group, inputShape: [144, 256, 3])
    let branch = DepthNetwork.Branch(after: 3, channels: example.channels)
    let whole = try DepthNetwork.attaching([branch], to: network, seed: 1)
    #expect(whole.shapes[branch.latent]?.elementCount == example.bytes)
    #expect(whole.shapes["block1.selu"] == [72, 128, 32])
    #expect(whole.shapes["block2.selu"] == [36, 64, 64])
    #expect(whole.outputShape == [144, 256, 1])
    #expect(DepthNetwork.branches(of: whole) == [branch])
  }

  @Test func anyExtentComesBackAsItWas() throws {
    for shape: Shape in [[72, 128, 3], [120, 160, 3], [37, 50, 3]] {
      let network = try DepthNetwork.network(.batch, inputShape: shape)
      #expect(network.outputShape == [shape[0], shape[1], 1])
    }
  }

  /// A branch as wide as its parent begins as its parent is: all shapes are the same.
  @Test(arguments: DepthNetwork.Normalization.allCases)
  func branchesBeginWithTheirParentsParameters(normalization: DepthNetwork.Normalization) throws {
    let parent = try NaviSplitTests.parent(normalization)
    let wide = DepthNetwork.Branch(after: 3, channels: 128)
    let whole = try DepthNetwork.attaching([wide], to: parent, seed: 9)
    var random = RandomSource(seed: 2)
    let images: Tensor<Float> = random.normal([2, 32, 32, 3])
    let outputs = NetworkExecutor(whole).run(
      [.init(images)], parameters: whole.constants(Float.self)
    ).outputs
    #expect(outputs[0].value == outputs[1].value)
    let parts = try DepthNetwork.parts(of: wide, in: whole)
    #expect(parts.server.predict(parts.device.predict(images)) == outputs[1].value)
  }

  /// As the correct zero point has it, both ends of the range come back; as it was shipped, what is
  /// above (255 − 126) · 24/255 = 12.14 does not.
  @Test func quantisersKeepOrCutTheUpperEnd() throws {
    func read(_ quantizer: NaviSplitConfiguration.Quantizer, _ value: Float) throws -> Float {
      let stream = try PackedCodec(quantizer.steps).stream(Tensor([1], [value]))
      return try LatentStream(stream).latent().scalars[0]
    }
    let step: Float = 24 / 255
    for value: Float in [-1.9, 0, 0.7, 12, 21.9] {
      #expect(abs(try read(.correct, value) - value) <= step / 2 + 1e-5)
    }
    #expect(abs(try read(.asShipped, 12) - 12) <= step / 2 + 1e-5)
    #expect(abs(try read(.asShipped, 20) - 129 * step) < 1e-4)
    #expect(abs(try read(.asShipped, -11) + 11) <= step / 2 + 1e-5)
    #expect(throws: CodecError.self) { try read(.correct, .nan) }
  }

  @Test func trainingMovesWhatItsStageMoves() throws {
    var bench = try NaviSplitTests.bench()
    let file = bench.folder.file("parent.h5")
    try Checkpoint(
      network: NaviSplitTests.parent(.batch), inputTransform: InputTransform(scale: 255)
    ).write(to: file)
    bench.network = NetworkConfiguration(checkpoint: file)
    bench.training.stages = [TrainingStage(epochs: 1), TrainingStage(epochs: 0)]
    var configuration = NaviSplitConfiguration()
    configuration.branches = NaviSplitTests.branches
    func moved(_ stages: [TrainingStage]) throws -> Set<String> {
      bench.training.stages = stages
      let method = try NaviSplit(configuration, bench.setting)
      let trained = try bench.train(method).network
      return Set(
        method.network.parameterPaths.filter {
          trained.parameters[$0] != method.network.parameters[$0]
        })
    }
    let first = try moved([TrainingStage(epochs: 1), TrainingStage(epochs: 0)])
    #expect(!first.isEmpty)
    let replaced = NaviSplitTests.branches.flatMap(\.replaced)
    // Batch statistics of what is frozen included.
    #expect(first.allSatisfy { path in replaced.contains { path.hasPrefix($0 + ".") } })
    for part in replaced { #expect(first.contains { $0.hasPrefix(part + ".") }) }
    let second = try moved([TrainingStage(epochs: 0), TrainingStage(epochs: 1)])
    #expect(second.allSatisfy { $0.hasPrefix("branches.") })
    #expect(second.contains("branches.after3x2.block9.conv.weight"))
    #expect(second.contains("branches.after3x2.output.conv2.weight"))
  }

  @Test func theParentAloneLearnsDepth() throws {
    var bench = try NaviSplitTests.bench()
    bench.network = NetworkConfiguration(architecture: "navisplit-depth")
    bench.training.epochs = 3
    bench.training.optimizer = OptimizerConfiguration(
      .adam(betas: .init(), epsilon: 1e-8), learningRate: 2e-3)
    let outcome = try bench.train(try NaviSplit(NaviSplitConfiguration(), bench.setting))
    let losses = outcome.history.map(\.trainLoss)
    #expect(losses[2] < 0.8 * losses[0])
  }

  @Test func evaluationCountsTheStreamsOfEveryBranch() throws {
    var bench = try NaviSplitTests.bench()
    let file = bench.folder.file("parent.h5")
    try Checkpoint(network: NaviSplitTests.parent(), inputTransform: InputTransform(scale: 255))
      .write(to: file)
    bench.network = NetworkConfiguration(checkpoint: file)
    var configuration = NaviSplitConfiguration()
    configuration.branches = NaviSplitTests.branches
    let method = try NaviSplit(configuration, bench.setting)
    let report = try method.evaluate(method.network)
    let rows = try #require(report.codecs)
    // Three codecs of two branches, and the parent on the server alone.
    #expect(rows.count == 7 && rows.last?.name == "parent, pixels")
    // 2 channels of 4×4 and 4 of 8×8 in 8 bits, with a header of less than 40 bytes.
    #expect(rows[0].meanBytes > 32 && rows[0].meanBytes < 32 + 40)
    #expect(rows[3].meanBytes > 256 && rows[3].meanBytes < 256 + 40)
    #expect(rows.allSatisfy { $0.tasks?.first?.metrics.contains { $0.name == "r2" } == true })
    let systems = try method.systems(method.network)
    #expect(systems.count == 2)
    let pixels = try bench.setting.data.test().pixels(at: [0])
    let latent = try systems[0].latent(pixels)
    #expect(try Double(systems[0].encode(latent).count) == rows[0].meanBytes)
    #expect(try method.decisions(method.network).branches.map(\.name) == ["after3x2", "after2x4"])
  }

  // MARK: - Learning

  /// One state, in which an action of 0.5 is best: the actor finds it.
  @Test func td3FindsTheBestAction() throws {
    var configuration = TD3Configuration()
    configuration.warmUp = 64
    configuration.batchSize = 32
    configuration.discount = 0
    // The critics have to know something before the actor believes them.
    configuration.actorDelay = 4
    let network = try ActorCritic.network(
      observationLength: 2, actionLength: 1, hidden: [32, 32], seed: 3)
    let learner = try TD3Learner(
      network, configuration: configuration, observationLength: 2, actionLength: 1)
    var parameters = try TrainedParameters(
      network, freezing: Freezing([], of: network),
      optimizer: OptimizerConfiguration(.adam(betas: .init(), epsilon: 1e-8)))
    var random = RandomSource(seed: 8)
    for step in 0..<3000 {
      let gradients: [Tensor<Float>?]
      do {
        let pass = parameters.pass(epoch: 0, seed: UInt64(step))
        let action = Float(2 * random.uniform() - 1)
        learner.replay.append(
          .init(
            observation: [1, -1], action: [action], reward: -(action - 0.5) * (action - 0.5),
            next: [1, -1], isTerminal: true))
        _ = learner.learn(pass)
        gradients = pass.gradients
      }
      parameters.update(gradients, [], learningRate: 2e-3)
    }
    let actor = try ActorCritic.actor(of: parameters.currentNetwork())
    let found = actor.predict(Tensor([1, 2], [1, -1])).item
    #expect(abs(found - 0.5) < 0.2, "\(found)")
  }

  @Test func replayForgetsTheOldest() {
    var buffer = ReplayBuffer(capacity: 3, observationLength: 1, actionLength: 1)
    for step in 0..<5 {
      buffer.append(
        .init(
          observation: [Float(step)], action: [0], reward: Float(step), next: [0],
          isTerminal: step == 4))
    }
    #expect(buffer.count == 3)
    var random = RandomSource(seed: 1)
    let batch = buffer.sample(60, using: &random)
    #expect(Set(batch.rewards) == [2, 3, 4])
    #expect(zip(batch.rewards, batch.isTerminal).allSatisfy { ($0 == 4) == $1 })
    #expect(batch.observations.scalars == batch.rewards)
  }

  private static func navigator() -> NavigatorConfiguration {
    var configuration = NavigatorConfiguration()
    configuration.hidden = [8]
    configuration.stepsPerEpoch = 6
    configuration.td3.agents = 3
    configuration.td3.warmUp = 9
    configuration.td3.batchSize = 8
    configuration.td3.demonstrations = 12
    configuration.td3.imitation = 1
    configuration.flight.maximumSteps = 5
    configuration.validationEpisodes = 3
    configuration.testEpisodes = 2
    return configuration
  }

  /// What was lived through is saved: an interrupted run ends as one that was not.
  @Test func aNavigatorGoesOnExactly() throws {
    var bench = try NaviSplitTests.bench()
    bench.training.epochs = 3
    let configuration = NaviSplitTests.navigator()
    let whole = try bench.train(Navigator(configuration, bench.setting))
    let directory = RunDirectory(bench.folder.file("interrupted"))
    try directory.create()
    var steps = 0
    var resumed: Trainer.Outcome?
    for _ in 0..<6 where resumed == nil {
      let trainer = Trainer(
        try Navigator(configuration, bench.setting), setting: bench.setting, directory: directory,
        provenance: Provenance()
      ) {
        steps += 1
        return steps % 5 == 0
      }
      do { resumed = try trainer.run(resumes: true) } catch TrainingError.interrupted { continue }
    }
    let outcome = try #require(resumed)
    #expect(outcome.network == whole.network)
    #expect(outcome.history.map(\.trainLoss) == whole.history.map(\.trainLoss))
    #expect(outcome.history.map(\.validation) == whole.history.map(\.validation))
  }

  @Test func damagedStatesAreRefused() throws {
    let bench = try NaviSplitTests.bench()
    let method = try Navigator(NaviSplitTests.navigator(), bench.setting)
    let state = try #require(try method.savedState())
    for damaged in [
      MethodState(tensors: state.tensors, document: "{"),
      MethodState(tensors: [:], document: state.document),
      MethodState(
        tensors: state.tensors,
        document: state.document.replacing("\"episode\":0", with: "\"episode\":-3")),
    ] {
      #expect(throws: NaviSplitError.self) { try method.restore(damaged) }
    }
    try method.restore(state)
  }

  @Test func reportsOfFlightsCountThem() throws {
    let bench = try NaviSplitTests.bench()
    let method = try Navigator(NaviSplitTests.navigator(), bench.setting)
    let report = try method.evaluate(method.network)
    let flights = try #require(report.flights)
    #expect(Set(flights.map(\.policy)) == ["navigator", "scripted pilot", "straight at the goal"])
    for flight in flights {
      #expect(flight.episodes == 2 && flight.reached.count == 2)
      let success = try #require(flight.success)
      let rest = try #require(flight.collisions) + #require(flight.timeouts)
      #expect(abs(success + rest - 1) < 1e-9)
      #expect(try #require(flight.pathSuccess) <= success)
    }
    #expect(report.accuracy == flights.last { $0.policy == "navigator" }?.success)
  }

  // MARK: - Gates

  /// With four branches: int(4a) of the published mapping, and equal parts of −1 to 1.
  @Test func numbersBecomeBranches() {
    let numbers: [Float] = [-1, -0.1, 0.24, 0.26, 0.51, 0.76, 1]
    #expect(
      numbers.map { NaviSplitGateConfiguration.Mapping.clamped.branch($0, of: 4) }
        == [0, 0, 0, 1, 2, 3, 3])
    #expect(
      numbers.map { NaviSplitGateConfiguration.Mapping.unbiased.branch($0, of: 4) }
        == [0, 1, 2, 2, 3, 3, 3])
  }

  /// A bench with the checkpoints a gate needs.
  private static func gateBench(
    _ change: (inout NaviSplitGateConfiguration) -> Void = { _ in }
  ) throws -> (bench: Workbench, configuration: NaviSplitGateConfiguration) {
    let bench = try bench()
    let branches = bench.folder.file("branches.h5")
    try Checkpoint(
      network: DepthNetwork.attaching(Self.branches, to: parent(), seed: 1),
      inputTransform: InputTransform(scale: 255)
    ).write(to: branches)
    let navigator = bench.folder.file("navigator.h5")
    try Checkpoint(
      network: ActorCritic.network(
        observationLength: 200, actionLength: 2, hidden: [6], seed: 4)
    ).write(to: navigator)
    var configuration = NaviSplitGateConfiguration(branches: branches, navigator: navigator)
    configuration.hidden = [6]
    configuration.stepsPerEpoch = 4
    configuration.frames = 24
    configuration.td3.agents = 2
    configuration.td3.warmUp = 4
    configuration.td3.batchSize = 4
    configuration.flight.maximumSteps = 4
    configuration.validationEpisodes = 2
    configuration.testEpisodes = 3
    change(&configuration)
    return (bench, configuration)
  }

  @Test(arguments: NaviSplitGateConfiguration.Training.allCases)
  func gatesLearnAndAreMeasuredBesideEveryBranch(
    training: NaviSplitGateConfiguration.Training
  ) throws {
    let (bench, configuration) = try NaviSplitTests.gateBench { $0.training = training }
    let method = try NaviSplitGate(configuration, bench.setting)
    let trained = try bench.train(method).network
    #expect(trained != method.network)
    let flights = try #require(try method.evaluate(trained).flights)
    let names = flights.map(\.policy)
    #expect(
      names == [
        "gate, \(training.rawValue)", "random, the gate's shares", "after3x2", "after2x4",
        "random, after3x2 and after2x4", "oracle",
      ])
    // A static branch sends its own bytes in all frames but the first, which has the largest.
    let small = flights[2]
    let large = flights[3]
    let shares = try #require(small.shares)
    let least = try #require(small.bytesPerFrame)
    let most = try #require(large.bytesPerFrame)
    #expect(large.shares == [0, 1])
    #expect(shares[1] > 0 && shares[1] < 1)
    #expect(least < most)
    for flight in flights {
      let share = try #require(flight.shares)
      #expect(abs(share[0] + share[1] - 1) < 1e-9)
      // Bytes are the mean of what the two send.
      let own = share[1] * most + share[0] * ((least - shares[1] * most) / shares[0])
      #expect(abs(try #require(flight.bytesPerFrame) - own) < 1e-6)
      #expect(flight.episodes == 3)
    }
  }

  /// After a goal or a collision there is no frame, whatever branch was picked for it.
  @Test(arguments: [nil, EpisodeEnding.goal, .collision, .timeout])
  func aFrameThatIsNotSentCostsNothing(ending: EpisodeEnding?) {
    let configuration = NaviSplitGateConfiguration(branches: "b", navigator: "n")
    #expect(
      configuration.worth(of: 0.25, ending: ending, price: 4) == (ending == nil ? -3.75 : 0.25))
  }

  @Test func aGateGoesOnExactly() throws {
    let (bench, configuration) = try NaviSplitTests.gateBench { $0.training = .td3 }
    let whole = try bench.train(NaviSplitGate(configuration, bench.setting))
    let directory = RunDirectory(bench.folder.file("interrupted"))
    try directory.create()
    var isInterrupted = false
    let first = Trainer(
      try NaviSplitGate(configuration, bench.setting), setting: bench.setting,
      directory: directory, provenance: Provenance()
    ) {
      isInterrupted.toggle()
      return !isInterrupted
    }
    #expect(throws: TrainingError.self) { try first.run(resumes: false) }
    let second = Trainer(
      try NaviSplitGate(configuration, bench.setting), setting: bench.setting,
      directory: directory, provenance: Provenance())
    let outcome = try second.run(resumes: true)
    #expect(outcome.network == whole.network)
  }

  @Test func whatIsNoGateIsRefused() throws {
    var (bench, configuration) = try NaviSplitTests.gateBench()
    configuration.navigator = configuration.branches
    #expect(throws: NaviSplitError.self) { try NaviSplitGate(configuration, bench.setting) }
    (bench, configuration) = try NaviSplitTests.gateBench()
    configuration.branches = configuration.navigator
    #expect(throws: NaviSplitError.self) { try NaviSplitGate(configuration, bench.setting) }
    bench = try Workbench()
    let error = #expect(throws: NaviSplitError.self) {
      try Navigator(NavigatorConfiguration(), bench.setting)
    }
    #expect(error == .noWorlds(dataset: "shapes"))
  }

  /// A picture says nothing of what happens to others beside it.
  @Test func flightsDoNotDependOnThreads() throws {
    let (bench, configuration) = try NaviSplitTests.gateBench()
    func reached(_ threads: Int) throws -> [[Bool]] {
      try ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        let method = try NaviSplitGate(configuration, bench.setting)
        return try #require(try method.evaluate(method.network).flights).map(\.reached)
      }
    }
    #expect(try reached(1) == reached(3))
  }
}
