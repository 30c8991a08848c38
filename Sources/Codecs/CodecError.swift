public import Tensors

/// Why a latent cannot be encoded, or a stream not decoded.
public enum CodecError: Error, Equatable, CustomStringConvertible {
  /// The latent holds a NaN or an infinity, at an index in row-major order.
  case notFinite(index: Int, value: NonFinite)
  /// The latent holds a value farther from the codec's centre than it can say.
  case outOfRange(index: Int, value: Float, most: Float)
  /// The stream ends before it is whole.
  case truncated(needed: String)
  /// The stream does not begin as one of latents does.
  case notAStream
  /// The stream was written by a later version.
  case version(found: Int, newest: Int)
  /// The stream's checksum does not fit its bytes.
  case checksum
  /// No codec has the number the stream names.
  case unknownCodec(Int)
  /// No table has the number the stream names.
  case unknownTable(Int, known: [Int])
  /// The shape is larger than the caller allows.
  case tooLarge(elements: Int, most: Int)
  /// A part of the stream says what cannot be.
  case damaged(String)
  /// The latent has another shape than the codec's tables were made for.
  case shape(expected: Shape, found: Shape)

  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .notFinite(let index, let value):
      "element \(index) of the latent is \(value.rawValue), which only fp32 and fp16 can hold"
    case .outOfRange(let index, let value, let most):
      "element \(index) of the latent is \(value), beyond the \(most) from its centre that the "
        + "codec can say; fp32 holds any value"
    case .truncated(let needed): "the stream ends before \(needed)"
    case .notAStream: "these are not the bytes of a latent: they do not begin with CLVL"
    case .version(let found, let newest):
      "the stream is of version \(found), this reads up to \(newest)"
    case .checksum: "the stream is damaged: its checksum does not fit"
    case .unknownCodec(let number): "no codec has the number \(number)"
    case .unknownTable(let number, let known):
      "the stream was made with table \(number), which is not at hand; known: "
        + (known.isEmpty ? "none" : known.map(String.init).joined(separator: ", "))
    case .tooLarge(let elements, let most):
      "the stream claims \(elements) values, allowed are \(most)"
    case .damaged(let what): "the stream is damaged: \(what)"
    case .shape(let expected, let found):
      "the tables are for latents of \(expected), found \(found)"
    }
  }
}

/// A floating-point number that stands for no real one.
public enum NonFinite: String, Hashable, Sendable {
  /// No number.
  case nan = "NaN"
  /// Larger than any number.
  case infinity
  /// Smaller than any number.
  case negativeInfinity = "-infinity"

  /// The kind of a number; nil for a finite one.
  public init?(_ value: Float) {
    guard !value.isFinite else { return nil }
    self = value.isNaN ? .nan : value > 0 ? .infinity : .negativeInfinity
  }
}

extension CodecError {
  /// Refuses values of which one is a NaN or an infinity.
  static func checkFinite(_ values: [Float]) throws(CodecError) {
    for (index, value) in values.enumerated() {
      if let odd = NonFinite(value) { throw .notFinite(index: index, value: odd) }
    }
  }
}
