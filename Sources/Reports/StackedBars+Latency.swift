internal import Foundation
internal import Plots
internal import Splitting

extension StackedBars {
  /// Where the time of an image goes, a bar for each system.
  init(title: String, latencies: [(name: String, latency: Latency)]) {
    self.init(
      title: title,
      axis: Axis("ms per image") { value in
        String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
      },
      parts: ["device and encoder", "uplink", "round trip", "decoder and server", "downlink"],
      bars: latencies.map { name, latency in
        Bar(
          name: name,
          values: [
            latency.device, latency.uplink, latency.roundTrip, latency.server, latency.downlink,
          ].map(\.milliseconds))
      })
  }
}
