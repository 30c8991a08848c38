internal import Splitting
internal import Tensors

/// The times that the parts of a system take with an image.
struct SystemTimes {
  let device: TimeSpan
  let encode: TimeSpan
  let decode: TimeSpan
  let server: TimeSpan

  /// Runs a system.
  init(_ system: any SplitSystem, _ pixels: Tensor<Float>) throws {
    let clock = ContinuousClock()
    let begin = clock.now
    let latent = try system.latent(pixels)
    // An image that is kept is asked about, and sent all the same to be timed.
    _ = try system.deviceAnswers(latent)
    let computed = clock.now
    let bytes = try system.encode(latent)
    let encoded = clock.now
    let received = try system.decode(bytes)
    let decoded = clock.now
    _ = try system.answers(received)
    device = TimeSpan(computed - begin)
    encode = TimeSpan(encoded - computed)
    decode = TimeSpan(decoded - encoded)
    server = TimeSpan(clock.now - decoded)
  }

  /// The median of each part.
  init(mediansOf times: [SystemTimes]) {
    func median(_ part: (SystemTimes) -> TimeSpan) -> TimeSpan {
      .seconds(Percentiles(times.map { part($0).seconds })?.p50 ?? 0)
    }
    device = median(\.device)
    encode = median(\.encode)
    decode = median(\.decode)
    server = median(\.server)
  }

  /// The medians over repetitions, after two runs that are not counted.
  init(
    mediansOf system: any SplitSystem, _ pixels: Tensor<Float>, repetitions: Int = 20
  ) throws {
    for _ in 0..<2 { _ = try SystemTimes(system, pixels) }
    self.init(
      mediansOf: try (0..<repetitions).map { _ in try SystemTimes(system, pixels) })
  }

  /// The mean latency of images of which a share is sent; the device answers the others itself and waits
  /// for nothing.
  ///
  /// - Parameters:
  ///   - sentBytes: the mean of the bytes of those that are sent.
  ///   - answerBytes: what is sent back for one of them.
  func latency(
    over link: Link, sentShare: Double, sentBytes: Double, answerBytes: Int
  ) -> Latency {
    let model = LatencyModel(link: link)
    let sent = model.latency(
      device: device + encode, uplinkBytes: Int(sentBytes.rounded()),
      downlinkBytes: answerBytes, server: decode + server)
    return Latency(device: model.onDevice(device)).mixed(with: sent, share: sentShare)
  }
}
