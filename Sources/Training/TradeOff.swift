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
    _ seeds: [any SplitSystem], _ passes: [Pass], _ times: SystemTimes, reference: [TaskResult]
  ) -> TradeOffReport.System {
    let system = seeds[0]
    let traffic = Traffic(passes.flatMap(\.traffic.messages))
    let bytes = TradeOffReport.SampleBytes(traffic.bytes)
    let qualities = tasks.tasks.indices.map { index in
      TradeOffReport.Quality(
        passes.map { $0.results[index] }, reference: reference[index])
    }
    let sizes = seeds.map(\.encoderBytes)
    let encoderBytes = Int((Double(sizes.reduce(0, +)) / Double(max(1, sizes.count))).rounded())
    let sentShare = traffic.sentShare ?? 0
    return TradeOffReport.System(
      name: system.name, family: system.family, seeds: seeds.count, encoderBytes: encoderBytes,
      deviceMACs: Int((traffic.deviceMACs ?? 0).rounded()),
      serverMACs: Int((traffic.serverMACs ?? 0).rounded()), bytes: bytes,
      estimatedBytes: traffic.expectedBytes, qualities: qualities, sentShare: sentShare,
      encoderTimesData: Double(encoderBytes) / 1024 * bytes.mean / 1024,
      deviceTime: times.device, encodeTime: times.encode, decodeTime: times.decode,
      serverTime: times.server,
      links: links.map { link in
        let latency = times.latency(
          over: link.link, sentShare: sentShare, sentBytes: traffic.sentBytes ?? 0,
          answerBytes: system.answerBytes)
        return TradeOffReport.LinkCost(
          link: link.name, latency: latency, total: latency.total,
          deviceEnergy: energy.energy(of: latency))
      })
  }

  /// What a pass over all images found.
  private struct Pass {
    let traffic: Traffic
    let results: [TaskResult]
  }

  private func pass(
    _ system: any SplitSystem, _ observer: (any TrainingObserver)?
  ) throws -> Pass {
    var measures = tasks.measures()
    let annotations = try tasks.annotations(of: dataset)
    let traffic = try SystemRun(dataset)(
      [system], task: "measuring \(system.name)", observer: observer
    ) { _, batch in
      for answer in batch.answers {
        try NonFiniteAnswer.check(answer, samples: batch.samples, of: dataset.name)
      }
      measures.add(batch.answers, annotations.targets(samples: batch.samples))
    }
    return Pass(traffic: traffic[0], results: measures.results)
  }

  // MARK: - Time

  /// Medians over images of one thread's times.
  ///
  /// Systems take turns with every image, so that whatever else the machine does meets all of them
  /// alike; each is run once before it is timed, as one that does nothing else would be.
  private func times(
    of systems: [any SplitSystem], _ observer: (any TrainingObserver)?
  ) throws -> [SystemTimes] {
    try ThreadPool.$current.withValue(ThreadPool(threadCount: 1)) {
      var samples = [[SystemTimes]](repeating: [], count: systems.count)
      for (index, sample) in dataset.sampleIndices(timedSamples, seed: 0).enumerated() {
        let pixels = try dataset.pixels(at: [sample])
        for (row, system) in systems.enumerated() {
          _ = try SystemTimes(system, pixels)
          samples[row].append(try SystemTimes(system, pixels))
        }
        observer?.progressed("timing", unit: "images", done: index + 1, of: timedSamples)
      }
      return samples.map(SystemTimes.init(mediansOf:))
    }
  }
}
