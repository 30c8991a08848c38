import ArchitectureSearch
import Foundation
import Tensors
import Testing

@Suite struct ASNGTests {
  static let cases: [(counts: [Int], settings: ASNG.Settings)] = [
    ([2, 2, 2], ASNG.Settings()),
    ([2, 3, 5, 2], ASNG.Settings()),
    ([9, 9, 9, 9, 9, 9, 22], ASNG.Settings()),
    ([4, 2, 3], ASNG.Settings(alpha: 1.2, initialStepLength: 0.3, sampleCount: 6)),
    ([3, 4, 2, 2, 7], ASNG.Settings(alpha: 2, initialStepLength: 4, sampleCount: 5)),
    ([2], ASNG.Settings()),
    ([6], ASNG.Settings(sampleCount: 4)),
    ([2, 2], ASNG.Settings()),
  ]

  /// Some steps are pure noise, some have ties, and some agree for long.
  @Test(arguments: cases)
  func theUpdateIsThatOfThePage(counts: [Int], settings: ASNG.Settings) throws {
    var random = RandomSource(seed: 3, purpose: "asng", index: counts.count)
    var asng = ASNG(space: try space(counts), settings: settings)
    var plain = PlainASNG(
      counts: counts, alpha: settings.alpha, initial: settings.initialStepLength)
    for step in 0..<400 {
      let choices = asng.ask(using: &random)
      #expect(choices.count == settings.sampleCount)
      let ranks = choices.map { choice in
        step % 100 < 50
          ? Double(random.index(below: 3)) : Double(choice.options.reduce(0, +))
      }
      // The reference decides what to do from the same state, so that errors do not add up.
      plain.theta = asng.distribution.probabilities
      plain.s = asng.path
      plain.delta = asng.adaptation
      plain.gamma = asng.pathWeight
      asng.tell(choices, ranks: ranks)
      plain.tell(choices.map(\.options), ranks: ranks)
      for (row, expected) in zip(asng.distribution.probabilities, plain.theta) {
        for (value, other) in zip(row, expected) { #expect(abs(value - other) < 1e-12) }
      }
      for (value, other) in zip(asng.path, plain.s) {
        #expect(abs(value - other) < 1e-10 * max(1, abs(other)))
      }
      #expect(abs(asng.adaptation - plain.delta) < 1e-10 * plain.delta)
      #expect(abs(asng.pathWeight - plain.gamma) < 1e-12)
    }
    #expect(asng.step == 400)
  }

  /// The same without taking the state over: 60 steps of a run of its own stay together.
  @Test func aWholeRunIsThatOfThePage() throws {
    let counts = [3, 2, 4, 5]
    var random = RandomSource(seed: 12)
    var asng = ASNG(space: try space(counts))
    var plain = PlainASNG(counts: counts, alpha: 1.5, initial: 1)
    for _ in 0..<60 {
      let choices = asng.ask(using: &random)
      let ranks = choices.map { Double($0.options.reduce(0, +)) + random.uniform() }
      asng.tell(choices, ranks: ranks)
      plain.tell(choices.map(\.options), ranks: ranks)
    }
    for (row, expected) in zip(asng.distribution.probabilities, plain.theta) {
      for (value, other) in zip(row, expected) { #expect(abs(value - other) < 1e-9) }
    }
    #expect(abs(asng.adaptation / plain.delta - 1) < 1e-9)
  }

  /// Three dimensions of two options, θ = ½, the first two of which differ between best and worst.
  ///
  /// There g = ±½ and h = ½/√½ + √½·½/(½ + √½) = ½√2 + (1 − ½√2) = 1 for the first two
  /// dimensions and 0 for the third, so ‖h‖ = √2. With δ₀ = 0.1: θ = ½ ± 0.1·½/√2, inside the
  /// bound 1/3. β = 0.1/√3, s = √(β(2−β))·(1/√2, 1/√2, 0), so ‖s‖² = γ = β(2−β), and
  /// Δ = exp(β·γ·(1 − 1/1.5)) = exp(βγ/3).
  @Test func aStepAgreesWithItsCalculationByHand() throws {
    var asng = ASNG(
      space: try space([2, 2, 2]), settings: ASNG.Settings(initialStepLength: 0.1))
    asng.tell([[1, 1, 0], [0, 0, 0]], ranks: [2, 1])
    let moved = 0.05 / 2.0.squareRoot()
    for dimension in 0..<2 {
      #expect(abs(asng.distribution.probabilities[dimension][0] - (0.5 + moved)) < 1e-15)
      #expect(abs(asng.distribution.probabilities[dimension][1] - (0.5 - moved)) < 1e-15)
    }
    #expect(asng.distribution.probabilities[2] == [0.5, 0.5])
    let beta = 0.1 / 3.0.squareRoot()
    let gamma = beta * (2 - beta)
    #expect(abs(asng.pathWeight - gamma) < 1e-15)
    #expect(abs(asng.path[0] - (gamma / 2).squareRoot()) < 1e-15)
    #expect(abs(asng.path[1] - (gamma / 2).squareRoot()) < 1e-15)
    #expect(asng.path[2] == 0)
    #expect(abs(asng.adaptation - exp(beta * gamma / 3)) < 1e-15)
    #expect(abs(asng.stepLength - 0.1 / asng.adaptation) < 1e-15)
  }

  /// With δ₀ = 1 the same step ends at the bound 1/(3·1): θ = (⅔, ⅓), by hand
  /// Δ = exp(β(2−β)·β/3) with β = 1/√3, which is 1.17125.
  @Test func aStepEndsAtTheBound() throws {
    var asng = ASNG(space: try space([2, 2, 2]))
    asng.tell([[0, 0, 0], [1, 1, 0]], ranks: [1, 2])
    #expect(abs(asng.distribution.probabilities[0][0] - 2.0 / 3) < 1e-15)
    #expect(asng.distribution.probabilities[0][1] == 1.0 / 3)
    #expect(abs(asng.adaptation - 1.17125) < 1e-5)
  }

  @Test(arguments: [
    [2], [2, 2], [7], [2, 3, 9, 4], [9, 9, 9, 9, 9, 9, 9, 9], [2, 2, 2, 2, 2, 2],
  ])
  func thetaStaysADistributionAboveItsBound(counts: [Int]) throws {
    for (index, length) in [0.1, 1, 30].enumerated() {
      var random = RandomSource(seed: 5, purpose: "bound", index: counts.count * 10 + index)
      let settings = ASNG.Settings(
        initialStepLength: length, sampleCount: 2 + random.index(below: 6))
      var asng = ASNG(space: try space(counts), settings: settings)
      var sound = true
      for step in 0..<4000 {
        let choices = asng.ask(using: &random)
        // Long agreement and then noise, the way the adaptation goes astray if it can.
        let agrees = step / 200 % 2 == 0
        asng.tell(
          choices,
          ranks: choices.map { agrees ? Double($0.options.reduce(0, +)) : random.uniform() })
        for (dimension, row) in asng.distribution.probabilities.enumerated() {
          let bound = ASNG.leastProbability(of: dimension, in: asng.space)
          sound = sound && abs(row.reduce(0, +) - 1) < 1e-14 && row.allSatisfy { $0 >= bound }
        }
        sound =
          sound && asng.adaptation.isFinite && asng.adaptation > 0
          && asng.path.allSatisfy(\.isFinite) && (0...1 + 1e-12).contains(asng.pathWeight)
      }
      #expect(sound)
    }
  }

  @Test func theBoundIsThatOfThePageWhereThatLeavesRoom() throws {
    // 1/(d(C − 1)) with d = 4.
    let four = try space([2, 3, 9, 2])
    let bounds = (0..<4).map { ASNG.leastProbability(of: $0, in: four) }
    #expect(bounds == [0.25, 0.125, 0.03125, 0.25])
    // With d = 2 it would be 1/2 for C = 2, the uniform distribution for ever.
    let two = try space([2, 3])
    #expect(ASNG.leastProbability(of: 0, in: two) == 1.0 / 3)
    #expect(ASNG.leastProbability(of: 1, in: two) == 0.25)
    // With d = 1 it would be more than the uniform distribution.
    #expect(try ASNG.leastProbability(of: 0, in: space([5])) == 1.0 / 12)
  }

  @Test func utilitiesThatSayNothingChangeNothing() throws {
    var asng = ASNG(space: try space([3, 2, 4]), settings: ASNG.Settings(sampleCount: 5))
    asng.tell(
      [[0, 1, 2], [1, 0, 2], [2, 1, 0], [0, 0, 3], [1, 1, 1]], ranks: [1, 2, 3, 4, 5])
    let before = asng
    // All tie.
    asng.tell(
      [[0, 1, 2], [1, 0, 2], [2, 1, 0], [0, 0, 3], [1, 1, 1]], ranks: [3, 3, 3, 3, 3])
    // All are the same point, whose different ranks are noise; the gradient is rounding error.
    asng.tell(Array(repeating: [1, 1, 1], count: 5), ranks: [1, 2, 3, 4.5, 4.5])
    #expect(asng.distribution == before.distribution)
    #expect(asng.adaptation == before.adaptation)
    #expect(asng.path == before.path)
    #expect(asng.pathWeight == before.pathWeight)
    #expect(asng.step == 3)
  }

  @Test func infeasibleSamplesAreRankedByViolation() throws {
    var asng = ASNG(space: try space([4, 4, 4, 4]))
    // All infeasible, the one with the worse objective violates less.
    asng.tell([
      Candidate(choice: [0, 0, 0, 0], objective: 9, violation: 0.5),
      Candidate(choice: [1, 1, 1, 1], objective: 1, violation: 0.2),
    ])
    for row in asng.distribution.probabilities {
      #expect(row[1] > 0.25)
      #expect(row[0] < 0.25)
    }
  }

  @Test func aStateGoesOnBitForBit() throws {
    var random = RandomSource(seed: 8)
    var asng = ASNG(space: try space([3, 2, 5]), settings: ASNG.Settings(sampleCount: 3))
    var copy = asng
    for _ in 0..<300 {
      let choices = asng.ask(using: &random)
      let ranks = choices.map { _ in random.uniform() }
      asng.tell(choices, ranks: ranks)
      copy.tell(choices, ranks: ranks)
      copy = try coded(copy)
    }
    #expect(copy == asng)
  }

  @Test(arguments: [
    ("\"adaptation\":1", "\"adaptation\":0"), ("\"path_weight\":0", "\"path_weight\":2"),
    ("\"path\":[0,0]", "\"path\":[0]"), ("[0.5,0.5]", "[1,0]"), ("[0.5,0.5]", "[0.5,0.6]"),
    ("\"sample_count\":2", "\"sample_count\":1"), ("\"alpha\":1.5", "\"alpha\":0"),
    ("\"step\":0", "\"step\":-1"),
  ])
  func aStateThatCannotBeIsRefused(part: String, replacement: String) throws {
    let text = String(
      decoding: try JSONEncoder().encode(ASNG(space: space([2, 2]))), as: UTF8.self)
    let damaged = text.replacingOccurrences(of: part, with: replacement)
    #expect(damaged != text)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ASNG.self, from: Data(damaged.utf8))
    }
  }
}
