internal import Splitting
internal import Training

/// What an image costs by where it leaves a network.
struct PathCosts {
  /// One way through.
  struct Path {
    var deviceMACs: Int
    var serverMACs: Int
    var deviceTime: TimeSpan
    /// Nil for what stays on the device.
    var serverTime: TimeSpan?
  }

  /// The ways that end at the exits, and the one that goes all the way.
  let paths: [Path]
  /// The network without exits.
  let remote: Path
  /// Bytes of a latent that is sent.
  let stream: EvaluationReport.StreamBytes
  /// Bytes of an answer that is sent down.
  let answerBytes: Int
  let link: Link
  let energy: EnergyModel

  private func latency(_ path: Path) -> Latency {
    let model = LatencyModel(link: link)
    guard let serverTime = path.serverTime else {
      return Latency(device: model.onDevice(path.deviceTime))
    }
    return model.latency(
      device: path.deviceTime, uplinkBytes: Int(stream.mean.rounded()), downlinkBytes: answerBytes,
      server: serverTime)
  }

  /// Means over samples that leave in given shares.
  func mean(
    _ outcome: ExitSamples.Outcome
  ) -> (bytes: Double, deviceMACs: Double, serverMACs: Double, latency: TimeSpan, energy: Energy) {
    let shares = outcome.exitShares + [outcome.remaining]
    func sum(_ value: (Path) -> Double) -> Double {
      zip(shares, paths).reduce(0) { $0 + $1.0 * value($1.1) }
    }
    return (
      sum { $0.serverTime == nil ? 0 : stream.mean }, sum { Double($0.deviceMACs) },
      sum { Double($0.serverMACs) }, .seconds(sum { latency($0).total.seconds }),
      .joules(sum { energy.energy(of: latency($0)).joules })
    )
  }

  /// What comes of thresholds.
  func points(
    _ name: String, _ thresholds: [Double], _ samples: ExitSamples
  ) -> [ExitReport.Point] {
    zip(thresholds, samples.outcomes(thresholds: thresholds)).map { threshold, outcome in
      let mean = mean(outcome)
      return ExitReport.Point(
        name: name, threshold: threshold, accuracy: outcome.accuracy,
        exitShares: outcome.exitShares, bytes: mean.bytes, deviceMACs: mean.deviceMACs,
        serverMACs: mean.serverMACs, latency: mean.latency, energy: mean.energy)
    }
  }

  /// The network without exits.
  func remote(accuracy: Double) -> ExitReport.Point {
    let latency = latency(remote)
    return ExitReport.Point(
      name: "remote", threshold: nil, accuracy: accuracy,
      exitShares: paths.dropLast().map { _ in 0 }, bytes: stream.mean,
      deviceMACs: Double(remote.deviceMACs), serverMACs: Double(remote.serverMACs),
      latency: latency.total, energy: energy.energy(of: latency))
  }
}
