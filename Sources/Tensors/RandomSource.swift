internal import RealModule

/// A reproducible stream of random bits: xoshiro256** seeded through SplitMix64.
///
/// A value, so that it is passed, stored in a checkpoint, and restored exactly. Source: Blackman
/// and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021),
/// https://doi.org/10.1145/3460772.
public struct RandomSource: RandomNumberGenerator, Codable, Hashable, Sendable {
  private var state: SIMD4<UInt64>

  /// Creates the stream of a seed.
  public init(seed: UInt64) {
    var word = seed
    state = SIMD4(
      RandomSource.splitMix(&word), RandomSource.splitMix(&word), RandomSource.splitMix(&word),
      RandomSource.splitMix(&word))
  }

  /// Creates the stream that belongs to a purpose and an index under a seed, independent of the
  /// streams of other purposes and indices.
  public init(seed: UInt64, purpose: String, index: Int = 0) {
    var word = seed
    var mixed = RandomSource.splitMix(&word)
    for byte in purpose.utf8 {
      word = mixed ^ UInt64(byte)
      mixed = RandomSource.splitMix(&word)
    }
    word = mixed ^ UInt64(bitPattern: Int64(index))
    self.init(seed: RandomSource.splitMix(&word))
  }

  private static func splitMix(_ word: inout UInt64) -> UInt64 {
    word &+= 0x9e37_79b9_7f4a_7c15
    var mixed = word
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let scrambled = state.y &* 5
    let result = ((scrambled << 7) | (scrambled >> 57)) &* 9
    let shifted = state.y << 17
    state.z ^= state.x
    state.w ^= state.y
    state.y ^= state.z
    state.x ^= state.w
    state.z ^= shifted
    state.w = (state.w << 45) | (state.w >> 19)
    return result
  }

  /// A number drawn uniformly from `[0, 1)` with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number drawn from the standard normal distribution (Box–Muller, one of the pair).
  public mutating func normal() -> Double {
    let radius = Double.sqrt(-2 * Double.log(1 - uniform()))
    return radius * Double.cos(2 * .pi * uniform())
  }

  /// A whole number drawn uniformly from 0 up to but not including a bound.
  ///
  /// - Precondition: the bound is positive.
  public mutating func index(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// The numbers from 0 up to a count in random order.
  public mutating func permutation(_ count: Int) -> [Int] {
    (0..<count).shuffled(using: &self)
  }

  /// A tensor of numbers drawn uniformly from a range.
  public mutating func uniform<Scalar: TensorScalar>(
    _ shape: Shape, in range: ClosedRange<Double> = 0...1
  ) -> Tensor<Scalar> {
    let width = range.upperBound - range.lowerBound
    return Tensor(shape) { buffer in
      for index in 0..<buffer.count {
        buffer.initializeElement(at: index, to: Scalar(range.lowerBound + width * uniform()))
      }
    }
  }

  /// A tensor of numbers drawn from a normal distribution.
  public mutating func normal<Scalar: TensorScalar>(
    _ shape: Shape, mean: Double = 0, standardDeviation: Double = 1
  ) -> Tensor<Scalar> {
    Tensor(shape) { buffer in
      for index in 0..<buffer.count {
        buffer.initializeElement(at: index, to: Scalar(mean + standardDeviation * normal()))
      }
    }
  }
}
