internal import Foundation
internal import Metrics
internal import Splitting
public import Training

/// The tables of a trade-off, as text in cells: what terminals and pages show.
extension TradeOffReport {
  /// Whether the systems only say which class an image has.
  private var isClassifier: Bool {
    taskNames.count == 1 && systems.first?.qualities.first?.metric == "accuracy"
  }

  /// Size, bytes, quality and time of each system.
  public var systemTable: ReportTable {
    let table = ReportTable(
      header: [
        "system", "encoder", "bytes", "p99", "expected",
      ]
        + taskNames.indices.flatMap { task in
          [
            isClassifier
              ? "top-1, %" : metricName(task) + (scale(task).unit == .fraction ? ", %" : ""),
            "drop, %",
          ]
        } + ["ExR-D, KiB²"],
      rows: systems.map { system in
        [
          system.name, Self.bytes(system.encoderBytes), Self.count(system.bytes.mean),
          Self.count(system.bytes.p99), system.estimatedBytes.map(Self.count) ?? "–",
        ]
          + system.qualities.flatMap { quality in
            [
              Self.text(quality.value, quality.scale, withUnit: false)
                + (quality.value.map {
                  $0.count < system.seeds ? " (of \($0.count))" : ""
                } ?? ""),
              system.name == reference
                ? "–"
                : quality.relativeDrop.map { String(format: "%.2f", 100 * $0) } ?? notDefined,
            ]
          } + [system.encoderBytes == 0 ? "–" : Self.significant(system.encoderTimesData)]
      })
    return systems.contains { $0.estimatedBytes != nil } ? table : table.without("expected")
  }

  /// Operations and times of each system.
  public var timeTable: ReportTable {
    ReportTable(
      header: [
        "system", "device MACs", "server MACs", "device, ms", "encode, µs", "decode, µs",
        "server, ms",
      ],
      rows: systems.map { system in
        [
          system.name, grouped(system.deviceMACs),
          grouped(system.serverMACs),
          String(format: "%.3f", system.deviceTime.milliseconds),
          String(format: "%.1f", 1000 * system.encodeTime.milliseconds),
          String(format: "%.1f", 1000 * system.decodeTime.milliseconds),
          String(format: "%.3f", system.serverTime.milliseconds),
        ]
      })
  }

  /// Latency and energy of each system under a link.
  ///
  /// - Precondition: there is such a link.
  public func linkTable(_ index: Int) -> ReportTable {
    ReportTable(
      header: ["system", "device, ms", "link, ms", "server, ms", "total, ms", "device energy, mJ"],
      rows: systems.map { system in
        let cost = system.links[index]
        let latency = cost.latency
        let link = latency.uplink + latency.roundTrip + latency.downlink
        return [system.name]
          + [latency.device, link, latency.server, cost.total].map {
            String(format: "%.2f", $0.milliseconds)
          } + [String(format: "%.2f", 1000 * cost.deviceEnergy.joules)]
      })
  }

  /// Which images, and how times were measured.
  public var remark: String {
    "\(grouped(samples)) test images; times are medians of \(timedSamples) images, "
      + "one by one in one thread"
  }

  private static func bytes(_ count: Int) -> String {
    count == 0
      ? "–"
      : count < 10_000
        ? "\(grouped(count)) B"
        : String(format: "%.1f KiB", Double(count) / 1024)
  }

  /// A number without decimals, digits in groups of three.
  private static func count(_ value: Double) -> String { grouped(Int(value.rounded())) }

  private static func significant(_ value: Double) -> String {
    String(
      format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.3f", value)
  }
}
