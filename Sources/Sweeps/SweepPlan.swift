public import Recipes
internal import Training

/// The runs of a sweep, checked before the first begins.
public struct SweepPlan: Sendable {
  /// A setting that is run with every seed.
  public struct Setting: Hashable, Sendable {
    /// The beginning of its runs' folders; empty if there is only one setting.
    public let name: String
    /// What tables call it.
    public let label: String
    /// The part of its label that says the values of the grid; empty without.
    let gridLabel: String
    /// The name of its variant; nil without variants.
    public let variant: String?
    /// The values of the grid, as text, by key path.
    public let values: [String: String]
    /// What it changes, as arguments of `--set`.
    public let overrides: [String]

    /// Values of the grid as tables say them, by the last parts of their keys.
    static func gridLabel(_ values: [(path: String, text: String)]) -> String {
      values.map { "\($0.path.split(separator: ".").last ?? "") \($0.text)" }
        .joined(separator: ", ")
    }

    /// The label of a variant with values of the grid.
    static func label(_ variant: String, _ gridLabel: String) -> String {
      [variant, gridLabel].filter { !$0.isEmpty }.joined(separator: ", ")
    }
  }

  /// One run.
  public struct Run: Sendable {
    /// The index of its setting.
    public let setting: Int
    /// Its seed.
    public let seed: UInt64
    /// Its folder.
    public let folder: String
    /// What the recipe is changed by, as arguments of `--set`.
    public let overrides: [String]
    /// The recipe with these.
    let document: RecipeDocument
  }

  /// How far a run is.
  public enum State: Hashable, Sendable {
    /// There is nothing.
    case new
    /// It was begun, and goes on where it was.
    case begun
    /// A process is at work in its folder.
    case busy
    /// It has its report.
    case done
  }

  /// What is swept.
  public let configuration: SweepConfiguration
  /// The folder of all runs.
  public let folder: String
  /// The settings, variants outermost.
  public let settings: [Setting]
  /// The runs, seeds outermost, so that a sweep that is stopped has whole rows.
  public let runs: [Run]

  /// Plans a sweep; nothing is written.
  ///
  /// - Parameters:
  ///   - overrides: what all runs change beside what the sweep says, as arguments of `--set`.
  ///   - folder: where the runs' folders are made.
  ///   - isRunnable: whether runs must be able to begin. Tables of what is there need neither data nor checkpoints.
  /// - Throws: ``SweepError/unusable(setting:problems:)`` for a recipe that is wrong with a setting,
  ///   `RecipeProblems` if it is without.
  public init(
    _ configuration: SweepConfiguration, overrides: [String] = [], folder: String,
    isRunnable: Bool = true
  ) throws {
    self.configuration = configuration
    self.folder = folder
    settings = SweepPlan.settings(of: configuration)
    // What is wrong with the recipe as it stands is not a setting's fault.
    _ = try RecipeDocument(contentsOf: configuration.recipe)
    var runs: [Run] = []
    for seed in configuration.seeds {
      for (index, setting) in settings.enumerated() {
        let seeds = configuration.seeds(of: setting.variant)
        guard seeds.contains(seed) else { continue }
        let changes = setting.overrides + overrides + ["seed=\(seed)"]
        do throws(RecipeProblems) {
          let document = try RecipeDocument(
            contentsOf: configuration.recipe, overrides: changes)
          if isRunnable, seed == seeds.first { _ = try Recipe(document) }
          let stem = setting.name.isEmpty ? "" : "\(setting.name)-"
          runs.append(
            Run(
              setting: index, seed: seed, folder: "\(folder)/\(stem)seed-\(seed)",
              overrides: changes, document: document))
        } catch {
          throw settings.count == 1
            ? error : SweepError.unusable(setting: setting.label, problems: error)
        }
      }
    }
    self.runs = runs
  }

  // MARK: - Settings

