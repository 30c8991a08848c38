/// The chance of a binary decision, which follows what was decided before.
///
/// It begins as the estimator of Krichevsky and Trofimov, `p ← p + (bit − p) / (n + 2)`, and keeps
/// the weight of its latest 256 decisions. All of it is integers, so that every machine follows
/// alike.
struct AdaptiveBit {
  private static let mostSeen: UInt32 = 254

  /// The chance of true, of 65536.
  private(set) var chance: UInt32
  private var seen: UInt32

  /// Begins with a chance that counts as much as some decisions.
  init(chance: Double = 0.5, weight: UInt32 = 0) {
    self.chance = UInt32(min(max(chance * 65536, 64), 65536 - 64))
    seen = weight
  }

  /// The chance of true as a coder takes it, above 0 and below 2¹².
  var frequency: UInt32 { min(max(chance >> 4, 1), (1 << AdaptiveRANS.precision) - 1) }

  /// Takes a decision into account.
  mutating func follow(_ bit: Bool) {
    // A chance stays below 65536 and a rate at most 32768: their product has a place.
    let rate = 65536 / (seen &+ 2)
    if bit {
      chance &+= ((65535 &- chance) &* rate) >> 16
    } else {
      chance &-= (chance &* rate) >> 16
    }
    if seen < AdaptiveBit.mostSeen { seen &+= 1 }
  }
}

/// Writes or reads binary decisions: what models them is the same code for both.
protocol BinaryCoder {
  /// Whether the decisions are there, or come from a stream.
  static var writes: Bool { get }

  /// Whether a stream has ended before its decisions have.
  var isExhausted: Bool { get }

  /// Codes a decision and lets its chance follow.
  ///
  /// - Parameter bit: the decision; a reader does not look at it.
  /// - Returns: the decision.
  mutating func code(_ bit: Bool, _ chance: inout AdaptiveBit) -> Bool
}

extension BinaryCoder {
  /// Codes a number of some bits, the highest first, each with a chance of its own for the bits
  /// before it.
  ///
  /// - Parameter chances: at least 2^bits from `start` on.
  mutating func code(
    _ value: Int, bits: Int, _ chances: UnsafeMutableBufferPointer<AdaptiveBit>, from start: Int
  ) -> Int {
    var node = 1
    var shift = bits
    while shift > 0 {
      shift &-= 1
      let bit = code(value >> shift & 1 == 1, &chances[start &+ node])
      node = node << 1 | (bit ? 1 : 0)
    }
    return node - 1 << bits
  }
}

/// Entropy coding of decisions whose chances adapt: an encoder notes all of them, since the last is
/// coded first.
enum AdaptiveRANS {
  /// The bits of the sum of both frequencies.
  static let precision: UInt32 = 12

  /// The state an encoder begins with, and a decoder must end with.
  private static let lowestState: UInt32 = 1 << 16

  /// Notes decisions.
  struct Writer: BinaryCoder {
    static let writes = true

    /// A frequency and, in the lowest bit, the decision.
    private var decisions: [UInt32] = []

    var isExhausted: Bool { false }

    mutating func code(_ bit: Bool, _ chance: inout AdaptiveBit) -> Bool {
      decisions.append(chance.frequency << 1 | (bit ? 1 : 0))
      chance.follow(bit)
      return bit
    }

    /// Writes the state and the words; nothing if nothing was decided.
    func write(to writer: inout ByteWriter) {
      guard !decisions.isEmpty else { return }
      var state = AdaptiveRANS.lowestState
      var words: [UInt16] = []
      for decision in decisions.reversed() {
        let chance = decision >> 1
        let isTrue = decision & 1 == 1
        let frequency = isTrue ? chance : (1 << precision) - chance
        if state >= frequency << (32 - precision) {
          words.append(UInt16(truncatingIfNeeded: state))
          state >>= 16
        }
        let (quotient, remainder) = state.quotientAndRemainder(dividingBy: frequency)
        state = quotient << precision + remainder + (isTrue ? 0 : chance)
      }
      writer.write(fixed: state)
      for word in words.reversed() { writer.write(fixed: word) }
    }
  }

  /// Reads decisions from the rest of a stream.
  struct Reader: BinaryCoder {
    static let writes = false

    private var state: UInt32
    private var words: ByteReader
    private(set) var isExhausted = false

    /// Reads the state.
    ///
    /// - Throws: ``CodecError`` without one.
    init(_ reader: inout ByteReader) throws(CodecError) {
      state = try reader.fixed(UInt32.self, of: "the state")
      guard state >= AdaptiveRANS.lowestState else {
        throw .damaged("a state is below its least")
      }
      words = reader
      _ = try reader.bytes(reader.remaining, of: "the words")
    }

    mutating func code(_ bit: Bool, _ chance: inout AdaptiveBit) -> Bool {
      let frequency = chance.frequency
      let slot = state & ((1 << precision) - 1)
      let isTrue = slot < frequency
      if isTrue {
        state = frequency * (state >> precision) + slot
      } else {
        state = ((1 << precision) - frequency) * (state >> precision) + slot - frequency
      }
      if state < AdaptiveRANS.lowestState {
        do throws(CodecError) {
          state = state << 16 | UInt32(try words.fixed(UInt16.self, of: "a word"))
        } catch {
          isExhausted = true
          state = AdaptiveRANS.lowestState
        }
      }
      chance.follow(isTrue)
      return isTrue
    }

    /// Checks that the decisions end where the stream does.
    ///
    /// - Throws: ``CodecError``.
    func finish() throws(CodecError) {
      guard !isExhausted, words.remaining == 0, state == AdaptiveRANS.lowestState else {
        throw .damaged("the coded decisions do not end where they should")
      }
    }
  }
}
