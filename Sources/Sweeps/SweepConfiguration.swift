public import Configurations
public import Recipes

/// A sweep: a recipe that is run with many settings and seeds, and what is measured of the runs.
public struct SweepConfiguration: Hashable, Sendable {
  /// What is done with each recipe.
  public enum Action: String, CaseIterable, Codable, Sendable {
    /// `cleave train`.
    case train
    /// `cleave search`.
    case search
  }

  /// A named change of the recipe.
  public struct Variant: Hashable, Sendable {
    /// The name, part of its runs' folders.
    public var name: String
    /// What tables call it; the name unless given.
    public var label: String?
    /// What it changes.
    public var settings: RecipeValues
    /// Which of the sweep's seeds it is run with; all of them unless given.
    public var seeds: [UInt64]?

    /// Creates a variant.
    public init(
      name: String, label: String? = nil, settings: RecipeValues = RecipeValues(),
      seeds: [UInt64]? = nil
    ) {
      self.name = name
      self.label = label
      self.settings = settings
      self.seeds = seeds
    }
  }

  /// A row of the tables that no run is made for: what the runs of a variant report of something else,
  /// such as the network without what was trained.
  public struct Control: Hashable, Sendable {
    /// What tables call it.
    public var label: String
    /// The variant whose runs report it; nil without variants.
    public var variant: String?
    /// The beginning of the measures' paths that is replaced.
    public var place: String
    /// What it is replaced by.
    public var replacement: String
  }

  /// A picture of the result.
  public struct Picture: Hashable, Sendable {
    /// The name of a measure, or a key path of the grid.
    public var horizontal: String
    /// The name of a measure.
    public var vertical: String
    /// Whether equal steps to the right are equal ratios.
    public var isLogarithmic: Bool
  }

  /// The file of the recipe.
  public var recipe: String
  /// What is done with it.
  public var action: Action
  /// The seeds; every setting is run with each, unless its variant says which.
  public var seeds: [UInt64]
  /// What all runs change.
  public var settings: RecipeValues
  /// The changes that are set against each other.
  public var variants: [Variant]
  /// Key paths and the values they take, all with all, in every variant: lists, or mappings from
  /// names to values.
  public var grid: RecipeValues
  /// The rows beside the variants'.
  public var controls: [Control]
  /// The variant that others are compared with.
  public var baseline: String?
  /// What is read from the runs' reports.
  public var measures: [SweepMeasure]
  /// The key of the grid whose values stand beside each other in tables; nil for a row each.
  public var across: String?
  /// What is drawn.
  public var pictures: [Picture]
  /// The folder of the runs; nil for `runs/` and the file's name.
  public var output: String?

  /// Reads a sweep.
  ///
  /// - Throws: `RecipeProblems` with everything that is wrong, each at its position.
  public init(_ document: RecipeDocument) throws(RecipeProblems) {
    self = try StrictDecoder.decode(SweepConfiguration.self, from: document)
  }
}

extension SweepConfiguration: Decodable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case recipe
    case action = "command"
    case seeds
    case settings = "set"
    case variants, grid, controls, baseline, measures
    case across
    case pictures = "plots"
    case output
  }

  /// Reads the sweep.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    recipe = try container.decode(String.self, forKey: .recipe)
    action = try container.decodeIfPresent(Action.self, forKey: .action) ?? .train
    seeds = try container.decodeIfPresent([UInt64].self, forKey: .seeds) ?? [1]
    settings =
      try container.decodeIfPresent(RecipeValues.self, forKey: .settings) ?? RecipeValues()
    variants = try container.decodeIfPresent([Variant].self, forKey: .variants) ?? []
    grid = try container.decodeIfPresent(RecipeValues.self, forKey: .grid) ?? RecipeValues()
    controls = try container.decodeIfPresent([Control].self, forKey: .controls) ?? []
    baseline = try container.decodeIfPresent(String.self, forKey: .baseline)
    measures = try container.decode([SweepMeasure].self, forKey: .measures)
    across = try container.decodeIfPresent(String.self, forKey: .across)
    pictures = try container.decodeIfPresent([Picture].self, forKey: .pictures) ?? []
    output = try container.decodeIfPresent(String.self, forKey: .output)
  }
}

extension SweepConfiguration.Variant: Decodable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case name, label, seeds
    case settings = "set"
  }

  /// Reads the variant.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    label = try container.decodeIfPresent(String.self, forKey: .label)
    settings =
      try container.decodeIfPresent(RecipeValues.self, forKey: .settings) ?? RecipeValues()
    seeds = try container.decodeIfPresent([UInt64].self, forKey: .seeds)
  }
}

extension SweepConfiguration.Control: Decodable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case label, variant
    case place = "for"
    case replacement = "read"
  }

  /// Reads the control.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    label = try container.decode(String.self, forKey: .label)
    variant = try container.decodeIfPresent(String.self, forKey: .variant)
    place = try container.decode(String.self, forKey: .place)
    replacement = try container.decode(String.self, forKey: .replacement)
  }
}

extension SweepConfiguration.Picture: Decodable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case horizontal = "x"
    case vertical = "y"
    case isLogarithmic = "logarithmic"
  }

  /// Reads the picture.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    horizontal = try container.decode(String.self, forKey: .horizontal)
    vertical = try container.decode(String.self, forKey: .vertical)
    isLogarithmic = try container.decodeIfPresent(Bool.self, forKey: .isLogarithmic) ?? false
  }
}

// MARK: - Checks

extension SweepConfiguration: Validatable {
  /// The most runs of one sweep.
  static let mostRuns = 10_000

