/// Where a checkpoint's parameters come from.
public struct Provenance: Hashable, Codable, Sendable {
  /// The text of the recipe that was run, resolved.
  public var recipe: String?
  /// The seed of the run.
  public var seed: UInt64?
  /// The version of the toolkit that wrote the file.
  public var toolkitVersion: String?
  /// The data set the parameters were trained on.
  public var dataset: String?
  /// What was measured, by name, such as `accuracy` as a fraction.
  public var figures: [String: Double]
  /// The files the run started from.
  public var parents: [String]
  /// Digests of these files, in their order; nil in files of before they were kept.
  public var parentDigests: [String]?
  /// Differences that a resumed run was allowed to go on with.
  public var changes: [String]?

  /// Creates a description.
  public init(
    recipe: String? = nil, seed: UInt64? = nil, toolkitVersion: String? = nil,
    dataset: String? = nil, figures: [String: Double] = [:], parents: [String] = [],
    parentDigests: [String]? = nil
  ) {
    self.recipe = recipe
    self.seed = seed
    self.toolkitVersion = toolkitVersion
    self.dataset = dataset
    self.figures = figures
    self.parents = parents
    self.parentDigests = parentDigests
  }

  private enum CodingKeys: String, CodingKey {
    case recipe
    case seed
    case toolkitVersion = "toolkit_version"
    case dataset
    case figures
    case parents
    case parentDigests = "parent_digests"
    case changes
  }
}
