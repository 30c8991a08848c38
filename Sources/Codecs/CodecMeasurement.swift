public import Tensors

/// What a codec makes of latents: bytes, time and error.
public struct CodecMeasurement: Codable, Sendable {
  /// The codec and its settings.
  public var codec: String
  /// Bytes of a latent's stream, everything included, on average.
  public var bytes: Double
  /// Bytes of the latent in single precision over those.
  public var ratio: Double
  /// Bits of the stream for each value.
  public var bitsPerValue: Double
  /// The mean of |x − x̂| over that of |x|.
  public var relativeError: Double
  /// Microseconds to encode a latent in one thread, the median over all.
  public var encodeMicroseconds: Double
  /// Microseconds to decode one.
  public var decodeMicroseconds: Double

  private enum CodingKeys: String, CodingKey {
    case codec, bytes, ratio
    case bitsPerValue = "bits_per_value"
    case relativeError = "relative_error"
    case encodeMicroseconds = "encode_microseconds"
    case decodeMicroseconds = "decode_microseconds"
  }

  /// Encodes and decodes every latent.
  ///
  /// - Parameters:
  ///   - name: what to call the codec.
  ///   - tables: what decoding needs.
  /// - Throws: ``CodecError`` if a latent cannot be encoded.
  /// - Precondition: there is a latent, and none is empty.
  public init(
    _ name: String, _ codec: any LatentCodec, tables: CodecTables = .none,
    on latents: [Tensor<Float>]
  ) throws(CodecError) {
    precondition(!latents.isEmpty && latents.allSatisfy { $0.count > 0 })
    let clock = ContinuousClock()
    var encodeTimes: [Double] = []
    var decodeTimes: [Double] = []
    var total = 0
    var lost = 0.0
    var all = 0.0
    for latent in latents {
      let start = clock.now
      let stream = try codec.stream(latent)
      let encoded = clock.now
      let decoded = try LatentStream(stream).latent(tables: tables)
      decodeTimes.append((clock.now - encoded) / .microseconds(1))
      encodeTimes.append((encoded - start) / .microseconds(1))
      total += stream.count
      for (value, found) in zip(latent.scalars, decoded.scalars) {
        lost += Double(abs(value - found))
        all += Double(abs(value))
      }
    }
    func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    let values = latents.reduce(0) { $0 + $1.count }
    self.codec = name
    bytes = Double(total) / Double(latents.count)
    ratio = Double(4 * values) / Double(total)
    bitsPerValue = 8 * Double(total) / Double(values)
    relativeError = all > 0 ? lost / all : 0
    encodeMicroseconds = median(encodeTimes)
    decodeMicroseconds = median(decodeTimes)
  }
}
