public import Networks
public import Splitting
public import Tensors

extension EvaluationReport.SplitCost {
  /// Measures and counts what a split system costs for one sample.
  ///
  /// - Parameters:
  ///   - device: everything that runs on the device, as it is deployed (folded).
  ///   - server: the server's part.
  ///   - link: between the two.
  ///   - energy: the powers of the device.
  ///   - sample: one transformed image, `[1] + shape`.
  ///   - tableBytes: what a codec's tables take on the device.
  ///   - codecMACs: multiply-accumulates of a codec's own network on the device.
  ///   - stream: the bytes of coded latents; every value is sent as it is if `nil`.
  /// - Throws: what a tail throws.
  public static func measure(
    device: Network, server: Server, link: Link, energy: EnergyModel,
    sample: Tensor<Float>, tableBytes: Int = 0, codecMACs: Int = 0,
    stream: EvaluationReport.StreamBytes? = nil
  ) throws -> EvaluationReport.SplitCost {
    let head = Head(device)
    let latent = head(sample)
    let deviceTime = PartTiming.median { _ = head(sample) }
    let serverTime = try PartTiming.median { _ = try server(latent) }
    let uplinkBytes = stream.map { Int($0.mean.rounded()) } ?? latent.byteCount
    let downlinkBytes = server.answerBytes
    let latency = LatencyModel(link: link).latency(
      device: deviceTime, uplinkBytes: uplinkBytes, downlinkBytes: downlinkBytes,
      server: serverTime)
    return EvaluationReport.SplitCost(
      encoderBytes: head.network.cost.parameterBytes + tableBytes,
      encoderParameters: head.network.parameterCount, uplinkBytes: uplinkBytes,
      stream: stream, downlinkBytes: downlinkBytes, deviceMACs: head.network.cost.macs + codecMACs,
      serverMACs: server.macs,
      deviceTime: deviceTime, serverTime: serverTime, latency: latency,
      deviceEnergy: energy.energy(of: latency))
  }
}
