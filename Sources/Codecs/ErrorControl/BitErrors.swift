internal import Foundation
public import Tensors

/// Bits that arrive turned over: a binary channel whose errors are independent or come in bursts.
///
/// In bursts the channel is Gilbert's: it is good for a while, and then bad, when every other bit is
/// turned over on average. Source of the bursts: Gilbert 1960,
/// https://doi.org/10.1002/j.1538-7305.1960.tb03959.x.
public struct BitErrors: Hashable, Sendable {
  /// The share of bits that are turned over, 0 to ½.
  public let rate: Double

  /// How many bits the channel stays bad on average; 1 for errors that are independent.
  ///
  /// It stays bad for longer where the rate asks for it, as it is good for at least a bit in between.
  public let burstLength: Double

  /// Creates a channel.
  ///
  /// - Precondition: a rate from 0 to ½ and bursts of 1 bit or more.
  public init(rate: Double, burstLength: Double = 1) {
    precondition(
      (0...0.5).contains(rate) && burstLength >= 1 && burstLength.isFinite,
      "BitErrors: a rate of \(rate) in bursts of \(burstLength)")
    self.rate = rate
    self.burstLength = burstLength
  }

  /// Creates the channel of a signal-to-noise ratio, see ``rate(atDecibels:)``.
  public init(decibels: Double, burstLength: Double = 1) {
    self.init(rate: BitErrors.rate(atDecibels: decibels), burstLength: burstLength)
  }

  /// The bit error rate of binary phase-shift keying in Gaussian noise: `½ erfc(√(10^(SNR/10)))`.
  public static func rate(atDecibels decibels: Double) -> Double {
    0.5 * erfc(pow(10, decibels / 10).squareRoot())
  }

  /// The signal-to-noise ratio in decibels that has a bit error rate; infinite for 0.
  ///
  /// - Precondition: a rate from 0 to ½.
  public static func decibels(atRate rate: Double) -> Double {
    precondition((0...0.5).contains(rate), "BitErrors: a rate of \(rate)")
    guard rate > 0 else { return .infinity }
    guard rate < 0.5 else { return -.infinity }
    // The rate falls with the ratio; below 10⁻³⁰⁰ there is no number for it.
    var (low, high) = (-300.0, 30.0)
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if BitErrors.rate(atDecibels: middle) > rate { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// Calls a function with the place of each bit that is turned over, in order.
  ///
  /// - Parameters:
  ///   - count: how many bits are sent one after the other.
  ///   - source: draws as many numbers as there are errors and changes of the channel, not one a bit.
  public func forEachError(
    in count: Int, using source: inout RandomSource, _ body: (Int) -> Void
  ) {
    guard rate > 0 else { return }
    guard burstLength > 1 else {
      BitErrors.forEachHit(in: 0..<count, chance: rate, using: &source, body)
      return
    }
    let badShare = 2 * rate
    let bad = badShare < 1 ? max(burstLength, badShare / (1 - badShare)) : burstLength
    var isBad = source.uniform() < badShare
    var place = 0
    while place < count {
      let mean = isBad ? bad : bad * (1 - badShare) / badShare
      // A stay of a geometric length, which has no memory, so that the first may begin anywhere.
      let length =
        mean > 1 ? 1 + BitErrors.misses(chance: 1 / mean, before: count, using: &source) : 1
      let end = min(place + length, count)
      if isBad { BitErrors.forEachHit(in: place..<end, chance: 0.5, using: &source, body) }
      place = end
      if badShare < 1 { isBad.toggle() }
    }
  }

  /// Turns bits over, the lowest of each byte first.
  ///
  /// - Returns: how many.
  @discardableResult
  public func corrupt(_ bytes: inout [UInt8], using source: inout RandomSource) -> Int {
    var errors = 0
    forEachError(in: 8 * bytes.count, using: &source) { place in
      bytes[place / 8] ^= 1 << UInt8(place % 8)
      errors += 1
    }
    return errors
  }

  private static func forEachHit(
    in range: Range<Int>, chance: Double, using source: inout RandomSource, _ body: (Int) -> Void
  ) {
    var place = range.lowerBound
    while true {
      place += misses(chance: chance, before: range.upperBound - place, using: &source)
      guard place < range.upperBound else { return }
      body(place)
      place += 1
    }
  }

  /// How many trials miss before one hits: geometrically distributed, at most a bound.
  private static func misses(
    chance: Double, before bound: Int, using source: inout RandomSource
  ) -> Int {
    let count = log(1 - source.uniform()) / log1p(-chance)
    return count < Double(bound) ? Int(count) : bound
  }
}