  private static func settings(of configuration: SweepConfiguration) -> [Setting] {
    let variants = configuration.variants.map(Optional.some)
    var settings: [Setting] = []
    for variant in variants.isEmpty ? [nil] : variants {
      for values in combinations(of: configuration.grid.entries[...]) {
        let texts = values.map { (path: $0.path, text: $0.name) }
        let names =
          [variant?.name]
          + texts.map { FolderName.of("\($0.path.split(separator: ".").last ?? "")=\($0.text)") }
        let gridLabel = Setting.gridLabel(texts.map { ($0.path, $0.text) })
        settings.append(
          Setting(
            name: names.compactMap(\.self).joined(separator: ","),
            label: Setting.label(variant.map { $0.label ?? $0.name } ?? "", gridLabel),
            gridLabel: gridLabel,
            variant: variant?.name,
            values: Dictionary(texts.map { ($0.path, $0.text) }) { first, _ in first },
            overrides: configuration.settings.overrides
              + (variant?.settings.overrides ?? [])
              + values.map { "\($0.path)=\($0.value.json)" }))
      }
    }
    return toldApart(settings)
  }

  /// All values of all keys with each other, the last key's the fastest.
  private static func combinations(
    of entries: ArraySlice<RecipeValues.Entry>
  ) -> [[(path: String, name: String, value: RecipeValue)]] {
    guard let first = entries.first else { return [[]] }
    let rest = combinations(of: entries.dropFirst())
    return (first.value.elements ?? []).enumerated().flatMap { index, value in
      let name = first.value.names?[index] ?? words(value)
      return rest.map { [(first.path, name, value)] + $0 }
    }
  }

  /// A value as people would say it: a list by its elements.
  private static func words(_ value: RecipeValue) -> String {
    value.text
      ?? (value.names == nil ? value.elements?.map(words).joined(separator: "+") : nil)
      ?? value.json
  }

  /// Numbers the settings whose names would be the same folder.
  private static func toldApart(_ settings: [Setting]) -> [Setting] {
    let counts = Dictionary(grouping: settings, by: \.name).mapValues(\.count)
    return settings.enumerated().map { index, setting in
      let isOnly = counts[setting.name] == 1
      return Setting(
        name: isOnly ? setting.name : "\(setting.name),\(index + 1)",
        label: setting.label.isEmpty ? "recipe" : setting.label, gridLabel: setting.gridLabel,
        variant: setting.variant,
        values: setting.values, overrides: setting.overrides)
    }
  }

  // MARK: - What is there

  /// How far a run is.
  ///
  /// - Throws: ``SweepError/otherRecipe(folder:differences:)`` if its folder holds a run of another
  ///   recipe, `RecipeProblems` if that cannot be read.
  public func state(of run: Run) throws -> State {
    let directory = RunDirectory(run.folder)
    let beginning = RunDirectory(
      configuration.action == .search ? "\(run.folder)/search" : run.folder)
    guard beginning.hasRecipe else {
      return Experiment.isBusy(run.folder) ? .busy : .new
    }
    let there = try RecipeDocument(contentsOf: beginning.recipePath)
    let differences = run.document.differences(from: there, ignoring: ["output"])
    guard differences.isEmpty else {
      throw SweepError.otherRecipe(
        folder: run.folder, differences: differences.map(\.description))
    }
    if directory.hasReport { return .done }
    let parts =
      configuration.action == .search ? ["", "/search", "/network"] : [""]
    return parts.contains { Experiment.isBusy(run.folder + $0) } ? .busy : .begun
  }
}

/// What keeps a sweep from running.
public enum SweepError: Error, CustomStringConvertible {
  /// The recipe is wrong with what a setting changes.
  case unusable(setting: String, problems: RecipeProblems)
  /// A folder holds a run of another recipe.
  case otherRecipe(folder: String, differences: [String])
  /// Two runs of a setting were measured on different data.
  case otherData(folder: String, data: String, other: String, otherData: String)

  /// What is wrong, and what can be done.
  public var description: String {
    switch self {
    case .unusable(let setting, let problems): "with '\(setting)':\n\(problems)"
    case .otherRecipe(let folder, let differences):
      "\(folder) holds a run of another recipe (\(differences.prefix(3).joined(separator: "; "))"
        + "\(differences.count > 3 ? "; …" : "")): remove it, or sweep into another folder"
    case .otherData(let folder, let data, let other, let otherData):
      "\(folder) was measured on other data (\(data)) than \(other) (\(otherData)), so that they have no mean: "
        + "remove one of them, or sweep into another folder"
    }
  }
}
