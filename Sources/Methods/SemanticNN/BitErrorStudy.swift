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
    try points { features, _, channel, random in
      (codec.transmit(features, over: channel, using: &random), 0)
    }
  }

  /// The features themselves as the indices of a quantiser.
  func points(_ quantizer: CenterQuantizer) throws -> [BitErrorReport.Point] {
    try points { features, _, channel, random in
      var codes = quantizer.codes(of: features)
      codes.withUnsafeMutableBufferPointer {
        IndexErrors(channel).corrupt($0, bits: quantizer.bits, using: &random)
      }
      return (quantizer.values(of: codes, shape: features.shape), 0)
    }
  }

  /// The codec's indices in streams that a checksum guards: what a bit error hits is lost, nothing is sent
  /// again, and the tail is given features of zeros.
  ///
  /// - Parameter streams: the bytes of each image's stream.
  func points(
    _ codec: SemanticCodec, checkedStreams streams: [Int]
  ) throws -> [BitErrorReport.Point] {
    try points { features, samples, channel, random in
      let whole = codec.features(codec.codes(features), count: samples.count, rate: 0)
      let isLost = samples.map { sample in
        var hits = 0
        channel.forEachError(in: 8 * streams[sample], using: &random) { _ in hits += 1 }
        return hits > 0
      }
      let length = whole.count / max(1, samples.count)
      let received = whole.withUnsafeBufferPointer { source in
        Tensor<Float>(whole.shape) { target in
          for index in 0..<source.count {
            target.initializeElement(at: index, to: isLost[index / length] ? 0 : source[index])
          }
        }
      }
      return (received, isLost.count { $0 })
    }
  }

  private func points(
    _ transmit: (Tensor<Float>, [Int], BitErrors, inout RandomSource) throws -> (
      received: Tensor<Float>, lost: Int
    )
  ) throws -> [BitErrorReport.Point] {
    try rates.enumerated().map { place, rate in
      observer.progressed("bit errors", unit: "rates", done: place, of: rates.count)
      let channel = BitErrors(rate: rate, burstLength: burstLength)
      var lost = 0
      // A channel without errors is the same in every draw.
      let accuracies = try (0..<(rate == 0 ? 1 : draws)).map { draw in
        var counts = ClassificationCounts(classCount: tail.classCount)
        for (index, samples) in BitErrorStudy.batches(of: store.count).enumerated() {
          var random = RandomSource(
            seed: seed, purpose: "test channel \(place) \(draw)", index: index)
          let (received, missing) = try transmit(
            store.latents(of: samples), samples, channel, &random)
          lost += missing
          counts.accumulate(
            logits: try tail.forward(received), labels: samples.map { labels[$0] })
        }
        return counts.accuracy ?? 0
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
      let codes = codec.codes(try store.latents(of: samples))
      logits += try tail.forward(codec.features(codes, count: samples.count, rate: 0)).scalars
    }
    return Tensor([store.count, tail.classCount], logits)
  }

  /// The bytes of each sample's indices, entropy-coded.
  func streamBytes(_ codec: SemanticCodec, _ coder: IndexEntropyCoder) throws -> [Int] {
    try BitErrorStudy.batches(of: store.count).flatMap { samples in
      let codes = codec.codes(try store.latents(of: samples))
      return try samples.indices.map {
        try coder.byteCount(codes[$0 * codec.count..<($0 + 1) * codec.count])
      }
    }
  }
}
