internal import Splitting
internal import Training

/// What an image costs by where it leaves a network.
struct PathCosts {
  /// One way through.
  struct Path {
    var deviceMACs: Int
    var serverMACs: Int
    /// With encoding, for what is sent.
    var deviceTime: TimeSpan
    /// With decoding; nil for what stays on the device.
    var serverTime: TimeSpan?
  }

  /// Means over images.
  struct Mean {
    var deviceMACs: Double
    var serverMACs: Double
    var deviceTime: TimeSpan
    var serverTime: TimeSpan
    var latency: Latency
    var energy: Energy
  }

  /// The ways that end at the exits, and the one that goes all the way.
  let paths: [Path]
  /// The network without exits.
  let remote: Path
  /// Bytes of an answer that is sent down.
  let answerBytes: Int
  let link: Link
  let energy: EnergyModel

  /// The latency of a way, where those that are sent send so many bytes.
  private func latency(_ path: Path, sending bytes: Double) -> Latency {
    let model = LatencyModel(link: link)
    guard let serverTime = path.serverTime else {
      return Latency(device: model.onDevice(path.deviceTime))
    }
    return model.latency(
      device: path.deviceTime, uplinkBytes: Int(bytes.rounded()), downlinkBytes: answerBytes,
      server: serverTime)
  }

  /// Means over samples that leave in given shares.
  func mean(_ outcome: ExitSamples.Outcome) -> Mean {
    mean(
      Array(zip(outcome.exitShares + [outcome.remaining], paths)),
      sending: outcome.sentBytes ?? 0)
  }

  private func mean(_ ways: [(share: Double, path: Path)], sending bytes: Double) -> Mean {
    func sum(_ value: (Path) -> Double) -> Double {
      ways.reduce(0) { $0 + $1.share * value($1.path) }
    }
    func time(_ part: (Latency) -> TimeSpan) -> TimeSpan {
      .seconds(sum { part(self.latency($0, sending: bytes)).seconds })
    }
    let latency = Latency(
      device: time(\.device), uplink: time(\.uplink), downlink: time(\.downlink),
      roundTrip: time(\.roundTrip), server: time(\.server))
    return Mean(
      deviceMACs: sum { Double($0.deviceMACs) }, serverMACs: sum { Double($0.serverMACs) },
      deviceTime: .seconds(sum { $0.deviceTime.seconds }),
      serverTime: .seconds(sum { $0.serverTime?.seconds ?? 0 }), latency: latency,
      energy: energy.energy(of: latency))
  }

  /// What comes of thresholds.
  func points(
    _ name: String, _ thresholds: [Double], _ samples: ExitSamples
  ) -> [ExitReport.Point] {
    zip(thresholds, samples.outcomes(thresholds: thresholds)).map { threshold, outcome in
      point(
        name, threshold: threshold, accuracy: outcome.accuracy, exitShares: outcome.exitShares,
        bytes: outcome.bytes, mean(outcome))
    }
  }

  /// The network without exits, which sends every image.
  ///
  /// - Parameter outcome: of a threshold that nothing reaches.
  func remote(_ outcome: ExitSamples.Outcome) -> ExitReport.Point {
    point(
      "remote", threshold: nil, accuracy: outcome.accuracy,
      exitShares: outcome.exitShares.map { _ in 0 }, bytes: outcome.bytes,
      mean([(1, remote)], sending: outcome.bytes))
  }

  private func point(
    _ name: String, threshold: Double?, accuracy: Double, exitShares: [Double], bytes: Double,
    _ mean: Mean
  ) -> ExitReport.Point {
    ExitReport.Point(
      name: name, threshold: threshold, accuracy: accuracy, exitShares: exitShares, bytes: bytes,
      deviceMACs: mean.deviceMACs, serverMACs: mean.serverMACs, latency: mean.latency.total,
      energy: mean.energy)
  }
}
