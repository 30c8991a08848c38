public import Configurations
public import Splitting
public import Tasks
public import Training

/// The `mtl_split` section of a recipe.
public struct MTLSplitConfiguration: Hashable, Codable, Sendable {
  /// Whether the backbone is trained with the tasks.
  public enum Backbone: String, Codable, CaseIterable, Sendable {
    /// With them: the paper's way.
    case joint
    /// It stays as it is, so that what crosses the cut is computed once: a variant for backbones
    /// that others use too, or that are closed.
    case frozen
  }

  /// The tasks.
  public var tasks: [TaskConfiguration]
  /// The names of the tasks that are trained, the others left out; all unless given.
  ///
  /// One name makes the single-task baseline of the same recipe.
  public var only: [String]?
  /// Whether the backbone is trained.
  public var backbone: Backbone
  /// How the losses of the tasks become one.
  public var weighting: TaskWeighting
  /// The most memory that cached latents of a frozen backbone take; beyond it they lie on disk.
  public var cacheMemory: ByteCount
  /// The bits of a value when what crosses the cut is quantised, for what the report compares.
  public var bits: [Int]

  /// Creates a section with its defaults.
  public init(tasks: [TaskConfiguration]) {
    self.tasks = tasks
    backbone = .joint
    weighting = .uniform
    cacheMemory = ByteCount(2 << 30)
    bits = [8]
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case tasks, only, backbone, weighting, bits
    case cacheMemory = "cache_memory"
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(tasks: try container.decode([TaskConfiguration].self, forKey: .tasks))
    only = try container.decodeIfPresent([String].self, forKey: .only)
    backbone = try container.decodeIfPresent(Backbone.self, forKey: .backbone) ?? backbone
    weighting = try container.decodeIfPresent(TaskWeighting.self, forKey: .weighting) ?? weighting
    cacheMemory =
      try container.decodeIfPresent(ByteCount.self, forKey: .cacheMemory) ?? cacheMemory
    bits = try container.decodeIfPresent([Int].self, forKey: .bits) ?? bits
  }
}

extension MTLSplitConfiguration: Validatable {
  /// Reports tasks that share a name or are not there, and bits out of range.
  public func validate(_ report: inout ValidationReport) {
    TaskConfiguration.validate(tasks, only: only, &report)
    for value in bits where !(1...8).contains(value) {
      report.add("expected 1 to 8, found \(value)", at: "bits")
    }
    if cacheMemory.bytes < 0 {
      report.add("expected 0 B or more, found \(cacheMemory)", at: "cache_memory")
    }
  }
}

extension MTLSplit {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: MTLSplitConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    let unused = configuration.tasks.unusedKeys(of: name, weighting: configuration.weighting)
    guard configuration.backbone == .joint else { return unused }
    return unused + [UnusedKey([name, "cache_memory"], "goes with backbone: frozen")]
  }
}

extension [TaskConfiguration] {
  /// Keys of tasks that have no effect.
  func unusedKeys(of method: String, weighting: TaskWeighting) -> [UnusedKey] {
    enumerated().flatMap { index, task in
      var unused: [UnusedKey] = []
      if weighting != .fixed {
        unused.append(
          UnusedKey([method, "tasks", "\(index)", "weight"], "goes with weighting: fixed"))
      }
      if task.auxiliary == nil {
        unused.append(
          UnusedKey(
            [method, "tasks", "\(index)", "auxiliary_weight"], "goes with an auxiliary head"))
      }
      return unused
    }
  }
}
