import Foundation
import Recipes
import Testing
import Training

@Suite struct ConfigurationTests {
  /// What is wrong with a node under the key `node`, without the name of the file.
  func problems<Node: Decodable>(_ type: Node.Type, _ entries: String) throws -> [String] {
    let document = try RecipeDocument(
      name: "r", text: "node: {\(entries)}\n", overrides: [])
    let decoder = StrictDecoder(document)
    _ = decoder.section("node", as: type)
    do {
      try decoder.finish()
      return []
    } catch {
      return error.problems.map { String($0.description.dropFirst("r:".count)) }
    }
  }

  @Test(arguments: [
    ("name: sgd", []),
    ("name: sgd, learning_rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 5e-4", []),
    ("name: adamw, betas: [0.9, 0.99], epsilon: 1e-6, decay_biases: true", []),
    ("momentum: 0.9, betas: [0.9, 0.99]", ["1:1: 'node' lacks the key 'name'"]),
    (
      "name: adma, momentum: 0.9, momentun: 0.9",
      [
        "1:14: 'node.name' expects 'sgd', 'adam' or 'adamw', found 'adma' (did you mean 'adam'?)",
        "1:35: unknown key 'momentun' in 'node' (did you mean 'momentum'?); known keys: "
          + "name, learning_rate, momentum, nesterov, betas, epsilon, weight_decay, decay_biases",
      ]
    ),
    (
      "name: adam, momentum: 0.9",
      [
        "1:20: unknown key 'momentum' in 'node'; known keys: name, learning_rate, betas, "
          + "epsilon, weight_decay, decay_biases"
      ]
    ),
    (
      "name: sgd, learning_rate: 0, momentum: 1, weight_decay: -1",
      [
        "1:34: 'node.learning_rate': expected a number above 0, found 0.0",
        "1:47: 'node.momentum': expected a number from 0 to below 1, found 1.0",
        "1:64: 'node.weight_decay': expected a number of at least 0, found -1.0",
      ]
    ),
    (
      "name: sgd, nesterov: true",
      ["1:29: 'node.nesterov': expected a 'momentum' above 0 next to it"]
    ),
    (
      "name: adam, betas: [0.9], epsilon: 0",
      [
        "1:27: 'node.betas': expected two numbers, found 1",
        "1:43: 'node.epsilon': expected a number above 0, found 0.0",
      ]
    ),
    (
      "name: adamw, betas: [0.9, 1.5]",
      ["1:28: 'node.betas': expected a number from 0 to below 1, found 1.5"]
    ),
  ])
  func optimizersAreChecked(entries: String, expected: [String]) throws {
    #expect(try problems(OptimizerConfiguration.self, entries) == expected)
  }

  @Test(arguments: [
    ("name: constant", []),
    ("name: plateau, mode: max, cooldown: 1, warmup_epochs: 2", []),
    ("name: step", ["1:1: 'node' lacks the key 'step_size'"]),
    (
      "name: step, step_size: 0, gamma: 0",
      [
        "1:31: 'node.step_size': expected at least 1, found 0",
        "1:41: 'node.gamma': expected a number above 0, found 0.0",
      ]
    ),
    (
      "name: multi_step, milestones: [3, 3]",
      ["1:38: 'node.milestones': expected rising epochs of at least 1, found [3, 3]"]
    ),
    (
      "name: cosine, minimum: -1, warmup_epochs: -2, warmup_start: 0",
      [
        "1:31: 'node.minimum': expected a number of at least 0, found -1.0",
        "1:50: 'node.warmup_epochs': expected a number of at least 0, found -2.0",
        "1:68: 'node.warmup_start': expected a number above 0 and at most 1, found 0.0",
      ]
    ),
    (
      "name: polynomial, power: 0, warmup_steps: 1, warmup_epochs: 1",
      ["1:50: 'node.warmup_steps': give either 'warmup_epochs' or 'warmup_steps', not both"]
    ),
    (
      "name: plateau, mode: up, factor: 1, patience: -1, threshold: -1, cooldown: -1, minimum: -1",
      [
        "1:29: 'node.mode' expects 'min' or 'max', found 'up'",
        "1:41: 'node.factor': expected a number between 0 and 1, found 1.0",
        "1:54: 'node.patience': expected at least 0, found -1",
        "1:69: 'node.threshold': expected a number of at least 0, found -1.0",
        "1:83: 'node.cooldown': expected at least 0, found -1",
        "1:96: 'node.minimum': expected a number of at least 0, found -1.0",
      ]
    ),
  ])
  func schedulesAreChecked(entries: String, expected: [String]) throws {
    #expect(try problems(LearningRateSchedule.self, entries) == expected)
  }

  @Test(arguments: [
    ("patience: 3, min_delta: 0.1, mode: min", []),
    ("min_delta: 0.1", ["1:1: 'node' lacks the key 'patience'"]),
    (
      "patience: 0, min_delta: -1",
      [
        "1:18: 'node.patience': expected at least 1, found 0",
        "1:32: 'node.min_delta': expected a number of at least 0, found -1.0",
      ]
    ),
  ])
  func earlyStoppingIsChecked(entries: String, expected: [String]) throws {
    #expect(try problems(EarlyStopping.self, entries) == expected)
  }

  @Test(arguments: [
    ("sgd", OptimizerConfiguration(.sgd(momentum: 0, nesterov: false), learningRate: 0.1)),
    ("adam", .init(.adam(betas: .init(0.9, 0.999), epsilon: 1e-8), learningRate: 1e-3)),
    (
      "adamw",
      .init(
        .adamW(betas: .init(0.9, 0.999), epsilon: 1e-8), learningRate: 1e-3, weightDecay: 0.01)
    ),
  ])
  func absentKeysHaveTheDefaultsOfTheRule(name: String, expected: OptimizerConfiguration) throws {
    let data = Data(#"{"name": "\#(name)"}"#.utf8)
    let decoded = try JSONDecoder().decode(OptimizerConfiguration.self, from: data)
    #expect(decoded == expected)
    let again = try JSONEncoder().encode(decoded)
    #expect(try JSONDecoder().decode(OptimizerConfiguration.self, from: again) == expected)
  }
}
