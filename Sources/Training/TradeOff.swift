public import Datasets
public import Splitting
public import Tasks
internal import Tensors

/// Measures split systems on test images: what they send, how often they are right, how long they
/// take.
///
/// Every image goes through the bytes: it is encoded, and what is decoded is classified.
public struct TradeOff {
  /// The images.
  public let dataset: ImageDataset
  /// What the systems answer.
  public let tasks: TaskSet
  /// The links that latency and energy are computed for.
  public let links: [TradeOffReport.NamedLink]
  /// The powers of the device.
  public let energy: EnergyModel
  /// How many images times are medians of, at most.
  public let timedSamples: Int

  /// Images whose latents are classified together.
  private let batchSize = 64

  /// Creates a measurement.
  ///
  /// - Parameter tasks: what the systems answer; the class of an image unless given.
  /// - Precondition: there is an image, and at least one is timed.
  public init(
    dataset: ImageDataset, tasks: TaskSet? = nil, links: [TradeOffReport.NamedLink],
    energy: EnergyModel, timedSamples: Int = 64
  ) {
    precondition(dataset.count > 0 && timedSamples > 0, "TradeOff: no images")
    self.dataset = dataset
    self.tasks = tasks ?? .classification(of: dataset)
    self.links = links
    self.energy = energy
    self.timedSamples = min(timedSamples, dataset.count)
  }

  /// Measures systems.
  ///
  /// - Parameters:
  ///   - reference: the uncompressed network, which accuracies are compared with.
  ///   - entries: the systems; those of one entry are the same with other seeds, and become one row
  ///     of the report under the first one's name.
  ///   - observer: told how far it is.
  /// - Throws: `DatasetError`, or what a system throws.
  /// - Precondition: no entry is empty.
  public func report(
    reference: any SplitSystem, _ entries: [[any SplitSystem]], observer: (any TrainingObserver)?
  ) throws -> TradeOffReport {
    let rows = [[reference]] + entries
    let passes = try rows.map { row in try row.map { try pass($0, observer) } }
    let times = try times(of: rows.map { $0[0] }, observer)
    let whole = passes[0][0].results
    return TradeOffReport(
      dataset: dataset.name, samples: dataset.count, timedSamples: timedSamples, timingThreads: 1,
      reference: reference.name, links: links,
      systems: rows.indices.map {
        system(rows[$0], passes[$0], times[$0], reference: whole)
      })
  }

  // MARK: - One system

  private func system(
    _ seeds: [any SplitSystem], _ passes: [Pass], _ times: Times, reference: [TaskResult]
  ) -> TradeOffReport.System {
    let system = seeds[0]
    let bytes = TradeOffReport.SampleBytes(passes.flatMap(\.bytes))
    let qualities = tasks.tasks.indices.map { index in
      TradeOffReport.Quality(
        passes.map { $0.results[index] }, reference: reference[index])
    }
    let expected = passes.flatMap(\.expectedBytes)
    let encoderBytes = seeds.map(\.encoderBytes).max() ?? 0
    // What the device answers itself waits for no link and no server.
    let images = passes.reduce(0) { $0 + $1.bytes.count }
    let sentShare =
      system.isSplit
      ? 1 - Double(passes.reduce(0) { $0 + $1.keptCount }) / Double(max(images, 1)) : 0
    let sentBytes = sentShare > 0 ? bytes.mean / sentShare : 0
    return TradeOffReport.System(
      name: system.name, family: system.family, seeds: seeds.count, encoderBytes: encoderBytes,
      deviceMACs: system.deviceMACs, serverMACs: system.serverMACs, bytes: bytes,
      estimatedBytes: expected.isEmpty
        ? nil : expected.reduce(0, +) / Double(expected.count),
      qualities: qualities, sentShare: sentShare,
      encoderTimesData: Double(encoderBytes) / 1024 * bytes.mean / 1024,
      deviceTime: times.device, encodeTime: times.encode, decodeTime: times.decode,
      serverTime: times.server,
      links: links.map { link in
        let model = LatencyModel(link: link.link)
        let sent = model.latency(
          device: times.device + times.encode, uplinkBytes: Int(sentBytes.rounded()),
          downlinkBytes: system.answerBytes, server: times.decode + times.server)
        let latency = Latency(device: model.onDevice(times.device)).mixed(
          with: sent, share: sentShare)
        return TradeOffReport.LinkCost(
          link: link.name, latency: latency, total: latency.total,
          deviceEnergy: energy.energy(of: latency))
      })
  }

  /// What a pass over all images found.
  private struct Pass {
    var bytes: [Int] = []
    /// Images that the device has answered itself.
    var keptCount = 0
    var expectedBytes: [Double] = []
    var results: [TaskResult] = []
  }

  private func pass(
    _ system: any SplitSystem, _ observer: (any TrainingObserver)?
  ) throws -> Pass {
    var pass = Pass()
    var measures = tasks.measures()
    let annotations = try tasks.annotations(of: dataset)
    for start in stride(from: 0, to: dataset.count, by: batchSize) {
      let indices = Array(start..<min(start + batchSize, dataset.count))
      let pixels = try dataset.pixels(at: indices)
      let answered = try system.answer(pixels)
      for answer in answered.outputs {
        try NonFiniteAnswer.check(answer, samples: indices, of: dataset.name)
      }
      measures.add(answered.outputs, annotations.targets(samples: indices))
      pass.bytes += answered.bytes
      pass.keptCount += answered.keptCount
      pass.expectedBytes += answered.expectedBytes
      observer?.progressed(
        "measuring \(system.name)", unit: "images", done: start + indices.count,
        of: dataset.count)
    }
    pass.results = measures.results
    return pass
  }

  // MARK: - Time

  /// Medians over images of one thread's times.
  ///
  /// Systems take turns with every image, so that whatever else the machine does meets all of them
  /// alike; each is run once before it is timed, as one that does nothing else would be.
  private func times(
    of systems: [any SplitSystem], _ observer: (any TrainingObserver)?
  ) throws -> [Times] {
    try ThreadPool.$current.withValue(ThreadPool(threadCount: 1)) {
      var samples = [[Times]](repeating: [], count: systems.count)
      for (index, sample) in dataset.sampleIndices(timedSamples, seed: 0).enumerated() {
        let pixels = try dataset.pixels(at: [sample])
        for (row, system) in systems.enumerated() {
          _ = try Times(system, pixels)
          samples[row].append(try Times(system, pixels))
        }
        observer?.progressed("timing", unit: "images", done: index + 1, of: timedSamples)
      }
      return samples.map(Times.init(mediansOf:))
    }
  }
}

/// How long the parts of a system take with an image.
private struct Times {
  let device: TimeSpan
  let encode: TimeSpan
  let decode: TimeSpan
  let server: TimeSpan

  /// Runs a system.
  init(_ system: any SplitSystem, _ pixels: Tensor<Float>) throws {
    let clock = ContinuousClock()
    let begin = clock.now
    let latent = try system.latent(pixels)
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
  init(mediansOf times: [Times]) {
    func median(_ part: (Times) -> TimeSpan) -> TimeSpan {
      .seconds(Percentiles(times.map { part($0).seconds })?.p50 ?? 0)
    }
    device = median(\.device)
    encode = median(\.encode)
    decode = median(\.decode)
    server = median(\.server)
  }
}
