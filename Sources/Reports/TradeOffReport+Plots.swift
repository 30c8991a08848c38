internal import Foundation
internal import Metrics
public import Plots
internal import Splitting
public import Training

/// The pictures of a trade-off.
extension TradeOffReport {
  /// Points more than this below the reference would press all others together.
  private static let shownDrop = 20.0

  /// Quality against bytes, a picture for each task: a curve for each family, the uncompressed
  /// network as a line.
  public var ratePlots: [CurvePlot] {
    taskNames.indices.map { task in
      plot(
        title: "Rate and quality" + suffix(task), task: task,
        horizontal: "bytes sent per image (logarithmic)", format: Axis.bytes
      ) { $0.bytes.mean }
    }
  }

  /// The tasks, in the order of each system's qualities.
  public var taskNames: [String] { systems.first?.qualities.map(\.task) ?? [] }

  /// The task's name where there are several.
  private func suffix(_ task: Int) -> String {
    taskNames.count > 1 ? ", \(taskNames[task])" : ""
  }

  /// The unit, the range and the better direction of a task's figure.
  func scale(_ task: Int) -> MetricScale {
    MetricScale(named: systems.first?.qualities[task].metric ?? "")
  }

  /// What the figure of a task is called: `top-1` for a classifier.
  func metricName(_ task: Int) -> String {
    let quality = systems.first?.qualities[task]
    let metric = (quality?.metric ?? "").replacing("_", with: " ")
    return taskNames.count > 1 ? "\(quality?.task ?? "") \(metric)" : metric
  }

  /// Accuracy against the size of the encoder times the bytes it sends.
  ///
  /// Systems without anything on the device have no place on the axis.
  public var encoderPlot: CurvePlot {
    plot(
      title: "Encoder size × data size and quality (SC2's ExR-D)" + suffix(0), task: 0,
      horizontal: "encoder size × bytes per image, KiB² (logarithmic)", format: Axis.number
    ) { $0.encoderTimesData }
  }

  private func plot(
    title: String, task: Int, horizontal: String, format: @escaping @Sendable (Double) -> String,
    _ value: (System) -> Double
  ) -> CurvePlot {
    var order: [String] = []
    var families: [String: [CurvePlot.Sample]] = [:]
    let scale = scale(task)
    for system in systems {
      if !order.contains(system.family) { order.append(system.family) }
      guard value(system) > 0, let quality = system.qualities[task].value else { continue }
      families[system.family, default: []].append(
        CurvePlot.Sample(
          x: value(system), y: scale.plotFactor * quality.mean,
          spread: quality.deviation.map { scale.plotFactor * $0 },
          label:
            "\(system.name): \(format(value(system))), \(Self.text(quality, scale, withUnit: true))"
        ))
    }
    let best = systems.first?.qualities[task].value.map { scale.plotFactor * $0.mean }
    return CurvePlot(
      title: "\(title), \(dataset)", horizontal: Axis(horizontal, .logarithmic, format: format),
      vertical: Axis(metricName(task), scale),
      curves: order.map { CurvePlot.Curve(name: $0, samples: families[$0] ?? []) },
      reference: best.map { CurvePlot.Reference(y: $0, name: "uncompressed") },
      floor: scale.unit == .fraction ? best.map { $0 - Self.shownDrop } : nil)
  }

  /// Where the time of a sample goes under each link.
  public var latencyPlots: [StackedBars] {
    links.indices.map { index in
      let link = links[index]
      return StackedBars(
        title: "Latency over \(link.name) (\(link.link.rate), \(link.link.roundTripTime))",
        latencies: systems.map { ($0.name, $0.links[index].latency) })
    }
  }

  /// `92.98 %`, or `92.98 ± 0.10 %`; of what is no fraction `0.9298 ± 0.0010`.
  static func text(_ spread: Spread?, _ scale: MetricScale, withUnit: Bool) -> String {
    guard let spread else { return notDefined }
    let isFraction = scale.unit == .fraction
    func number(_ value: Double) -> String {
      String(format: isFraction ? "%.2f" : "%.4f", scale.plotFactor * value)
    }
    return number(spread.mean) + (spread.deviation.map { " ± \(number($0))" } ?? "")
      + (isFraction && withUnit ? " %" : "")
  }
}
