/// SplitMix64, Steele, Lea and Flood 2014, https://doi.org/10.1145/2714064.2660195.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  mutating func numbers(_ count: Int, _ range: ClosedRange<Float>) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }

  mutating func bytes(_ count: Int) -> [Int8] {
    (0..<count).map { _ in Int8(truncatingIfNeeded: next()) }
  }

  /// Values of 16 bits, the extremes among them.
  mutating func halves(_ count: Int) -> [Int16] {
    (0..<count).map { _ in
      switch next() % 16 {
      case 0: .min
      case 1: .max
      case 2: 0
      default: Int16(truncatingIfNeeded: next()) >> Int16(next() % 12)
      }
    }
  }
}
