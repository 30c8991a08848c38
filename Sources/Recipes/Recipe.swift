internal import Methods
internal import Networks
public import Splitting
public import Training

/// A recipe that has been read and checked: what to run, on what, and how.
public struct Recipe {
  /// The recipe as it was written, with overrides.
  public let document: RecipeDocument
  /// The name of the method.
  public let methodName: String
  /// The seed of the run.
  public let seed: UInt64
  /// The data set.
  public let data: DataConfiguration
  /// The network or its parts.
  public let network: NetworkConfiguration
  /// How it is trained.
  public let training: TrainingConfiguration
  /// The link between device and server, and the device's powers.
  public let link: LinkSection
  /// Where the run is written.
  public let output: OutputSection
  /// The systems that are set against each other, if the recipe is a benchmark.
  public let benchmark: BenchmarkConfiguration?

  private let configuration: any Decodable

  /// The seed of a recipe without one.
  static let standardSeed: UInt64 = 0

  /// Reads and checks a recipe.
  ///
  /// - Throws: `RecipeProblems` with everything that is wrong, each at its position.
  public init(_ document: RecipeDocument) throws(RecipeProblems) {
    let types = Dictionary(
      uniqueKeysWithValues: MethodRegistry.methods.map { ($0.name, configurationType(of: $0)) })
    let decoder = StrictDecoder(document)
    let chosen = decoder.chosenSection(by: "method", from: types)
    let seed = decoder.sectionIfPresent("seed", as: UInt64.self)
    let data = decoder.section("data", as: DataConfiguration.self)
    let network = decoder.section("network", as: NetworkConfiguration.self)
    let training = decoder.sectionOrDefault("train", as: TrainingConfiguration.self)
    let link = decoder.sectionOrDefault("link", as: LinkSection.self)
    let output = decoder.sectionOrDefault("output", as: OutputSection.self)
    let benchmark = decoder.sectionIfPresent("benchmark", as: BenchmarkConfiguration.self)
    try decoder.finish()
    guard let chosen, let data, let network, let training, let link, let output else {
      // Whatever is missing has been reported by `finish`.
      throw RecipeProblems([])
    }
    self.document = document
    methodName = chosen.name
    configuration = chosen.value
    self.seed = seed ?? Recipe.standardSeed
    self.data = data
    self.network = network
    self.benchmark = benchmark
    self.training = training
    self.link = link
    self.output = output
    try checkUnusedKeys()
    try checkStages()
    try checkMonitor()
    try checkNoise()
  }

  /// Reports keys that have no effect, given the others.
  private func checkUnusedKeys() throws(RecipeProblems) {
    guard let method = MethodRegistry.methods.first(where: { $0.name == methodName }) else {
      return
    }
    let sections = RecipeSections(network: network, training: training, data: data)
    var unused = sections.unusedKeys + unusedKeys(method, in: sections)
    if !method.trains, let keys = document.root["train"]?.keys {
      unused += keys.map { UnusedKey(["train", $0], "\(methodName) trains nothing") }
    }
    var found: Set<[String]> = []
    let problems = unused.filter {
      document.root.has($0.keys[...]) && found.insert($0.keys).inserted
    }
    .map { problem("has no effect here: \($0.reason)", at: $0.keys) }
    if !problems.isEmpty { throw RecipeProblems(problems) }
  }

  private func unusedKeys<Chosen: Method>(
    _ type: Chosen.Type, in sections: RecipeSections
  ) -> [UnusedKey] {
    (configuration as? Chosen.Configuration).map { Chosen.unusedKeys($0, in: sections) } ?? []
  }

  /// Reports noise that the method would not meet.
  private func checkNoise() throws(RecipeProblems) {
    guard let method = MethodRegistry.methods.first(where: { $0.name == methodName }),
      !method.meetsNoise
    else { return }
    let able = MethodRegistry.methods.filter { $0.meetsNoise }.map { $0.name }
    let found = [("noise", link.link.noise), ("loss", link.link.loss)].filter { $0.1 > 0 }
    guard !found.isEmpty else { return }
    throw RecipeProblems(
      found.map { key, _ in
        problem(
          "\(methodName) neither trains nor measures with it: leave it out; "
            + "\(able.joined(separator: ", ")) does", at: ["link", key])
      })
  }

  /// Reports a figure to choose by that the method does not measure.
  private func checkMonitor() throws(RecipeProblems) {
    guard let method = MethodRegistry.methods.first(where: { $0.name == methodName }),
      method.trains
    else { return }
    for index in 0..<training.stageCount {
      let name = training.stage(index).monitor
      guard !method.monitors.contains(name) else { continue }
      throw RecipeProblems([
        problem(
          "\(methodName) is judged by \(method.monitors.joined(separator: " or ")), "
            + "not by '\(name)'", at: ["train", "monitor"])
      ])
    }
  }

