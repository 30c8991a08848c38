public import Codecs
internal import Foundation
public import Serving
public import Splitting
public import Tensors
public import Training

/// The device's side of a split network at work: images in, bytes sent, answers timed.
public struct Offload {
  /// What is measured, one image at a time.
  public struct Report: Codable, Sendable {
    /// A part of the latency, over all images.
    public struct Times: Codable, Sendable {
      /// The median.
      public let median: TimeSpan
      /// What 95 % of the images do not exceed.
      public let p95: TimeSpan
      /// What 99 % of them do not exceed.
      public let p99: TimeSpan
      /// The mean.
      public let mean: TimeSpan

      init(_ seconds: [Double]) {
        let percentiles = Percentiles(seconds)
        median = .seconds(percentiles?.p50 ?? 0)
        p95 = .seconds(percentiles?[95] ?? 0)
        p99 = .seconds(percentiles?.p99 ?? 0)
        mean = .seconds(seconds.reduce(0, +) / Double(max(1, seconds.count)))
      }
    }

    /// Number of images that were answered.
    public let images: Int
    /// How they were drawn, if there were more.
    public internal(set) var drawn: String?
    /// How many of them were answered right, where the truth is known.
    public let accuracy: Double?
    /// Bytes sent for an image, on average, without the overhead of the protocol.
    public let uplinkBytes: Double
    /// The share of the images that were sent; the device answered the others itself.
    public let sentShare: Double
    /// What is sent back.
    public let downlinkBytes: Int
    /// From pixels to bytes.
    public let device: Times
    /// From sending to the answer, without the time the server had it.
    public let link: Times
    /// The time the server had it.
    public let server: Times
    /// From pixels to the answer.
    public let total: Times
    /// What an image costs the device: the measured times with the model's powers, sending for as long as
    /// the link's rate says.
    public let energy: Energy
    /// What the model says of the link with these bytes and the measured times of device and server.
    public let predicted: Latency
    /// What the model says that an image costs the device.
    public let predictedEnergy: Energy

    private enum CodingKeys: String, CodingKey {
      case images, drawn, accuracy, device, link, server, total, energy, predicted
      case uplinkBytes = "uplink_bytes"
      case sentShare = "sent_share"
      case downlinkBytes = "downlink_bytes"
      case predictedEnergy = "predicted_energy"
    }
  }

  private let system: any SplitSystem
  private let tail: any TimedTail
  private let tables: String?
  private let model: LatencyModel
  private let energy: EnergyModel

  /// Creates the device's side.
  ///
  /// - Parameters:
  ///   - system: whose latents and bytes are sent.
  ///   - tables: what its streams were written with.
  ///   - tail: who answers.
  ///   - link: what the model knows of the link.
  ///   - energy: the powers of the device.
  /// - Throws: what keeps the tail from taking the tables.
  public init(
    _ system: any SplitSystem, tables: CodecTables = .none, to tail: any TimedTail, link: Link,
    energy: EnergyModel = EnergyModel()
  ) throws {
    self.system = system
    self.tail = tail
    model = LatencyModel(link: link)
    self.energy = energy
    let bytes = tables.byNumber.mapValues(\.bytes)
    self.tables = bytes.isEmpty ? nil : try tail.share(bytes)
  }

  /// Sends images, one after the other.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - warmUp: how many of the first are sent once more before anything is counted.
  ///   - image: the pixels of an image, `[1, height, width, channels]`, and its class if that is known.
  ///   - answered: told the number of every image, its logits and what was sent.
  /// - Throws: what keeps an image from being taken or answered.
  public func run(
    _ count: Int, warmUp: Int = 3,
    image: (Int) throws -> (pixels: Tensor<Float>, label: Int?),
    answered: (_ image: Int, _ logits: [Float], _ bytes: Int) -> Void = { _, _, _ in }
  ) throws -> Report {
    for index in 0..<min(warmUp, count) { _ = try send(image(index).pixels) }
    var times: (device: [Double], link: [Double], server: [Double], total: [Double]) = (
      [], [], [], []
    )
    var bytes = 0
    var sentCount = 0
    var right = 0
    var known = 0
    for index in 0..<count {
      let (pixels, label) = try image(index)
      let sent = try send(pixels)
      try NonFiniteAnswer.check(
        Tensor([1, sent.logits.count], sent.logits), samples: [index], of: "the images sent")
      times.device.append(sent.device)
      times.server.append(sent.server)
      times.link.append(max(0, sent.total - sent.device - sent.server))
      times.total.append(sent.total)
      bytes += sent.bytes
      sentCount += sent.isSent ? 1 : 0
      if let label {
        known += 1
        if sent.logits.indexOfLargest == label { right += 1 }
      }
      answered(index, sent.logits, sent.bytes)
    }
    let device = Report.Times(times.device)
    let server = Report.Times(times.server)
    let total = Report.Times(times.total)
    let up = Double(bytes) / Double(max(1, count))
    let down = 4 * tail.classCount
    let share = Double(sentCount) / Double(max(1, count))
    let rest = max(0, total.median.seconds - device.median.seconds)
    // What the device answers itself waits for nothing.
    let predicted = Latency(device: model.onDevice(device.median)).mixed(
      with: model.latency(
        device: device.median,
        uplinkBytes: Int((Double(bytes) / Double(max(1, sentCount))).rounded()),
        downlinkBytes: down, server: server.median), share: share)
    let sending = min(predicted.uplink.seconds, rest)
    return Report(
      images: count, accuracy: known > 0 ? Double(right) / Double(known) : nil, uplinkBytes: up,
      sentShare: share,
      downlinkBytes: down, device: device, link: Report.Times(times.link), server: server,
      total: total,
      energy: energy.energy(
        of: Latency(
          device: device.median, uplink: .seconds(sending), roundTrip: .seconds(rest - sending))),
      predicted: predicted, predictedEnergy: energy.energy(of: predicted))
  }

  private func send(
    _ pixels: Tensor<Float>
  ) throws -> (
    logits: [Float], bytes: Int, isSent: Bool, device: Double, server: Double, total: Double
  ) {
    let start = ContinuousClock.now
    let computed = try system.latent(pixels)
    if let own = try system.deviceAnswers(computed)?.first {
      let time = (ContinuousClock.now - start) / .seconds(1)
      return (own.scalars, 0, false, time, 0, time)
    }
    let stream = try system.encode(computed)
    let encoded = ContinuousClock.now
    let answer = try tail.answer(.streams([stream], tables: tables))
    let total = (ContinuousClock.now - start) / .seconds(1)
    return (
      answer.logits.scalars, stream.count, true, (encoded - start) / .seconds(1),
      answer.served.seconds,
      total
    )
  }
}
