public import Configurations

/// A task as a recipe names it.
///
///     tasks:
///       - {name: shape, kind: classification}
///       - {name: mask, kind: segmentation, head: atrous, reads: [layer4], auxiliary: layer3}
public struct TaskConfiguration: Hashable, Codable, Sendable {
  /// What sort of task it is.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// One class of several.
    case classification
    /// Any number of classes.
    case multiLabel = "multi_label"
    /// Real numbers.
    case regression
    /// A class for every pixel.
    case segmentation
    /// A distance for every pixel.
    case depth
    /// Objects and where they are.
    case detection
  }

  /// What the task's layers look like.
  public enum Head: String, Codable, CaseIterable, Sendable {
    /// Flattened features, a hidden layer and the answer: MTL-Split's.
    case mlp
    /// The mean over all places and the answer.
    case pooled
    /// A convolution of 3×3 and the answer for every place, enlarged to the image.
    case convolutional
    /// Convolutions of several dilations side by side, as DeepLabv3 has them.
    case atrous
    /// A score and a box at every anchor of a feature pyramid.
    case singleStage = "single_stage"
    /// Boxes that anchors propose, looked at again.
    case twoStage = "two_stage"
    /// None of its own: the network's last layer answers.
    case network
  }

  /// What the task is called.
  public var name: String
  /// What sort of task it is.
  public var kind: Kind
  /// The annotation it learns from; the one of its own name unless given.
  public var annotation: String
  /// The values of the network it reads, from the first to the last; the shared one unless given.
  public var reads: [String]?
  /// What its layers look like; `mlp`, `convolutional` where every pixel is asked, or
  /// `single_stage` for objects.
  public var head: Head
  /// The units of a hidden layer, or the channels of one.
  public var hidden: Int
  /// The share of hidden units that training drops.
  public var dropout: Double
  /// The weight of its loss, if weights are fixed.
  public var weight: Double
  /// A value of the network from which a second, smaller head learns the same in training only.
  public var auxiliary: String?
  /// The weight of that head's loss in the task's.
  public var auxiliaryWeight: Double
  /// How objects are looked for.
  public var detection: DetectionConfiguration

  /// Creates a task with its defaults.
  public init(
    name: String, kind: Kind, annotation: String? = nil, reads: [String]? = nil, head: Head? = nil,
    hidden: Int = 256, dropout: Double = 0.1, weight: Double = 1
  ) {
    self.name = name
    self.kind = kind
    self.annotation = annotation ?? name
    self.reads = reads
    self.head = head ?? TaskConfiguration.heads(of: kind)[0]
    self.hidden = hidden
    self.dropout = dropout
    self.weight = weight
    auxiliaryWeight = 0.5
    detection = DetectionConfiguration()
  }

  /// The heads that a kind of task can have, the usual one first.
  private static func heads(of kind: Kind) -> [Head] {
    switch kind {
    case .classification, .multiLabel, .regression: [.mlp, .pooled, .network]
    case .segmentation, .depth: [.convolutional, .atrous]
    case .detection: [.singleStage, .twoStage]
    }
  }

  /// Whether every pixel is asked.
  var isDense: Bool { kind == .segmentation || kind == .depth }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case name, kind, annotation, reads, head, hidden, dropout, weight, auxiliary, detection
    case auxiliaryWeight = "auxiliary_weight"
  }

  /// Reads a task; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .name)
    let kind = try container.decodeIfPresent(Kind.self, forKey: .kind) ?? .classification
    self.init(
      name: name, kind: kind,
      annotation: try container.decodeIfPresent(String.self, forKey: .annotation),
      reads: try container.decodeIfPresent([String].self, forKey: .reads),
      head: try container.decodeIfPresent(Head.self, forKey: .head))
    hidden = try container.decodeIfPresent(Int.self, forKey: .hidden) ?? hidden
    dropout = try container.decodeIfPresent(Double.self, forKey: .dropout) ?? dropout
    weight = try container.decodeIfPresent(Double.self, forKey: .weight) ?? weight
    auxiliary = try container.decodeIfPresent(String.self, forKey: .auxiliary)
    auxiliaryWeight =
      try container.decodeIfPresent(Double.self, forKey: .auxiliaryWeight) ?? auxiliaryWeight
    detection =
      try container.decodeIfPresent(DetectionConfiguration.self, forKey: .detection) ?? detection
  }
}

extension TaskConfiguration: Validatable {
  /// Reports what is out of range or does not go together.
  public func validate(_ report: inout ValidationReport) {
    if name.isEmpty || name.contains(where: { !($0.isLetter || $0.isNumber || "_-".contains($0)) })
    {
      report.add("expected letters, digits, _ and -, found '\(name)'", at: "name")
    }
    if let reads, reads.isEmpty {
      report.add("expected at least one value of the network", at: "reads")
    }
    let fitting = TaskConfiguration.heads(of: kind)
    if !fitting.contains(head) {
      report.add(
        "expected \(fitting.map(\.rawValue).joined(separator: " or ")) for \(kind.rawValue), "
          + "found \(head.rawValue)", at: "head")
    }
    if !(1...65536).contains(hidden) {
      report.add("expected 1 to 65536, found \(hidden)", at: "hidden")
    }
    if !(dropout >= 0 && dropout < 1) {
      report.add(
        "expected a number from 0 up to but not including 1, found \(dropout)", at: "dropout")
    }
    if !(weight > 0 && weight.isFinite) {
      report.add("expected a positive number, found \(weight)", at: "weight")
    }
    if auxiliary != nil, !isDense {
      report.add("goes with segmentation and depth, not with \(kind.rawValue)", at: "auxiliary")
    }
    if kind != .detection, detection != DetectionConfiguration() {
      report.add("goes with detection, not with \(kind.rawValue)", at: "detection")
    }
    if !(auxiliaryWeight >= 0 && auxiliaryWeight.isFinite) {
      report.add("expected a number from 0, found \(auxiliaryWeight)", at: "auxiliary_weight")
    }
  }
}

extension TaskConfiguration {
  /// Reports, for a section with the keys `tasks` and `only`, an empty list, tasks that share a name,
  /// and names of tasks that are not there.
  public static func validate(
    _ tasks: [TaskConfiguration], only: [String]?, _ report: inout ValidationReport
  ) {
    if tasks.isEmpty { report.add("expected at least one task", at: "tasks") }
    var names: Set<String> = []
    for task in tasks where !names.insert(task.name).inserted {
      report.add("\(TaskError.duplicateName(task.name))", at: "tasks")
    }
    guard let only else { return }
    if only.isEmpty { report.add("expected at least one task", at: "only") }
    let known = tasks.map(\.name)
    for name in only where !known.contains(name) {
      report.add(
        "\(TaskError.unknownTask(name, known: known))", at: "only", dependingOn: ["tasks"])
    }
  }
}

extension [TaskConfiguration] {
  /// Those of some names; all unless names are given.
  public func chosen(_ names: [String]?) -> [TaskConfiguration] {
    names.map { names in filter { names.contains($0.name) } } ?? self
  }
}
