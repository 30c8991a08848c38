public import Metrics
public import Plots

extension Axis {
  /// The axis of a metric's values: fractions in per cent, from 0 to 100 at most.
  public init(_ title: String, _ metric: MetricScale) {
    guard metric.unit != .fraction else {
      self = .percent(title)
      return
    }
    self.init(title, format: metric.unit == .bytes ? Axis.bytes : Axis.number)
    isWhole = metric.unit == .count
    if let lowest = metric.lowest ?? metric.highest.map({ _ in -.infinity }) {
      bounds = lowest...(metric.highest ?? .infinity)
    }
  }
}

extension MetricScale {
  /// What a value is multiplied by on an axis: 100 for a fraction.
  var plotFactor: Double { unit == .fraction ? 100 : 1 }
}
