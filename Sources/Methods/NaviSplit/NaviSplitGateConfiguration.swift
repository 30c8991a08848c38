public import Configurations
package import DroneWorlds
public import Training

/// The `navisplit_gate` section of a recipe.
public struct NaviSplitGateConfiguration: Hashable, Codable, Sendable {
  /// How the gate learns.
  public enum Training: String, Codable, CaseIterable, Sendable {
    /// By TD3, from what flights are worth.
    case td3
    /// From the branch that would have been best for the next frame.
    case supervised
    /// By the expected error and bytes of the next frame under its probabilities.
    case soft
  }

  /// How a gate's number, −1 to 1, becomes a branch.
  public enum Mapping: String, Codable, CaseIterable, Sendable {
    /// `clamp(int(C·a), 0, C−1)`, as published: over half of the numbers give the cheapest branch.
    case clamped
    /// As many numbers for each branch.
    case unbiased

    /// The place of a branch among so many.
    public func branch(_ number: Float, of count: Int) -> Int {
      let share = self == .clamped ? number : (number + 1) / 2
      return min(count - 1, max(0, Int(Float(count) * share)))
    }
  }

  /// What a branch costs the gate.
  public enum Price: String, Codable, CaseIterable, Sendable {
    /// Its place among the branches.
    case index
    /// Its bytes, the largest branch's as much as its place.
    case bytes
  }

  /// A run of `navisplit` with branches: its best checkpoint.
  public var branches: String
  /// A run of `navigator`: its best checkpoint.
  public var navigator: String
  /// How the gate learns.
  public var training: Training
  /// How its number becomes a branch, with TD3.
  public var mapping: Mapping
  /// What a branch costs.
  public var price: Price
  /// What a unit of the price counts beside a flight's reward, w, or beside the error of the depth's
  /// cells, λ.
  public var weight: Double
  /// The same of the oracle that gates are measured beside, which weighs errors of the cells.
  public var oracleWeight: Double
  /// The widths of the gate's hidden layers.
  public var hidden: [Int]
  /// The steps of learning of an epoch.
  public var stepsPerEpoch: Int
  /// How the gate learns by TD3.
  public var td3: TD3Configuration
  /// The frames that supervised and soft gates learn from.
  public var frames: Int
  /// What flights are like.
  public var flight: FlightRules
  /// The factor by which the link's rate varies up and down from frame to frame.
  public var rateVariation: Double
  /// How latents are quantised.
  public var quantizer: NaviSplitConfiguration.Quantizer
  /// The episodes on which an epoch is judged.
  public var validationEpisodes: Int
  /// The episodes that are measured in the end.
  public var testEpisodes: Int

  /// Creates a section with its defaults.
  public init(branches: String, navigator: String) {
    self.branches = branches
    self.navigator = navigator
    training = .soft
    mapping = .clamped
    price = .bytes
    weight = 0.1
    oracleWeight = 0.004
    hidden = [32, 32]
    stepsPerEpoch = 500
    td3 = TD3Configuration()
    frames = 4_000
    flight = FlightRules()
    rateVariation = 4
    quantizer = .correct
    validationEpisodes = 50
    testEpisodes = 200
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case branches, navigator, training, mapping, price, weight, hidden, td3, frames, flight
    case quantizer
    case oracleWeight = "oracle_weight"
    case stepsPerEpoch = "steps_per_epoch"
    case rateVariation = "rate_variation"
    case validationEpisodes = "validation_episodes"
    case testEpisodes = "test_episodes"
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      branches: try container.decode(String.self, forKey: .branches),
      navigator: try container.decode(String.self, forKey: .navigator))
    func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(.training, &training)
    try read(.mapping, &mapping)
    try read(.price, &price)
    try read(.weight, &weight)
    try read(.oracleWeight, &oracleWeight)
    try read(.hidden, &hidden)
    try read(.stepsPerEpoch, &stepsPerEpoch)
    try read(.td3, &td3)
    try read(.frames, &frames)
    try read(.flight, &flight)
    try read(.rateVariation, &rateVariation)
    try read(.quantizer, &quantizer)
    try read(.validationEpisodes, &validationEpisodes)
    try read(.testEpisodes, &testEpisodes)
  }
}

extension NaviSplitGateConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    for (key, value) in [("weight", weight), ("oracle_weight", oracleWeight)]
    where !(value >= 0 && value.isFinite) {
      report.add("expected a number from 0, found \(value)", at: key)
    }
    if hidden.contains(where: { !(1...4096).contains($0) }) {
      report.add("expected widths of 1 to 4096, found \(hidden)", at: "hidden")
    }
    for (key, value) in [
      ("steps_per_epoch", stepsPerEpoch), ("frames", frames),
      ("validation_episodes", validationEpisodes), ("test_episodes", testEpisodes),
    ] where value < 1 { report.add("expected 1 or more, found \(value)", at: key) }
    if !(rateVariation >= 1 && rateVariation.isFinite) {
      report.add("expected a number from 1, found \(rateVariation)", at: "rate_variation")
    }
  }
}

extension NaviSplitGateConfiguration {
  /// The worth of a step for the gate: the flight's reward less the price of the frame that comes, if one
  /// comes; after the last step of a flight nothing is sent.
  package func worth(of reward: Double, ending: EpisodeEnding?, price: Double) -> Double {
    reward - (ending == nil ? price : 0)
  }

  /// What a frame of each branch costs, where a unit of the price counts `weight`.
  func prices(_ runner: BranchRunner, weight: Double) -> [Double] {
    let last = Double(max(1, runner.parts.count - 1))
    let most = Double(runner.parts.last?.bytes ?? 1)
    return runner.parts.enumerated().map { index, part in
      switch price {
      case .index: weight * Double(index)
      case .bytes: weight * last * Double(part.bytes) / most
      }
    }
  }
}

extension NaviSplitGate {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: NaviSplitGateConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    [UnusedKey(["train", "batch_size"], "that of a gate is \(name).td3.batch_size")]
  }
}