  /// Reports a number of stages that is not the method's.
  private func checkStages() throws(RecipeProblems) {
    let names = MethodRegistry.methods.first { $0.name == methodName }?.stages ?? []
    guard names.count != training.stageCount else { return }
    let expected =
      names.count == 1
      ? "\(methodName) trains in one stage: expected no stages"
      : "\(methodName) trains in \(names.count) stages (\(names.joined(separator: ", "))): "
        + "expected an entry for each"
    let found = training.stages.map { "found \($0.count)" } ?? "found none"
    throw RecipeProblems([problem("\(expected), \(found)", at: ["train", "stages"])])
  }

  /// Where the run is written unless said otherwise: `runs/` and the recipe file's name.
  public var defaultDirectory: String {
    if let directory = output.directory { return directory }
    let file = document.name.split(separator: "/").last ?? "run"
    let stem = file.split(separator: ".").first ?? file
    return "runs/\(stem)"
  }

  /// Prepares the recipe's method.
  ///
  /// - Throws: what keeps its parts from being read or from fitting together.
  func method(_ setting: MethodSetting) throws -> any Method {
    for type in MethodRegistry.methods where type.name == methodName {
      return try make(type, setting)
    }
    // The decoder has accepted no other name.
    throw RecipeProblems([])
  }

  /// Whether the recipe's method moves parameters.
  public var trains: Bool {
    MethodRegistry.methods.first { $0.name == methodName }?.trains ?? true
  }

  /// Prepares the recipe's method, and reports what only the data and the network show to be wrong
  /// with the recipe where it is written.
  ///
  /// - Throws: `RecipeProblems`, or what keeps data and network from being read.
  func checkedMethod(_ setting: MethodSetting) throws -> any Method {
    _ = try setting.data.test()
    var problems: [RecipeProblem] = []
    do { _ = try setting.data.userClasses() } catch {
      problems.append(problem("\(error)", at: ["data", "classes"]))
    }
    do {
      let method = try method(setting)
      if network.cut != nil { _ = try method.parts(method.network) }
      if problems.isEmpty { return method }
    } catch {
      guard let keys = keys(blamedFor: error) else {
        if problems.isEmpty { throw error }
        throw RecipeProblems(problems)
      }
      problems.append(problem("\(error)", at: keys))
    }
    throw RecipeProblems(problems)
  }

  /// Runs a body and reports what it shows to be wrong with the recipe where it is written.
  ///
  /// - Throws: `RecipeProblems`, or what else the body throws.
  func blaming<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      guard let keys = keys(blamedFor: error) else { throw error }
      throw RecipeProblems([problem("\(error)", at: keys)])
    }
  }

  private func problem(_ message: String, at keys: [String]) -> RecipeProblem {
    let path = RecipeKeyPath(keys: keys)
    return RecipeProblem(
      "\(path.name): \(message)", at: document.root.nearestLocation(of: path), path: path)
  }

  /// The keys that lead to what an error says is wrong; nil if it is not in the recipe.
  private func keys(blamedFor error: any Error) -> [String]? {
    switch error {
    // A name that is not the cut's is one that the method's node has.
    case NetworkError.unknownNode(let name, _) where network.cut != name: [methodName]
    case NetworkError.invalidCut, NetworkError.unknownNode: ["network", "cut"]
    case SetupError.cutNeeded: ["network"]
    case SetupError.classes:
      network.classes != nil ? ["network", "classes"] : ["network"]
    case SetupError.classNames:
      network.classNames != nil ? ["network", "class_names"] : ["network"]
    case OutputError.unknownOutput: ["network", "outputs", "measured"]
    case is OutputError: ["network", "outputs"]
    case SetupError.tailIsServed, SetupError.noConnector: ["network", "tail"]
    case SetupError.imageShape, SetupError.notAClassifier, SetupError.characters: ["network"]
    default: nil
    }
  }

  private func make<Chosen: Method>(
    _ type: Chosen.Type, _ setting: MethodSetting
  ) throws -> any Method {
    guard let configuration = configuration as? Chosen.Configuration else {
      throw RecipeProblems([])
    }
    return try Chosen(configuration, setting)
  }
}

private func configurationType<Chosen: Method>(of type: Chosen.Type) -> any Decodable.Type {
  Chosen.Configuration.self
}

/// The `link` section of a recipe: the link, and the powers of the device that waits on it.
public struct LinkSection: Hashable, Codable, Sendable {
  /// The link between device and server.
  public let link: Link
  /// The powers of the device.
  public let energy: EnergyModel

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case energy
  }

  /// Reads the section; the keys of the link stand beside `energy`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    energy = try container.decodeIfPresent(EnergyModel.self, forKey: .energy) ?? EnergyModel()
    link = try Link(from: decoder)
  }

  /// Writes the section.
  public func encode(to encoder: any Encoder) throws {
    try link.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(energy, forKey: .energy)
  }
}

/// The `output` section of a recipe.
public struct OutputSection: Hashable, Codable, Sendable {
  /// The folder of the run; `runs/` and the recipe file's name unless given.
  public let directory: String?

  package enum CodingKeys: String, CodingKey, CaseIterable { case directory }
}
