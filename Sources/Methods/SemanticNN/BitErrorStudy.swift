internal import Codecs
internal import Metrics
internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// Systems before a tail over a range of bit error rates, each drawn several times.
struct BitErrorStudy {
  let store: FeatureStore
  let labels: [Int32]
  /// Classes of the user, whose images accuracies are of; all if nil.
  let userClasses: [Int]?
  let tail: any Tail
  let rates: [Double]
  let draws: Int
  let burstLength: Double
  let seed: UInt64
  let observer: any TrainingObserver

  private static let batchSize = 250

  /// Samples in order, so many at once.
  static func batches(of count: Int) -> [[Int]] {
    stride(from: 0, to: count, by: batchSize).map { Array($0..<min($0 + batchSize, count)) }
  }

  /// The trained codec.
  func points(_ codec: SemanticCodec) throws -> [BitErrorReport.Point] {
    try points { samples, channel, random in
      let received = try codec.transmit(
        try store.latents(of: samples), over: channel, using: &random)
      return (try tail.forward(received), 0)
    }
  }

  /// The features themselves as the indices of a quantiser.
  func points(_ quantizer: CenterQuantizer) throws -> [BitErrorReport.Point] {
    try points { samples, channel, random in
      let features = try store.latents(of: samples)
      var codes = try quantizer.codes(of: features)
      codes.withUnsafeMutableBufferPointer {
        IndexErrors(channel).corrupt($0, bits: quantizer.bits, using: &random)
      }
      return (try tail.forward(quantizer.values(of: codes, shape: features.shape)), 0)
    }
  }

  /// Streams that a checksum guards: what a bit error hits is lost, nothing is sent again, and the tail is
  /// given features of zeros.
  ///
  /// - Parameters:
  ///   - streams: the bytes of each sample's stream.
  ///   - logits: of each sample whose stream arrives.
  func points(
    checkedStreams streams: [Int], logits: Tensor<Float>
  ) throws -> [BitErrorReport.Point] {
    let blank = try tail.forward(
      Tensor(tail.latentShape.prepending(1), repeating: 0)
    ).scalars
    let whole = logits.scalars
    return try points { samples, channel, random in
      var lost = 0
      let answers = samples.flatMap { sample in
        var isHit = false
        channel.forEachError(in: 8 * streams[sample], using: &random) { _ in isHit = true }
        lost += isHit ? 1 : 0
        return isHit ? blank : Array(whole[sample * blank.count..<(sample + 1) * blank.count])
      }
      return (Tensor([samples.count, blank.count], answers), lost)
    }
  }

  private func points(
    _ answer: ([Int], BitErrors, inout RandomSource) throws -> (
      logits: Tensor<Float>, lost: Int
    )
  ) throws -> [BitErrorReport.Point] {
    try rates.enumerated().map { place, rate in
      observer.progressed("evaluating", unit: "bit error rates", done: place, of: rates.count)
      let channel = BitErrors(rate: rate, burstLength: burstLength)
      var lost = 0
      // A channel without errors is the same in every draw.
      let accuracies = try (0..<(rate == 0 ? 1 : draws)).map { draw in
        var counts = ClassificationCounts(classCount: tail.classCount)
        for (index, samples) in BitErrorStudy.batches(of: store.count).enumerated() {
          var random = RandomSource(
            seed: seed, purpose: "test channel \(place) \(draw)", index: index)
          let (logits, missing) = try answer(samples, channel, &random)
          lost += missing
          counts.accumulate(logits: logits, labels: samples.map { labels[$0] })
        }
        return counts.accuracy(of: userClasses ?? Array(0..<tail.classCount)) ?? 0
      }
      return BitErrorReport.Point(
        rate: rate, accuracies: accuracies,
        lost: Double(lost) / Double(max(1, accuracies.count * store.count)))
    }
  }

  /// The logits of every sample over a channel without errors.
  func logits(_ codec: SemanticCodec) throws -> Tensor<Float> {
    var logits: [Float] = []
    for samples in BitErrorStudy.batches(of: store.count) {
      let codes = try codec.codes(store.latents(of: samples))
      logits += try tail.forward(codec.features(codes, count: samples.count, rate: 0)).scalars
    }
    return Tensor([store.count, tail.classCount], logits)
  }

  /// The bytes of each sample's indices, entropy-coded.
  func streamBytes(_ codec: SemanticCodec, _ coder: IndexEntropyCoder) throws -> [Int] {
    try BitErrorStudy.batches(of: store.count).flatMap { samples in
      let codes = try codec.codes(store.latents(of: samples))
      return try samples.indices.map {
        try coder.byteCount(codes[$0 * codec.count..<($0 + 1) * codec.count])
      }
    }
  }
}
