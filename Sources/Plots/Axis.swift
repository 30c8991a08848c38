internal import Foundation

/// The values along one side of a plot, and where they are marked.
public struct Axis: Sendable {
  /// How values become places.
  public enum Scale: Hashable, Sendable {
    /// Equal steps are equal differences.
    case linear
    /// Equal steps are equal ratios; values are above zero.
    case logarithmic
  }

  /// What the values are, with their unit.
  public var title: String
  /// How values become places.
  public var scale: Scale
  /// Whether the values are counts, so that nothing between whole numbers is marked.
  public var isWhole = false
  /// The least and the greatest value there can be, beyond which the axis does not go; nil without
  /// bounds.
  public var bounds: ClosedRange<Double>?
  /// The label of a value.
  public var format: @Sendable (Double) -> String

  /// A value brought within the bounds.
  func clamped(_ value: Double) -> Double {
    bounds.map { min(max(value, $0.lowerBound), $0.upperBound) } ?? value
  }

  /// Creates an axis.
  public init(
    _ title: String, _ scale: Scale = .linear,
    format: @escaping @Sendable (Double) -> String
  ) {
    self.title = title
    self.scale = scale
    self.format = format
  }

  /// An axis of per cents of a whole, from 0 to 100 at most.
  public static func percent(_ title: String) -> Axis {
    var axis = Axis("\(title), %", format: number)
    axis.bounds = 0...100
    return axis
  }

  /// A number with at most three decimals.
  public static let number: @Sendable (Double) -> String = { short($0, decimals: 3) }

  /// Bytes as `500 B`, `20 kB`, `1 MB`.
  public static let bytes: @Sendable (Double) -> String = { value in
    value < 1e3
      ? "\(short(value, decimals: 2)) B"
      : value < 1e6
        ? "\(short(value / 1e3, decimals: 2)) kB" : "\(short(value / 1e6, decimals: 2)) MB"
  }
}

/// An axis with the range of what is plotted.
struct AxisRange {
  let scale: Axis.Scale
  let low: Double
  let high: Double
  /// The marked values.
  let ticks: [Double]

  /// Takes in all values, with marks at round numbers.
  ///
  /// - Precondition: there is a value, all are finite, and above zero on a logarithmic axis.
  init(
    _ values: [Double], scale: Axis.Scale, isWhole: Bool = false,
    bounds: ClosedRange<Double>? = nil
  ) {
    self.scale = scale
    let least = values.min() ?? 0
    let most = values.max() ?? 1
    // What is beyond the bounds all the same is shown.
    let floor = min(bounds?.lowerBound ?? -.infinity, least)
    let ceiling = max(bounds?.upperBound ?? .infinity, most)
    switch scale {
    case .linear:
      let step = max(AxisRange.step(most - least), isWhole ? 1 : 0)
      // A little room, so that no mark lies on the frame.
      let low = ((least - 0.02 * (most - least)) / step).rounded(.down) * step
      let high = ((most + 0.02 * (most - least)) / step).rounded(.up) * step
      let top = min(high > low ? high : low + step, ceiling)
      let bottom = max(least >= 0 ? max(0, low) : low, floor)
      // Where all values lie on the upper bound, the axis goes down from it.
      self.low = bottom < top ? bottom : bottom - step
      self.high = top
      let first = Int((self.low / step - 1e-6).rounded(.up))
      let last = Int((top / step + 1e-6).rounded(.down))
      ticks = first <= last ? (first...last).map { Double($0) * step } : []
    case .logarithmic:
      precondition(least > 0, "AxisRange: \(least) on a logarithmic axis")
      low = least / 1.25
      high = most * 1.25
      let (low, high) = (low, high)
      // Powers of ten; with their double and fivefold where there are few.
      let decades = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
      let factors: [Double] =
        log10(high / low) > 4 ? [1] : log10(high / low) > 2.2 ? [1, 3] : [1, 2, 5]
      ticks = decades.flatMap { decade in factors.map { $0 * pow(10, Double(decade)) } }
        .filter { $0 >= low && $0 <= high }
    }
  }

  /// A round step that makes four to nine of a span.
  private static func step(_ span: Double) -> Double {
    guard span > 0 else { return 1 }
    let rough = span / 6
    let power = pow(10, log10(rough).rounded(.down))
    return ([1, 2, 2.5, 5, 10].first { $0 * power >= rough } ?? 10) * power
  }

  /// The marked values whose labels have room beside each other, from pixel to pixel.
  func labelled(_ format: (Double) -> String, from start: Double, to end: Double) -> [Double] {
    var occupied = -Double.infinity
    return ticks.filter { tick in
      let half = Drawing.width(of: format(tick), size: 12) / 2
      let middle = start + position(tick) * (end - start)
      guard middle - half >= occupied + 6 else { return false }
      occupied = middle + half
      return true
    }
  }

  /// How far along the axis a value is, 0 to 1.
  func position(_ value: Double) -> Double {
    switch scale {
    case .linear: (value - low) / (high - low)
    case .logarithmic: log(value / low) / log(high / low)
    }
  }
}
