public import Tensors

/// What a noisy channel does to indices of a fixed number of bits.
public struct IndexErrors: Hashable, Sendable {
  /// What an error hits.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// Bits, each turned over.
    case bits
    /// Whole indices, each replaced by any other with the same chance; as often as a bit of it would be
    /// hit.
    case symbols
  }

  /// The channel.
  public let channel: BitErrors
  /// What an error hits.
  public let kind: Kind

  /// Creates the errors of a channel.
  public init(_ channel: BitErrors, kind: Kind = .bits) {
    self.channel = channel
    self.kind = kind
  }

  /// Damages indices, each of `bits` bits, the lowest sent first.
  public func corrupt(
    _ indices: UnsafeMutableBufferPointer<UInt8>, bits: Int, using source: inout RandomSource
  ) {
    switch kind {
    case .bits:
      channel.forEachError(in: indices.count * bits, using: &source) { place in
        indices[place / bits] ^= 1 << UInt8(place % bits)
      }
    case .symbols:
      var replaced = -1
      var hits: [Int] = []
      channel.forEachError(in: indices.count * bits, using: &source) { place in
        if place / bits != replaced { hits.append(place / bits) }
        replaced = place / bits
      }
      for index in hits {
        indices[index] ^= UInt8(1 + source.index(below: 1 << bits - 1))
      }
    }
  }
}
