public import Configurations

/// Ends training when the monitored metric has stopped improving: the `early_stopping` node of a
/// recipe.
///
/// ```yaml
/// early_stopping: {patience: 10, min_delta: 0.001}
/// ```
public struct EarlyStopping: Hashable, Sendable {
  /// How many epochs in a row without an improvement end training, at least 1.
  public var patience: Int

  /// By how much the metric must get better to count, in its unit, at least 0.
  public var minimumDelta: Double

  /// Which direction is better; nil for the one that is natural to the metric.
  public var mode: ImprovementMode?

  /// Creates a configuration.
  public init(patience: Int, minimumDelta: Double = 0, mode: ImprovementMode? = nil) {
    self.patience = patience
    self.minimumDelta = minimumDelta
    self.mode = mode
  }

  /// What has been seen of the metric; belongs in a checkpoint.
  public struct State: Codable, Hashable, Sendable {
    /// The best value so far, nil before the first finite one.
    public private(set) var best: Double?

    /// The epochs since the best value.
    public private(set) var epochsWithoutImprovement = 0

    /// Creates the state before the first epoch.
    public init() {}

    /// Takes the value of an epoch in.
    fileprivate mutating func record(_ value: Double, improved: Bool) {
      if improved {
        best = value
        epochsWithoutImprovement = 0
      } else {
        epochsWithoutImprovement += 1
      }
    }
  }

  /// Takes the metric of one more epoch into account.
  ///
  /// - Parameters:
  ///   - metric: the value; one that is not finite is never an improvement.
  ///   - naturalMode: which direction is better where ``mode`` does not say.
  /// - Returns: whether training should end.
  public func observe(
    _ metric: Double, naturalMode: ImprovementMode, state: inout State
  ) -> Bool {
    let improved =
      metric.isFinite
      && (state.best.map { (mode ?? naturalMode).isBetter(metric, than: $0, by: minimumDelta) }
        ?? true)
    state.record(metric, improved: improved)
    return state.epochsWithoutImprovement >= patience
  }
}

extension EarlyStopping: Codable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case patience
    case minimumDelta = "min_delta"
    case mode
  }

  /// Reads the node; only `patience` is required.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      patience: try container.decode(Int.self, forKey: .patience),
      minimumDelta: try container.decodeIfPresent(Double.self, forKey: .minimumDelta) ?? 0,
      mode: try container.decodeIfPresent(ImprovementMode.self, forKey: .mode))
  }
}

extension EarlyStopping: Validatable {
  /// Reports a patience below 1 and a negative delta.
  public func validate(_ report: inout ValidationReport) {
    report.require(patience, isAtLeast: 1, at: "patience")
    report.require(minimumDelta, isAtLeast: 0, at: "min_delta")
  }
}
