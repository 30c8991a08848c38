internal import Codecs
internal import Datasets
internal import Metrics
internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// The search for a cut and a setting: the fewest bytes whose accuracy is good enough, under the
/// caps.
///
/// Source: SLICER, https://arxiv.org/abs/2511.11608, "SLICER-Search".
/// For each cut, settings are ordered by the bytes of some images; from the smallest on, each is
/// tried until too many images are wrong for it to be good enough, or it is. The first that is good
/// enough is the cut's, and the smallest of all cuts the choice.
struct SLICERSearch {
  let configuration: SLICERConfiguration
  let images: ImageDataset
  let inputTransform: InputTransform
  let link: Link
  let temporaryDirectory: String
  let observer: any TrainingObserver

  /// How many images the order of settings is found by.
  private static let orderingImages = 64
  /// How many images are tried at once.
  private static let batchSize = 100

  /// Latents of a cut and what takes them.
  private struct Cut {
    let name: String
    let head: Head
    let tail: LocalTail
    let latents: FeatureStore
    let originalCorrect: Int
  }

  private struct Candidate {
    let codec: SLICERCodec
    let tolerance: Double
    var bytes: Double
  }

  /// Finds the best setting of the best cut.
  ///
  /// - Throws: ``SLICERError/noCut(known:)``, or what reading images or the link throws.
  func run(_ network: Network, cuts: [String]) throws -> SLICERChoice {
    var best: SLICERChoice?
    var fallback: SLICERChoice?
    for (index, name) in cuts.enumerated() {
      observer.progressed("searching", unit: "cuts", done: index, of: cuts.count)
      let (head, tail) = try network.cut(at: name)
      guard let cut = try open(name, head, tail) else { continue }
      let found = try search(cut, below: best?.meanBytes ?? .infinity)
      if let fit = found.fit, fit.meanBytes < best?.meanBytes ?? .infinity { best = fit }
      if let last = found.last, last.accuracy > fallback?.accuracy ?? -1 { fallback = last }
    }
    observer.progressed("searching", unit: "cuts", done: cuts.count, of: cuts.count)
    if let best { return best }
    guard let fallback else { throw SLICERError.noCut(known: cuts) }
    observer.noted(
      "no setting of slicer keeps the accuracy within \(configuration.accuracyDrop) of the original "
        + "\(fallback.originalAccuracy); the closest that was tried reaches \(fallback.accuracy)")
    return fallback
  }

  /// The latents of a cut; nil if its head is above a cap.
  private func open(_ name: String, _ headPart: Network, _ tailPart: Network) throws -> Cut? {
    let head = Head(headPart)
    let cost = head.network.cost
    guard cost.parameterBytes <= configuration.deviceMemory?.bytes ?? .max,
      cost.macs <= configuration.deviceMACs ?? .max
    else { return nil }
    let tail = LocalTail(tailPart)
    if let cap = configuration.latency {
      // Without a byte on the link it would already take too long.
      guard try latency(head, tail, codec: nil, bytes: 0).total <= cap else { return nil }
    }
    let latents = try FeatureStore(
      head, dataset: images, transform: inputTransform, batchSize: 256,
      memoryLimit: 1 << 30, directory: temporaryDirectory)
    var correct = 0
    for range in ranges() {
      correct += try right(tail, latents.latents(of: Array(range)), range)
    }
    return Cut(
      name: name, head: head, tail: tail, latents: latents, originalCorrect: correct)
  }

  private func ranges() -> [Range<Int>] {
    stride(from: 0, to: images.count, by: SLICERSearch.batchSize).map {
      $0..<min($0 + SLICERSearch.batchSize, images.count)
    }
  }

  private func right(
    _ tail: LocalTail, _ latents: Tensor<Float>, _ range: Range<Int>
  ) throws -> Int {
    var counts = ClassificationCounts(classCount: tail.classCount)
    counts.accumulate(
      logits: try tail.forward(latents), labels: images.labels(at: Array(range)))
    return Int((counts.accuracy ?? 0) * Double(range.count) + 0.5)
  }

  /// The smallest setting of a cut that is good enough, and the last that was tried to its end.
  private func search(
    _ cut: Cut, below limit: Double
  ) throws -> (fit: SLICERChoice?, last: SLICERChoice?) {
    let sample = try cut.latents.latents(
      of: images.sampleIndices(SLICERSearch.orderingImages, seed: 0))
    var candidates: [Candidate] = []
    for keep in configuration.keep {
      for blocks in configuration.blocks {
        for tolerance in configuration.tolerance {
          let codec = SLICERCodec(
            keep: keep, blocks: blocks, tolerance: Float(tolerance), bound: configuration.bound,
            asymmetry: Float(configuration.asymmetry), reading: configuration.reading)
          let bytes = try codec.transmitted(sample).bytes
          candidates.append(
            Candidate(
              codec: codec, tolerance: tolerance,
              bytes: Double(bytes.reduce(0, +)) / Double(bytes.count)))
        }
      }
    }
    candidates.sort { $0.bytes < $1.bytes }
    let allowed = Int((configuration.accuracyDrop * Double(images.count)).rounded(.down))
    let needed = cut.originalCorrect - allowed
    var last: SLICERChoice?
    for (index, candidate) in candidates.enumerated() where candidate.bytes < limit {
      let isLast = index == candidates.count - 1
      guard
        let choice = try measure(cut, candidate, needed: isLast ? 0 : needed)
      else { continue }
      last = choice
      guard choice.accuracy * Double(images.count) + 0.5 >= Double(needed) else { continue }
      if let cap = configuration.latency {
        let time = try latency(
          cut.head, cut.tail, codec: candidate.codec, bytes: Int(choice.meanBytes.rounded(.up)))
        guard time.total <= cap else { continue }
      }
      return (choice, choice)
    }
    return (nil, last)
  }

  /// What a setting comes to; nil as soon as too many images are wrong.
  private func measure(_ cut: Cut, _ candidate: Candidate, needed: Int) throws -> SLICERChoice? {
    var correct = 0
    var bytes = 0
    for range in ranges() {
      let (received, sizes) = try candidate.codec.transmitted(
        cut.latents.latents(of: Array(range)))
      correct += try right(cut.tail, received, range)
      bytes += sizes.reduce(0, +)
      guard correct + images.count - range.upperBound >= needed else { return nil }
    }
    let count = Double(images.count)
    return SLICERChoice(
      cut: cut.name, keep: candidate.codec.keep, blocks: candidate.codec.blocks,
      tolerance: candidate.tolerance, meanBytes: Double(bytes) / count,
      accuracy: Double(correct) / count,
      originalAccuracy: Double(cut.originalCorrect) / count, images: images.count)
  }

  /// The time of one image: what runs is timed here, the link is modelled.
  private func latency(
    _ head: Head, _ tail: LocalTail, codec: SLICERCodec?, bytes: Int
  ) throws -> Latency {
    let image = try inputTransform(images.pixels(at: [0]))
    let latent = head(image)
    let device = try PartTiming.median {
      let latent = head(image)
      _ = try codec?.stream(latent)
    }
    let stream = try codec?.stream(latent)
    let server = try PartTiming.median {
      let received = try stream.map { try LatentStream($0).latent() } ?? latent
      _ = try tail.forward(received)
    }
    return LatencyModel(link: link).latency(
      device: device, uplinkBytes: bytes,
      downlinkBytes: tail.classCount * MemoryLayout<Float>.stride, server: server)
  }
}
