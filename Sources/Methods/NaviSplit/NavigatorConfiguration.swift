public import Configurations
public import Training

/// The `navigator` section of a recipe.
public struct NavigatorConfiguration: Hashable, Codable, Sendable {
  /// The widths of the hidden layers of actor and critics.
  public var hidden: [Int]
  /// The steps of learning of an epoch.
  public var stepsPerEpoch: Int
  /// How the agents learn.
  public var td3: TD3Configuration
  /// What flights are like.
  public var flight: FlightRules
  /// The share of flights that has to reach its goal before goals move farther away.
  public var promotion: Double
  /// The episodes on which an epoch is judged.
  public var validationEpisodes: Int
  /// The episodes of each distance that are measured in the end.
  public var testEpisodes: Int

  /// Creates a section with its defaults.
  public init() {
    hidden = [64, 32, 32]
    stepsPerEpoch = 2_000
    td3 = TD3Configuration()
    flight = FlightRules()
    promotion = 0.8
    validationEpisodes = 100
    testEpisodes = 200
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case hidden, td3, flight, promotion
    case stepsPerEpoch = "steps_per_epoch"
    case validationEpisodes = "validation_episodes"
    case testEpisodes = "test_episodes"
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(.hidden, &hidden)
    try read(.stepsPerEpoch, &stepsPerEpoch)
    try read(.td3, &td3)
    try read(.flight, &flight)
    try read(.promotion, &promotion)
    try read(.validationEpisodes, &validationEpisodes)
    try read(.testEpisodes, &testEpisodes)
  }
}

extension NavigatorConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    if hidden.contains(where: { !(1...4096).contains($0) }) {
      report.add("expected widths of 1 to 4096, found \(hidden)", at: "hidden")
    }
    for (key, value) in [
      ("steps_per_epoch", stepsPerEpoch), ("validation_episodes", validationEpisodes),
      ("test_episodes", testEpisodes),
    ] where value < 1 { report.add("expected 1 or more, found \(value)", at: key) }
    if !(promotion > 0 && promotion <= 1) {
      report.add("expected a number above 0 up to 1, found \(promotion)", at: "promotion")
    }
  }
}

extension Navigator {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: NavigatorConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    [UnusedKey(["train", "batch_size"], "that of an agent is \(name).td3.batch_size")]
  }
}
