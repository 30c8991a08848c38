import Tensors
import Testing
import Training

@Suite struct OptimizerTests {
  let reference: ReferenceValues

  init() throws { reference = try ReferenceValues.loaded.get() }

  /// A weight and a bias on their way through the reference's gradients.
  struct Journey {
    var weight: Tensor<Float>
    var bias: Tensor<Float>
    var optimizer: Optimizer

    init(_ reference: ReferenceValues, _ configuration: OptimizerConfiguration) {
      weight = vector(reference.weight)
      bias = vector(reference.bias)
      optimizer = Optimizer(
        configuration,
        for: [
          Optimizer.Parameter(weight.shape, isWeight: true),
          Optimizer.Parameter(bias.shape, isWeight: false),
        ])
    }

    mutating func step(_ step: Int, _ reference: ReferenceValues) {
      let rate = optimizer.configuration.learningRate * reference.factors[step]
      optimizer.beginStep()
      optimizer.update(
        0, parameter: &weight, gradient: vector(reference.weightGradients[step]),
        learningRate: rate)
      if let gradient = reference.biasGradients[step] {
        optimizer.update(1, parameter: &bias, gradient: vector(gradient), learningRate: rate)
      }
    }
  }

  @Test func everyVariantFollowsPyTorchStepByStep() {
    #expect(reference.optimizers.count == 9)
    for example in reference.optimizers {
      var journey = Journey(reference, example.node)
      for step in reference.factors.indices {
        journey.step(step, reference)
        // Values are around 1; the order of operations is PyTorch's, its fused products are not.
        #expect(
          largestDifference(journey.weight.scalars, example.weights[step]) < 1e-6,
          "\(example.node), weight, step \(step)")
        #expect(
          largestDifference(journey.bias.scalars, example.biases[step]) < 1e-6,
          "\(example.node), bias, step \(step)")
      }
      #expect(journey.optimizer.stepCount == reference.factors.count)
    }
  }

  @Test func aRestoredOptimizerContinuesBitForBit() throws {
    for example in reference.optimizers {
      var journey = Journey(reference, example.node)
      for step in 0..<3 { journey.step(step, reference) }
      var resumed = Journey(reference, example.node)
      resumed.weight = journey.weight
      resumed.bias = journey.bias
      try resumed.optimizer.restore(
        journey.optimizer.state, stepCount: journey.optimizer.stepCount)
      for step in 3..<reference.factors.count {
        journey.step(step, reference)
        resumed.step(step, reference)
        #expect(resumed.weight == journey.weight, "\(example.node), step \(step)")
        #expect(resumed.bias == journey.bias, "\(example.node), step \(step)")
      }
      #expect(resumed.optimizer.state == journey.optimizer.state)
      #expect(resumed.optimizer.stepCount == journey.optimizer.stepCount)
    }
  }

  @Test func aStateTakenEarlierDoesNotMove() {
    var journey = Journey(reference, OptimizerConfiguration(.adam(betas: .init(), epsilon: 1e-8)))
    journey.step(0, reference)
    let state = journey.optimizer.state
    let moment = state["first_moment/0"]?.scalars
    journey.step(1, reference)
    #expect(moment != nil)
    #expect(state["first_moment/0"]?.scalars == moment)
    #expect(journey.optimizer.state["first_moment/0"]?.scalars != moment)
  }

  @Test(arguments: [
    (OptimizerConfiguration.Rule.sgd(momentum: 0, nesterov: false), ["update_counts"]),
    (.sgd(momentum: 0.9, nesterov: false), ["momentum/0", "momentum/1", "update_counts"]),
    (
      .adamW(betas: .init(), epsilon: 1e-8),
      [
        "first_moment/0", "first_moment/1", "second_moment/0", "second_moment/1", "update_counts",
      ]
    ),
  ])
  func theStateIsNamedByWhatItIs(rule: OptimizerConfiguration.Rule, names: [String]) {
    let journey = Journey(reference, OptimizerConfiguration(rule))
    #expect(journey.optimizer.state.keys.sorted() == names)
  }

  @Test func aStateThatDoesNotFitIsRefusedAndChangesNothing() {
    var journey = Journey(
      reference, OptimizerConfiguration(.sgd(momentum: 0.9, nesterov: false)))
    journey.step(0, reference)
    let good = journey.optimizer.state
    var missing = good
    missing["momentum/1"] = nil
    var more = good
    more["second_moment/0"] = Tensor(0)
    var shape = good
    shape["momentum/0"] = Tensor([18], repeating: 0)
    var fraction = good
    fraction["update_counts"] = Tensor([2], [1, 0.5])
    let cases: [([String: Tensor<Float>], Int, OptimizerStateError, String)] = [
      (missing, 1, .missing("momentum/1"), "the optimizer state lacks 'momentum/1'"),
      (
        more, 1, .unexpected("second_moment/0"),
        "the optimizer state holds 'second_moment/0', which this optimizer does not have"
      ),
      (
        shape, 1, .shape("momentum/0", expected: [19], found: [18]),
        "the optimizer state 'momentum/0' has shape 18, expected 19"
      ),
      (
        fraction, 1, .updateCount(0.5),
        "the optimizer state 'update_counts' holds 0.5, expected whole numbers of 0 or more"
      ),
      (good, -1, .count(-1), "the optimizer state has a step count of -1, expected 0 or more"),
    ]
    for (state, count, expected, message) in cases {
      do {
        try journey.optimizer.restore(state, stepCount: count)
        Issue.record("accepted: \(message)")
      } catch {
        #expect(error == expected)
      }
      #expect(expected.description == message)
      #expect(journey.optimizer.state == good)
    }
  }

  /// Large enough for several threads and a remainder.
  @Test(arguments: [
    OptimizerConfiguration.Rule.sgd(momentum: 0.9, nesterov: true),
    .sgd(momentum: 0, nesterov: false), .adamW(betas: .init(), epsilon: 1e-8),
  ])
  func theNumberOfThreadsChangesNothing(rule: OptimizerConfiguration.Rule) {
    let shape: Shape = [200_003]
    func result(threads: Int) -> Tensor<Float> {
      var random = RandomSource(seed: 5)
      var parameter: Tensor<Float> = random.normal(shape, standardDeviation: 1)
      var optimizer = Optimizer(
        OptimizerConfiguration(rule, weightDecay: 0.1),
        for: [Optimizer.Parameter(shape, isWeight: true)])
      ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        for _ in 0..<3 {
          optimizer.beginStep()
          optimizer.update(
            0, parameter: &parameter, gradient: random.normal(shape, standardDeviation: 1),
            learningRate: 0.1)
        }
      }
      return parameter
    }
    #expect(result(threads: 1) == result(threads: 3))
  }

  @Test(arguments: [
    OptimizerConfiguration.Rule.sgd(momentum: 0.9, nesterov: true),
    .sgd(momentum: 0, nesterov: false), .adam(betas: .init(), epsilon: 1e-8),
  ])
  func updatesMoveParametersInPlace(rule: OptimizerConfiguration.Rule) {
    let shape: Shape = [1000]
    var parameters = [Tensor<Float>(shape, repeating: 1)]
    let gradient = Tensor<Float>(shape, repeating: 0.5)
    var optimizer = Optimizer(
      OptimizerConfiguration(rule), for: [Optimizer.Parameter(shape, isWeight: true)])
    let address = parameters[0].withUnsafeBufferPointer { $0.baseAddress }
    for _ in 0..<3 {
      optimizer.beginStep()
      optimizer.update(0, parameter: &parameters[0], gradient: gradient, learningRate: 0.1)
    }
    #expect(parameters[0].withUnsafeBufferPointer { $0.baseAddress } == address)
    #expect(parameters[0].scalars.allSatisfy { $0 < 1 })
  }
}