  /// How many settings there are: variants times the values of the grid.
  var settingCount: Int {
    grid.entries.reduce(max(1, variants.count)) { count, entry in
      let (product, overflows) = count.multipliedReportingOverflow(
        by: max(1, entry.value.elements?.count ?? 1))
      return overflows ? .max : product
    }
  }

  /// The seeds of a variant, or of settings without one.
  func seeds(of variant: String?) -> [UInt64] {
    variants.first { $0.name == variant }?.seeds ?? seeds
  }

  /// Reports what is empty, repeated or unknown.
  public func validate(_ report: inout ValidationReport) {
    if seeds.isEmpty { report.add("expected at least one", at: "seeds") }
    if Set(seeds).count < seeds.count { report.add("a seed stands there twice", at: "seeds") }
    if settingCount > SweepConfiguration.mostRuns / max(1, seeds.count) {
      report.add("more than \(SweepConfiguration.mostRuns) runs", at: "grid")
    }
    let keys = grid.entries.map(\.path)
    if let across, !keys.contains(across) {
      report.add(
        keys.isEmpty
          ? "there is no grid"
          : "expected a key of the grid, \(keys.map { "'\($0)'" }.joined(separator: ", ")), "
            + "found '\(across)'",
        at: "across", dependingOn: ["grid"])
    }
    for entry in grid.entries {
      guard let elements = entry.value.elements, !elements.isEmpty else {
        report.add("expected a list of values, or values with names", at: "grid", entry.path)
        continue
      }
      if Set(elements.map(\.json)).count < elements.count {
        report.add("a value stands there twice", at: "grid", entry.path)
      }
    }
    validateVariants(&report)
    validateMeasures(&report)
    validateControls(&report)
    for (key, values) in [("set", settings), ("grid", grid)] where values.sets("seed") {
      report.add("the seeds of a sweep stand under 'seeds'", at: key, "seed")
    }
  }

  private func validateVariants(_ report: inout ValidationReport) {
    var names: Set<String> = []
    for (index, variant) in variants.enumerated() {
      if variant.name.isEmpty || variant.name != FolderName.of(variant.name) {
        report.add(
          "expected letters, digits and - _ . +, as folders are named after it, found "
            + "'\(variant.name)'",
          at: "variants", "\(index)", "name")
      } else if !names.insert(variant.name).inserted {
        report.add(
          "there is another variant '\(variant.name)'", at: "variants", "\(index)", "name")
      }
      if let own = variant.seeds {
        for (place, seed) in own.enumerated() where !seeds.contains(seed) {
          report.add(
            "expected some of the sweep's seeds, \(seeds.map(String.init).joined(separator: ", ")), "
              + "found \(seed)",
            at: "variants", "\(index)", "seeds", "\(place)", dependingOn: ["seeds"])
        }
        if own.isEmpty {
          report.add("expected at least one", at: "variants", "\(index)", "seeds")
        } else if Set(own).count < own.count {
          report.add("a seed stands there twice", at: "variants", "\(index)", "seeds")
        }
      }
      if variant.settings.sets("seed") {
        report.add(
          "the seeds of a sweep stand under 'seeds'", at: "variants", "\(index)", "set", "seed")
      }
    }
    guard let baseline, !names.contains(baseline) else { return }
    report.add(
      names.isEmpty
        ? "there are no variants to compare with it"
        : "\(expectedVariants), found '\(baseline)'",
      at: "baseline", dependingOn: ["variants"])
  }

  private var expectedVariants: String {
    "expected one of the variants, \(variants.map { "'\($0.name)'" }.joined(separator: ", "))"
  }

  private func validateControls(_ report: inout ValidationReport) {
    let names = variants.map(\.name)
    var labels: Set<String> = []
    for (index, control) in controls.enumerated() {
      if !labels.insert(control.label).inserted {
        report.add(
          "there is another control '\(control.label)'", at: "controls", "\(index)", "label")
      }
      let found = control.variant.map { "found '\($0)'" } ?? "found none"
      if names.isEmpty ? control.variant != nil : !names.contains(control.variant ?? "") {
        report.add(
          names.isEmpty
            ? "there are no variants, \(found)"
            : "\(expectedVariants), \(found)",
          at: "controls", "\(index)", "variant", dependingOn: ["variants"])
      }
      let read = measures.compactMap { $0.reading(control.replacement, for: control.place) }
      if read.isEmpty {
        report.add(
          "expected the path of a measure or its beginning, found '\(control.place)'",
          at: "controls", "\(index)", "for", dependingOn: ["measures"])
      } else if read.contains(where: { !$0.isPath }) {
        report.add(
          "'\(control.replacement)' is no path of keys", at: "controls", "\(index)", "read")
      }
    }
  }

  private func validateMeasures(_ report: inout ValidationReport) {
    if measures.isEmpty { report.add("expected at least one", at: "measures") }
    var names: Set<String> = []
    for (index, measure) in measures.enumerated() where !names.insert(measure.name).inserted {
      report.add(
        "there is another measure '\(measure.name)': give one of them another name",
        at: "measures", "\(index)")
    }
    let places = names.union(grid.entries.map(\.path))
    for (index, picture) in pictures.enumerated() {
      for (key, name, known) in [
        ("x", picture.horizontal, places), ("y", picture.vertical, names),
      ] where !known.contains(name) {
        report.add(
          "expected the name of a measure\(key == "x" ? " or a key of the grid" : ""), "
            + "\(known.sorted().map { "'\($0)'" }.joined(separator: ", ")), found '\(name)'",
          at: "plots", "\(index)", key, dependingOn: ["measures", "grid"])
      }
    }
  }
}

extension RecipeValues {
  /// Whether a path is among the keys.
  fileprivate func sets(_ path: String) -> Bool { entries.contains { $0.path == path } }
}
