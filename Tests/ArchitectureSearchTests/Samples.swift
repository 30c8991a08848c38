import ArchitectureSearch
import Foundation
import Tensors

/// A space of dimensions with these numbers of options.
func space(_ counts: [Int]) throws -> ChoiceSpace {
  try ChoiceSpace(
    counts.enumerated().map { dimension, count in
      ChoiceDimension("layer_\(dimension)", options: (0..<count).map { "option \($0)" })
    })
}

/// A distribution with random probabilities, no two options alike.
func randomDistribution(
  _ space: ChoiceSpace, using random: inout RandomSource
) throws -> CategoricalDistribution {
  try CategoricalDistribution(
    space: space,
    probabilities: space.optionCounts.map { count in
      let weights = (0..<count).map { _ in 0.02 + random.uniform() }
      return weights.map { $0 / weights.reduce(0, +) }
    })
}

/// A value written to JSON and read again.
func coded<Value: Codable>(_ value: Value) throws -> Value {
  try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
}

/// All points of a space.
func points(_ space: ChoiceSpace) -> [Choice] {
  (0..<(space.count ?? 0)).map { space.point(at: $0) }
}

/// A made-up objective and cost: a value per option, a value per pair of options of dimensions that
/// follow each other, and a cost per option with a limit on the sum.
struct Landscape {
  let space: ChoiceSpace
  let values: [[Double]]
  let pairs: [[[Double]]]
  let costs: [[Double]]
  let limit: Double

  /// A random landscape; a coupling of 0 makes it separable.
  init(counts: [Int], coupling: Double, seed: UInt64) throws {
    var random = RandomSource(seed: seed, purpose: "landscape")
    space = try ArchitectureSearchTests.space(counts)
    values = counts.map { count in (0..<count).map { _ in random.uniform() } }
    pairs = zip(counts, counts.dropFirst()).map { first, second in
      (0..<first).map { _ in (0..<second).map { _ in coupling * (random.uniform() - 0.5) } }
    }
    // The better an option, the dearer, so that the constraint binds.
    costs = values.map { row in row.map { 0.2 + 0.8 * $0 + 0.4 * random.uniform() } }
    let cheapest = costs.reduce(0) { $0 + ($1.min() ?? 0) }
    let dearest = costs.reduce(0) { $0 + ($1.max() ?? 0) }
    limit = cheapest + 0.55 * (dearest - cheapest)
  }

  /// The same without a constraint.
  var unconstrained: Landscape {
    Landscape(space: space, values: values, pairs: pairs, costs: costs, limit: .infinity)
  }

  private init(
    space: ChoiceSpace, values: [[Double]], pairs: [[[Double]]], costs: [[Double]], limit: Double
  ) {
    self.space = space
    self.values = values
    self.pairs = pairs
    self.costs = costs
    self.limit = limit
  }

  func objective(_ choice: Choice) -> Double {
    var sum = 0.0
    for dimension in values.indices { sum += values[dimension][choice[dimension]] }
    for dimension in pairs.indices {
      sum += pairs[dimension][choice[dimension]][choice[dimension + 1]]
    }
    return sum
  }

  func violation(_ choice: Choice) -> Double {
    var cost = 0.0
    for dimension in costs.indices { cost += costs[dimension][choice[dimension]] }
    return Candidate.violation(of: cost, limit: limit)
  }

  func candidate(_ choice: Choice) -> Candidate {
    Candidate(choice: choice, objective: objective(choice), violation: violation(choice))
  }

  /// A number no feasible point's objective is above; the optimum itself without a constraint.
  ///
  /// The least value of a Lagrangian on a grid of prices: for a price p ≥ 0 every feasible point has
  /// objective ≤ objective − p·(cost − limit), whose maximum over all points the chain of pairs
  /// allows to find dimension by dimension.
  var upperBound: Double {
    if limit == .infinity { return best(price: 0) }
    return (0...100).map { Double($0) * 0.03 }.map { best(price: $0) + $0 * limit }.min()
      ?? .infinity
  }

  /// The maximum of objective − price·cost.
  private func best(price: Double) -> Double {
    var reached = zip(values[0], costs[0]).map { $0 - price * $1 }
    for dimension in 1..<values.count {
      reached = values[dimension].indices.map { option in
        let before = reached.indices.map { reached[$0] + pairs[dimension - 1][$0][option] }
        return (before.max() ?? 0) + values[dimension][option] - price * costs[dimension][option]
      }
    }
    return reached.max() ?? 0
  }
}
