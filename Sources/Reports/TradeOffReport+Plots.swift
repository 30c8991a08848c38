internal import Foundation
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
    for system in systems {
      if !order.contains(system.family) { order.append(system.family) }
      guard value(system) > 0 else { continue }
      families[system.family, default: []].append(
        CurvePlot.Sample(
          x: value(system), y: 100 * system.qualities[task].value.mean,
          spread: system.qualities[task].value.deviation.map { 100 * $0 },
          label:
            "\(system.name): \(format(value(system))), \(Self.percent(system.qualities[task].value))"
        ))
    }
    let best = 100 * (systems.first?.qualities[task].value.mean ?? 0)
    return CurvePlot(
      title: "\(title), \(dataset)", horizontal: Axis(horizontal, .logarithmic, format: format),
      vertical: Axis("\(metricName(task)), %", format: Axis.number),
      curves: order.map { CurvePlot.Curve(name: $0, samples: families[$0] ?? []) },
      reference: CurvePlot.Reference(y: best, name: "uncompressed"),
      floor: best - Self.shownDrop)
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

  /// `92.98 %`, or `92.98 ± 0.10 %`.
  static func percent(_ spread: Spread) -> String {
    let mean = String(format: "%.2f", 100 * spread.mean)
    guard let deviation = spread.deviation else { return "\(mean) %" }
    return "\(mean) ± \(String(format: "%.2f", 100 * deviation)) %"
  }
}
