/// A code that adds bits to a message, by which some that were turned over on the way are put right.
///
/// Nothing is retransmitted. The bits of a codeword are sent far from each other, so that a short burst
/// hits many of them once instead of one many times.
public enum BitCode: String, Codable, CaseIterable, Sendable {
  /// No bits are added.
  case none
  /// Every bit is sent three times, and the majority holds.
  case repetition3 = "repetition_3"
  /// Four bits become seven, of which one may be wrong: Hamming 1950,
  /// https://doi.org/10.1002/j.1538-7305.1950.tb00463.x.
  case hamming74 = "hamming_7_4"

  /// The bits of a message in a codeword, and of the codeword.
  private var extent: (message: Int, codeword: Int) {
    switch self {
    case .none: (1, 1)
    case .repetition3: (1, 3)
    case .hamming74: (4, 7)
    }
  }

  /// What share of the bits that are sent are the message's.
  public var rate: Double { Double(extent.message) / Double(extent.codeword) }

  /// How many bytes a message of a length becomes.
  public func encodedByteCount(_ count: Int) -> Int {
    (codewords(count) * extent.codeword + 7) / 8
  }

  private func codewords(_ count: Int) -> Int {
    (8 * count + extent.message - 1) / extent.message
  }

  /// The message with what is added.
  ///
  /// Bit j of codeword i is sent at place `j · codewords + i`.
  public func encode(_ message: [UInt8]) -> [UInt8] {
    guard self != .none else { return message }
    let count = codewords(message.count)
    var sent = [UInt8](repeating: 0, count: encodedByteCount(message.count))
    for index in 0..<count {
      let word: UInt8
      switch self {
      case .none: return message
      case .repetition3: word = BitCode.bit(message, index) == 1 ? 0b111 : 0
      case .hamming74:
        word = BitCode.hammingWords[Int(message[index / 2] >> UInt8(index % 2 * 4) & 0xF)]
      }
      for place in 0..<extent.codeword where word >> UInt8(place) & 1 == 1 {
        let target = place * count + index
        sent[target / 8] |= 1 << UInt8(target % 8)
      }
    }
    return sent
  }

  /// The message that was most likely sent.
  ///
  /// - Parameters:
  ///   - received: ``encodedByteCount(_:)`` bytes.
  ///   - count: the bytes of the message.
  /// - Precondition: as many bytes as such a message becomes.
  public func decode(_ received: [UInt8], count: Int) -> [UInt8] {
    precondition(
      received.count == encodedByteCount(count),
      "BitCode: \(received.count) bytes for a message of \(count)")
    guard self != .none else { return received }
    let words = codewords(count)
    var message = [UInt8](repeating: 0, count: count)
    for index in 0..<words {
      var word: UInt8 = 0
      for place in 0..<extent.codeword {
        word |= BitCode.bit(received, place * words + index) << UInt8(place)
      }
      switch self {
      case .none: break
      case .repetition3:
        if word.nonzeroBitCount >= 2 { message[index / 8] |= 1 << UInt8(index % 8) }
      case .hamming74:
        message[index / 2] |= BitCode.hammingMessages[Int(word)] << UInt8(index % 2 * 4)
      }
    }
    return message
  }

  private static func bit(_ bytes: [UInt8], _ place: Int) -> UInt8 {
    bytes[place / 8] >> UInt8(place % 8) & 1
  }

  /// The codeword of four bits: places 1, 2 and 4, counted from 1, make the parity even of all places
  /// whose number has that bit.
  private static let hammingWords: [UInt8] = (0..<16).map { message in
    var word: UInt8 = 0
    for (index, place) in [3, 5, 6, 7].enumerated() where message >> index & 1 == 1 {
      word |= 1 << UInt8(place - 1)
    }
    for parity in [1, 2, 4] {
      let covered = (1...7).filter { $0 & parity != 0 && word >> UInt8($0 - 1) & 1 == 1 }
      if covered.count % 2 == 1 { word |= 1 << UInt8(parity - 1) }
    }
    return word
  }

  /// The message of the one codeword that differs in at most a bit: every word of seven bits has one.
  private static let hammingMessages: [UInt8] = (0..<128).map { word in
    let nearest = hammingWords.firstIndex { ($0 ^ UInt8(word)).nonzeroBitCount <= 1 }
    return UInt8(nearest ?? 0)
  }
}
