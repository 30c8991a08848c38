public import Metrics

/// One metric of a task.
public struct TaskMetric: Hashable, Sendable {
  /// The name, such as `accuracy` or `mean_iou`.
  public var name: String
  /// The value; nil if it is not defined, as the mean precision of images without objects.
  public var value: Double?
  /// The unit, the range and the better direction.
  public var scale: MetricScale
  /// The reason why the value is not defined, such as `no test image has an object`.
  public var reason: String?

  /// Creates a metric whose name settles its scale.
  ///
  /// - Parameter reason: why it is not defined, if it is not.
  public init(_ name: String, _ value: Double?, reason: String? = nil) {
    self.name = name
    self.value = value
    scale = MetricScale(named: name)
    self.reason = value == nil ? reason : nil
  }

  /// Whether more is better.
  public var isHigherBetter: Bool { scale.isHigherBetter ?? true }
}

extension TaskMetric: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, value, unit, lowest, highest, reason
    case isHigherBetter = "is_higher_better"
  }

  /// Reads a metric; its name says what is missing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    value = try container.decodeIfPresent(Double.self, forKey: .value)
    reason = try container.decodeIfPresent(String.self, forKey: .reason)
    guard let unit = try container.decodeIfPresent(MetricScale.Unit.self, forKey: .unit) else {
      scale = MetricScale(named: name)
      return
    }
    scale = MetricScale(
      unit, lowest: try container.decodeIfPresent(Double.self, forKey: .lowest),
      highest: try container.decodeIfPresent(Double.self, forKey: .highest),
      isHigherBetter: try container.decodeIfPresent(Bool.self, forKey: .isHigherBetter))
  }

  /// Writes a metric; a value that is not defined is `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(value, forKey: .value)
    try container.encode(scale.unit, forKey: .unit)
    try container.encodeIfPresent(scale.lowest, forKey: .lowest)
    try container.encodeIfPresent(scale.highest, forKey: .highest)
    try container.encodeIfPresent(scale.isHigherBetter, forKey: .isHigherBetter)
    try container.encodeIfPresent(reason, forKey: .reason)
  }
}
