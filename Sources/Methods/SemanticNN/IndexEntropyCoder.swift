internal import Codecs
internal import Tensors

/// Entropy coding of a codec's indices with the frequencies they have on training images, a table for
/// each channel: fewer bits, of which a single wrong one makes the rest unreadable.
struct IndexEntropyCoder {
  private let codec: FactorizedCodec
  private let shape: Shape
  private let ranks: [UInt8]

  /// What a symbol that was never seen counts.
  private static let unseen = 0.5

  /// Counts indices.
  ///
  /// - Parameters:
  ///   - features: of training images.
  ///   - channels: of the latent.
  /// - Throws: `CodecError` if a feature is not finite.
  init(
    _ codec: SemanticCodec, _ features: Tensor<Float>, channels: Int
  ) throws(CodecError) {
    shape = codec.latentShape
    let levels = codec.quantizer.centers.count
    var counts = [[Double]](
      repeating: [Double](repeating: IndexEntropyCoder.unseen, count: levels), count: channels)
    // Neighbours in value are neighbours in number, whatever bits they are sent as.
    ranks = codec.quantizer.ranks
    for (index, code) in try codec.codes(features).enumerated() {
      counts[index % channels][Int(ranks[Int(code)])] += 1
    }
    let tables = FactorizedTables(
      counts.map { counts in
        let sum = counts.reduce(0, +)
        return FactorizedTables.Channel(
          median: 0, lowest: 0, probabilities: counts.map { $0 / sum })
      })
    self.codec = FactorizedCodec(tables, tableNumber: 0)
  }

  /// Bytes of the stream of a message, which has a checksum.
  ///
  /// - Throws: `CodecError`.
  func byteCount(_ codes: ArraySlice<UInt8>) throws -> Int {
    try codec.stream(Tensor(shape, codes.map { Float(ranks[Int($0)]) })).count
  }
}
