import Foundation
import Testing
import Training

@Suite struct ScheduleTests {
  let reference: ReferenceValues

  init() throws { reference = try ReferenceValues.loaded.get() }

  @Test(arguments: [1, 7])
  func everyScheduleEqualsPyTorchAtTheBeginningOfEpochs(stepsPerEpoch: Int) {
    #expect(reference.schedules.count == 10)
    for example in reference.schedules {
      let extent = LearningRateSchedule.Extent(
        stepsPerEpoch: stepsPerEpoch, epochs: reference.epochs)
      for (epoch, expected) in example.rates.enumerated() {
        let rate = example.node.learningRate(
          base: reference.base, step: epoch * stepsPerEpoch, extent: extent)
        #expect(
          abs(rate - expected) <= 1e-12 * expected, "\(example.node), epoch \(epoch)")
      }
    }
  }

  @Test func plateausEqualPyTorchEpochByEpoch() throws {
    #expect(reference.plateaus.count == 7)
    let extent = LearningRateSchedule.Extent(stepsPerEpoch: 1, epochs: 100)
    for example in reference.plateaus {
      var state = PlateauDecay.State()
      for (epoch, metric) in reference.metrics.enumerated() {
        // Through a checkpoint and back after every epoch.
        state = try JSONDecoder().decode(
          PlateauDecay.State.self, from: JSONEncoder().encode(state))
        example.node.observe(
          metric, base: reference.base, naturalMode: .minimum, state: &state)
        let rate = example.node.learningRate(
          base: reference.base, step: epoch, extent: extent, plateau: state)
        #expect(
          abs(rate - example.rates[epoch]) <= 1e-12 * rate, "\(example.node), epoch \(epoch)")
      }
    }
  }

  /// With a mode the natural one does not count; a NaN is an epoch without improvement.
  @Test(arguments: [
    (ImprovementMode?.none, ImprovementMode.maximum, [0.1, 0.2, 0.3], false),
    (nil, .minimum, [0.1, 0.2, 0.3], true),
    (.maximum, .minimum, [0.1, 0.2, 0.3], false),
    (nil, .maximum, [0.1, 0.2, .nan], true),
    // Not even the first value is the best if it is infinite: 0.3 is better.
    (nil, .minimum, [-.infinity, 0.3], false),
  ])
  func plateausKnowWhichDirectionIsBetter(
    mode: ImprovementMode?, natural: ImprovementMode, metrics: [Double], lowers: Bool
  ) {
    let decay = PlateauDecay(mode: mode, patience: 0)
    var state = PlateauDecay.State()
    var lowered = false
    for metric in metrics {
      lowered = decay.observe(metric, base: 1, naturalMode: natural, state: &state)
    }
    #expect(lowered == lowers)
  }

  /// Two epochs of ten steps.
  ///
  /// From 1 to 0 in 20 steps: after 5 of them the polynomial has
  /// (15/20)² left, the cosine (1 + cos(π/4))/2.
  @Test(arguments: [
    (LearningRateSchedule(.cosine(minimum: 0)), 5, (1 + 0.5.squareRoot()) / 2),
    (LearningRateSchedule(.cosine(minimum: 0)), 20, 0),
    (LearningRateSchedule(.cosine(minimum: 0.25)), 30, 0.25),
    (LearningRateSchedule(.polynomial(power: 2)), 5, 0.5625),
    (LearningRateSchedule(.step(stepSize: 1, gamma: 0.5)), 9, 1),
    (LearningRateSchedule(.step(stepSize: 1, gamma: 0.5)), 10, 0.5),
    // Warm-up by steps: 0.2 + 0.8 · 3/4 in step 3, and from step 4 on the rate itself.
    (LearningRateSchedule(.constant, warmUp: .steps(4), warmUpStart: 0.2), 0, 0.2),
    (LearningRateSchedule(.constant, warmUp: .steps(4), warmUpStart: 0.2), 3, 0.8),
    (LearningRateSchedule(.constant, warmUp: .steps(4), warmUpStart: 0.2), 4, 1),
    // Half an epoch is five steps.
    (LearningRateSchedule(.constant, warmUp: .epochs(0.5), warmUpStart: 0.5), 2, 0.7),
    // The decay takes the 16 steps after warm-up: 4 of them leave 12/16.
    (LearningRateSchedule(.polynomial(power: 1), warmUp: .steps(4)), 8, 0.75),
    // A warm-up as long as training leaves nothing to decay.
    (LearningRateSchedule(.cosine(minimum: 0), warmUp: .steps(20), warmUpStart: 0.5), 10, 0.75),
    (LearningRateSchedule(.cosine(minimum: 0), warmUp: .steps(20), warmUpStart: 0.5), 20, 1),
  ])
  func ratesChangeWithinEpochs(schedule: LearningRateSchedule, step: Int, expected: Double) {
    let rate = schedule.learningRate(
      base: 1, step: step, extent: .init(stepsPerEpoch: 10, epochs: 2))
    #expect(abs(rate - expected) < 1e-15)
  }

  @Test func schedulesSurviveCoding() throws {
    for example in reference.schedules + reference.plateaus {
      let data = try JSONEncoder().encode(example.node)
      #expect(try JSONDecoder().decode(LearningRateSchedule.self, from: data) == example.node)
    }
  }
}
