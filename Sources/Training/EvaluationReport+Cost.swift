public import Splitting
public import Tensors

extension EvaluationReport.SplitCost {
  /// Measures the times of a system, and joins them with what it has sent for the test images.
  ///
  /// - Parameters:
  ///   - system: as it is deployed.
  ///   - traffic: of the images that the report's quality is of.
  ///   - link: between device and server.
  ///   - energy: the powers of the device.
  ///   - pixels: one image, `[1, height, width, channels]`, to be timed.
  /// - Throws: what keeps the image from being taken or answered.
  public static func measure(
    _ system: any SplitSystem, _ traffic: Traffic, link: Link, energy: EnergyModel,
    pixels: Tensor<Float>
  ) throws -> EvaluationReport.SplitCost {
    let times = try SystemTimes(mediansOf: system, pixels)
    let share = traffic.sentShare ?? 0
    let latency = times.latency(
      over: link, sentShare: share, sentBytes: traffic.sentBytes ?? 0,
      answerBytes: system.answerBytes)
    return EvaluationReport.SplitCost(
      encoderBytes: system.encoderBytes, encoderParameters: system.encoderParameters,
      uplinkBytes: Int((share * (traffic.sentBytes ?? 0)).rounded()), stream: traffic.stream,
      sentShare: share, downlinkBytes: Int((share * Double(system.answerBytes)).rounded()),
      deviceMACs: Int((traffic.deviceMACs ?? 0).rounded()),
      serverMACs: Int((traffic.serverMACs ?? 0).rounded()),
      deviceTime: times.device + times.encode, serverTime: times.decode + times.server,
      encodeTime: times.encode, decodeTime: times.decode, latency: latency,
      deviceEnergy: energy.energy(of: latency))
  }
}
