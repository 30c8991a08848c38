public import Configurations
internal import Foundation
public import Tasks
public import Training

/// The `ladon` section of a recipe; the keys of the bottleneck stand beside its own.
public struct LadonConfiguration: Hashable, Codable, Sendable {
  /// What the layers after the bottleneck do while the tasks learn.
  public enum Body: String, Codable, CaseIterable, Sendable {
    /// They stay as they are: the paper's way, in which a task can be added at any time.
    case frozen
    /// They learn from all tasks.
    case joint
  }

  /// The bottleneck, and how it is trained.
  public var bottleneck: BottleneckConfiguration
  /// The tasks.
  public var tasks: [TaskConfiguration]
  /// The names of the tasks that are trained, the others left out; all unless given.
  public var only: [String]?
  /// What the layers after the bottleneck do while the tasks learn.
  public var body: Body
  /// How the losses of the tasks become one.
  public var weighting: TaskWeighting
  /// A checkpoint of an earlier run, whose bottleneck and body this one begins with.
  public var student: String?

  /// Creates a section with its defaults.
  public init(tasks: [TaskConfiguration]) {
    self.tasks = tasks
    bottleneck = BottleneckConfiguration()
    body = .frozen
    weighting = .uniform
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case tasks, only, body, weighting, student
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(tasks: try container.decode([TaskConfiguration].self, forKey: .tasks))
    only = try container.decodeIfPresent([String].self, forKey: .only)
    body = try container.decodeIfPresent(Body.self, forKey: .body) ?? body
    weighting = try container.decodeIfPresent(TaskWeighting.self, forKey: .weighting) ?? weighting
    student = try container.decodeIfPresent(String.self, forKey: .student)
    bottleneck = try BottleneckConfiguration(from: decoder)
  }

  /// Writes the section.
  public func encode(to encoder: any Encoder) throws {
    try bottleneck.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tasks, forKey: .tasks)
    try container.encodeIfPresent(only, forKey: .only)
    try container.encode(body, forKey: .body)
    try container.encode(weighting, forKey: .weighting)
    try container.encodeIfPresent(student, forKey: .student)
  }
}

extension LadonConfiguration: Validatable {
  /// Reports what is out of range, tasks that share a name or are not there, and a checkpoint that
  /// does not exist.
  public func validate(_ report: inout ValidationReport) {
    bottleneck.validate(&report)
    TaskConfiguration.validate(tasks, only: only, &report)
    if let student, !FileManager.default.fileExists(atPath: student) {
      report.add("there is no file \(student)", at: "student")
    }
  }
}

extension Ladon {
  /// Keys that have no effect under the others.
  public static func unusedKeys(
    _ configuration: LadonConfiguration, in sections: RecipeSections
  ) -> [UnusedKey] {
    UnusedKey.all(
      ["bits", "pretrained"], of: name, because: "its bottleneck has a learned prior and a teacher")
      + configuration.tasks.unusedKeys(of: name, weighting: configuration.weighting)
  }
}
