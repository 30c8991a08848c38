/// The unit, the range and the better direction of a metric's values.
///
/// A metric's name settles it (``init(named:)``), so that tables, pages, sweeps and plots show a figure
/// alike wherever they meet it.
public struct MetricScale: Hashable, Sendable {
  /// The unit of a value.
  public enum Unit: String, Codable, Hashable, Sendable {
    /// A share of a whole, shown in per cent.
    case fraction
    /// A number without a unit, or in the unit of the data.
    case number
    /// A whole number of things.
    case count
    /// Bytes.
    case bytes
    /// Decibels.
    case decibels
  }

  /// The unit.
  public let unit: Unit

  /// The least value there can be; nil without a bound.
  public let lowest: Double?

  /// The greatest value there can be; nil without a bound.
  public let highest: Double?

  /// Whether more is better; nil where neither direction is.
  public let isHigherBetter: Bool?

  /// Creates a scale.
  public init(
    _ unit: Unit, lowest: Double? = nil, highest: Double? = nil, isHigherBetter: Bool? = nil
  ) {
    self.unit = unit
    self.lowest = lowest
    self.highest = highest
    self.isHigherBetter = isHigherBetter
  }

  /// A share of what is right, 0 to 1.
  public static let score = MetricScale(.fraction, lowest: 0, highest: 1, isHigherBetter: true)
  /// A share of what is wrong, 0 to 1.
  public static let failure = MetricScale(.fraction, lowest: 0, highest: 1, isHigherBetter: false)
  /// A share that is neither good nor bad, 0 to 1.
  public static let share = MetricScale(.fraction, lowest: 0, highest: 1)
  /// An error in the unit of the data, 0 or more.
  public static let error = MetricScale(.number, lowest: 0, isHigherBetter: false)
  /// The coefficient of determination, 1 at best, below 0 for what is worse than the mean.
  public static let determination = MetricScale(.number, highest: 1, isHigherBetter: true)
  /// A number of which only the name says more.
  public static let number = MetricScale(.number)
  /// Bytes that are sent or stored.
  public static let bytes = MetricScale(.bytes, lowest: 0, isHigherBetter: false)
  /// A number of things.
  public static let count = MetricScale(.count, lowest: 0)

  /// Creates the scale of a metric of this toolkit; a plain number for any other name.
  ///
  /// - Parameter name: such as `mean_iou`; of `mask.mean_iou` the part after the last dot.
  public init(named name: String) {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    // The exits of a network are numbered.
    let isExit = last.hasPrefix("exit") && Int(last.dropFirst(4)) != nil
    self = isExit ? .score : MetricScale.known[last] ?? .number
  }

  private static let known: [String: MetricScale] = {
    let scales: [(MetricScale, [String])] = [
      (
        .score,
        [
          "accuracy", "top5_accuracy", "macro_f1", "micro_f1", "mean_average_precision",
          "subset_accuracy", "map", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "mean_iou",
          "pixel_accuracy", "delta1", "delta2", "delta3", "final", "user_accuracy",
          "other_accuracy", "agreement", "shared_accuracy", "success", "path_success",
          "test_accuracy",
        ]
      ),
      (.failure, ["collisions", "timeouts", "lost", "calibration_error"]),
      (.share, ["sent_share", "exit_shares", "shares", "feasible", "feasible_share"]),
      (
        .error,
        [
          "loss", "mae", "rmse", "abs_rel", "sq_rel", "rmse_log", "depth_error", "cell_error",
          "bits_per_symbol", "kl_divergence", "logit_mse", "output_mse",
        ]
      ),
      (.determination, ["r2", "determination"]),
      (MetricScale(.number, isHigherBetter: true), ["quality", "reward"]),
      (MetricScale(.decibels, isHigherBetter: true), ["psnr"]),
      (
        .bytes,
        [
          "bytes", "mean_bytes", "p50_bytes", "p99_bytes", "expected_bytes", "table_bytes",
          "encoder_bytes", "uplink_bytes", "downlink_bytes", "bytes_per_frame",
          "bytes_per_episode",
        ]
      ),
      (
        .count,
        [
          "best_epoch", "epoch", "epochs", "samples", "parameters", "encoder_parameters", "level",
          "macs", "device_macs", "server_macs", "images", "episodes", "draws",
        ]
      ),
      (MetricScale(.count, lowest: 0, isHigherBetter: true), ["steps"]),
    ]
    return Dictionary(
      uniqueKeysWithValues: scales.flatMap { scale, names in names.map { ($0, scale) } })
  }()

  /// A value brought within the range.
  public func clamped(_ value: Double) -> Double {
    min(max(value, lowest ?? -.infinity), highest ?? .infinity)
  }
}
