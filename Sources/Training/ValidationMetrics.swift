public import Tasks

/// The metrics on the validation images by their names.
public struct ValidationMetrics: Hashable, Sendable {
  /// The values; nil for a metric that is not defined.
  public var values: [String: Double?]

  /// The reasons why metrics are not defined, where they are known.
  public var reasons: [String: String]

  /// Creates metrics.
  public init(_ values: [String: Double?], reasons: [String: String] = [:]) {
    self.values = values
    self.reasons = reasons
  }

  /// The ``Swift/Array/selectionScore`` of tasks as `quality`, and every metric of every task, such as
  /// `shape.accuracy`.
  ///
  /// - Parameter loss: the joint loss; nil if no sample is annotated.
  public init(_ results: [TaskResult], loss: Double?) {
    self.init(["quality": results.selectionScore, "loss": loss])
    for result in results {
      for metric in result.metrics {
        values["\(result.task).\(metric.name)"] = .some(metric.value)
      }
    }
    let absent = results.filter { $0.quality == nil }
    guard !absent.isEmpty else { return }
    reasons["quality"] = absent.map { result in
      let metric = result.judged?.name.replacing("_", with: " ") ?? "a figure"
      return "\(metric) of \(result.task) is not defined"
        + (result.judged?.reason.map { ", as \($0)" } ?? "")
    }.joined(separator: "; ")
    reasons["loss"] = loss == nil ? "no validation image is annotated" : nil
  }

  /// The value of a metric; nil if it is not defined, or not measured.
  public subscript(name: String) -> Double? {
    get { values[name] ?? nil }
    set { values[name] = .some(newValue) }
  }
}

extension ValidationMetrics: Codable {
  /// Reads the values, an object with a number or `null` for each name.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([String: Double?].self))
  }

  /// Writes the values; one that is not defined is `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }
}

extension ValidationMetrics: ExpressibleByDictionaryLiteral {
  /// Creates metrics, each name once.
  public init(dictionaryLiteral elements: (String, Double?)...) {
    self.init(Dictionary(elements) { first, _ in first })
  }
}
