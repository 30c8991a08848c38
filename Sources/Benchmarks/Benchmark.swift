internal import Autodiff
internal import Methods
public import Networks
internal import Splitting
internal import Tensors
internal import Training

/// Work a network is timed at, on random images, a batch at a time.
public struct Benchmark {
  /// What is done with each batch.
  public enum Work: String, CaseIterable, Codable, Sendable {
    /// The network is frozen and answers: batch norms folded, activations fused.
    case forward
    /// A full training step: forward, cross-entropy, backward, gradient descent with momentum.
    case train
    /// A step of SALT after the first epoch: the latents of the frozen head are cached.
    case salt
    /// A step of SALT that runs the frozen head as well.
    case saltUncached = "salt-uncached"
    /// A step of two task heads on the cached latents of a frozen backbone: MTL-Split's heads,
    /// https://arxiv.org/abs/2407.05982.
    case heads

    /// Whether the network is cut.
    public var needsCut: Bool { self == .salt || self == .saltUncached || self == .heads }
  }

  /// What is done.
  public let work: Work
  /// Images at a time.
  public let batchSize: Int

  private let step: () throws -> Double

  /// Prepares work, with random parameters and images that follow from a seed.
  ///
  /// - Parameters:
  ///   - work: what is done.
  ///   - network: from images to logits.
  ///   - cut: where SALT's adapter sits; only SALT's work needs it.
  ///   - batchSize: images at a time.
  /// - Throws: ``BenchmarkError``, or `NetworkError` if the cut is not valid.
  public init(
    _ work: Work, of network: Network, cut: String? = nil, batchSize: Int, seed: UInt64 = 1
  ) throws {
    let answers = try ClassAnswers(of: network).network
    guard answers.inputs.count == 1, answers.outputShape.rank == 1 else {
      throw BenchmarkError.notAClassifier(network.name)
    }
    self.work = work
    self.batchSize = batchSize
    let network = try answers.with(outputs: [answers.outputs[0]])
    var random = RandomSource(seed: seed, purpose: "benchmark")
    let images: Tensor<Float> = random.normal(network.inputs[0].shape.prepending(batchSize))
    let classes = network.outputShape[0]
    let labels = (0..<batchSize).map { Int32($0 % classes) }
    switch work {
    case .forward:
      let head = Head(network)
      step = { Double(head(images).withUnsafeBufferPointer { $0.first ?? 0 }) }
    case .train:
      let loop = try StepLoop(network, .sgd(momentum: 0.9, nesterov: false), learningRate: 1e-3)
      step = {
        loop.step { pass in
          let loss = Variable.apply(CrossEntropy(labels: labels), [pass(images)[0]])
          loss.backward()
          return Double(loss.value.item)
        }
      }
    case .heads:
      guard let cut else { throw BenchmarkError.cutNeeded(work.rawValue) }
      let head = Head(try network.cut(at: cut).head)
      let tasks = [8, 4]
      let loop = try StepLoop(
        try Benchmark.taskHeads(latent: head.latentShape, classes: tasks, seed: seed),
        .adamW(betas: .init(), epsilon: 1e-8), learningRate: 1e-4)
      let cached = head(images)
      let taskLabels = tasks.map { count in labels.map { $0 % Int32(count) } }
      step = {
        loop.step { pass in
          let losses = zip(pass(cached), taskLabels).map { logits, labels in
            Variable.apply(CrossEntropy(labels: labels), [logits])
          }
          let loss = losses.dropFirst().reduce(losses[0]) { $0 + $1 }
          loss.backward()
          return Double(loss.value.item)
        }
      }
    case .salt, .saltUncached:
      guard let cut else { throw BenchmarkError.cutNeeded(work.rawValue) }
      let (headPart, tailPart) = try network.cut(at: cut)
      let head = Head(headPart)
      let tail = LocalTail(tailPart)
      let adapter = try SALTAdapter.network(
        shape: headPart.outputShape, isResidual: true, lastKernel: 3, zeroInitialization: true,
        seed: seed)
      let loop = try StepLoop(
        adapter, .adam(betas: .init(), epsilon: 1e-8), learningRate: 1e-3)
      let cached = work == .salt ? head(images) : nil
      step = {
        try loop.step { pass in
          let sent = pass(cached ?? head(images))[0]
          let answer = try tail.backward(sent.value, labels: labels)
          sent.backward(from: answer.latent)
          return Double(answer.loss)
        }
      }
    }
  }

  /// A perceptron for each task, all of which read the flattened latent.
  private static func taskHeads(
    latent: Shape, classes: [Int], seed: UInt64
  ) throws -> Network {
    var builder = NetworkBuilder(input: "latent", shape: latent)
    let features = builder.add("flatten", FlattenLayer(), after: "latent")
    let outputs = classes.enumerated().map { task, classes in
      var value = builder.add(
        "task\(task).0", LinearLayer(latent.elementCount, 256), after: features)
      value = builder.add("task\(task).1", DropoutLayer(rate: 0.1), after: value)
      value = builder.add("task\(task).2", ActivationLayer(.relu), after: value)
      return builder.add("task\(task).3", LinearLayer(256, classes), after: value)
    }
    var network = try builder.network(name: "task heads", outputs: outputs)
    network.initializeParameters(seed: seed)
    return network
  }

  /// Does the work once; the loss, or a logit.
  ///
  /// - Throws: what keeps the tail from answering.
  public func run() throws -> Double { try step() }

  /// Does the work until its time is known.
  ///
  /// - Parameters:
  ///   - warmUp: times that are not counted.
  ///   - repetitions: times that are.
  ///   - progress: called with the times done.
  public func measure(
    warmUp: Int, repetitions: Int, progress: (Int) -> Void = { _ in }
  ) throws -> [Double] {
    let clock = ContinuousClock()
    var seconds: [Double] = []
    for time in 0..<warmUp + repetitions {
      let start = clock.now
      _ = try step()
      let elapsed = (clock.now - start) / .seconds(1)
      if time >= warmUp { seconds.append(elapsed) }
      progress(time + 1)
    }
    return seconds
  }
}

/// Parameters and the steps that move them.
private final class StepLoop {
  private var parameters: TrainedParameters
  private let learningRate: Double

  init(
    _ network: Network, _ rule: OptimizerConfiguration.Rule, learningRate: Double
  ) throws(NetworkError) {
    parameters = try TrainedParameters(
      network, freezing: .none(network), optimizer: OptimizerConfiguration(rule))
    self.learningRate = learningRate
  }

  func step(_ body: (TrainingPass) throws -> Double) rethrows -> Double {
    var gradients: [Tensor<Float>?] = []
    var statistics: [(parameter: Int, value: Tensor<Float>)] = []
    let loss: Double
    do {
      // The pass holds the parameters; it has to be gone before they are updated in place.
      let pass = parameters.pass(epoch: 0, seed: 1)
      loss = try body(pass)
      gradients = pass.gradients
      statistics = pass.statistics
    }
    parameters.update(gradients, statistics, learningRate: learningRate)
    return loss
  }
}

/// Work that cannot be timed.
public enum BenchmarkError: Error, Equatable, CustomStringConvertible {
  /// The network does not take one image and give logits.
  case notAClassifier(String)
  /// SALT's work needs a cut.
  case cutNeeded(String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .notAClassifier(let name):
      "\(name) cannot be timed: expected one image as input and logits as output"
    case .cutNeeded(let work): "\(work) needs a cut; name one with --at, such as --at layer2"
    }
  }
}
