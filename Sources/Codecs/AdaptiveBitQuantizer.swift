/// Asymmetric quantisation of a block to the fewest bits whose error is allowed.
///
/// A value is first an integer of eight bits, `I = round((x − min) / s)` with `s = (max − min) / 255`,
/// then of b bits, `I_b = round(I / 2^(8−b))`, halves rounded up. No bits stand for the middle of the
/// block's range. Source: SLICER, https://arxiv.org/abs/2511.11608, "ABQ".
///
/// Deviation: `2^(8−b) · I_b` beyond 255 is read as 255, the block's largest value.
public struct AdaptiveBitQuantizer: Equatable, Sendable {
  /// What the error of a block is.
  public enum Bound: String, Codable, CaseIterable, Sendable {
    /// The mean of `|I − 2^(8−b) · I_b| / 256`, at most δ.
    case index
    /// The mean of `|x − x̂|`, at most δ times the mean of `|x|` over all values sent.
    case relative
  }

  /// The most bits of a code.
  public static let mostBits = 8

  /// The bits of a code, 0 to 8; codes go from 0 up to 2^bits, and to 255 if there are eight.
  public let bits: Int
  /// The value of index 0; without bits, every value's.
  let minimum: Float
  /// The value of an index's step; 0 without bits.
  let scale: Float

  /// Finds the range of a block and the fewest bits.
  ///
  /// - Parameters:
  ///   - values: finite, and at least one.
  ///   - tolerance: δ in the paper.
  ///   - meanMagnitude: what a relative error is measured against.
  public init(_ values: [Float], tolerance: Float, bound: Bound, meanMagnitude: Double) {
    let least = values.min() ?? 0
    let most = values.max() ?? 0
    let step = Float((Double(most) - Double(least)) / 255)
    let middle = Float((Double(least) + Double(most)) / 2)
    let constant = AdaptiveBitQuantizer(bits: 0, minimum: middle, scale: 0)
    guard step >= .leastNormalMagnitude else {
      self = constant
      return
    }
    let indices = values.map { AdaptiveBitQuantizer.index(of: $0, least, step) }
    for bits in 0..<AdaptiveBitQuantizer.mostBits {
      let candidate =
        bits == 0 ? constant : AdaptiveBitQuantizer(bits: bits, minimum: least, scale: step)
      let error: Double
      switch bound {
      case .index:
        let doubled = indices.reduce(0) { sum, index in
          // Twice the difference: the middle of no bits lies between two indices.
          let found =
            bits == 0
            ? 255 : 2 * AdaptiveBitQuantizer.index(of: candidate.code(ofIndex: index), bits)
          return sum + abs(2 * index - found)
        }
        error = Double(doubled) / 512 / Double(values.count)
      case .relative:
        let found = (0...255).map { Double(candidate.value(of: candidate.code(ofIndex: $0))) }
        var lost = 0.0
        for (value, index) in zip(values, indices) { lost += abs(Double(value) - found[index]) }
        error = lost / Double(values.count) / max(meanMagnitude, .leastNonzeroMagnitude)
      }
      if error <= Double(tolerance) {
        self = candidate
        return
      }
    }
    self.init(bits: AdaptiveBitQuantizer.mostBits, minimum: least, scale: step)
  }

  private init(bits: Int, minimum: Float, scale: Float) {
    self.bits = bits
    self.minimum = minimum
    self.scale = scale
  }

  private static func index(of value: Float, _ least: Float, _ step: Float) -> Int {
    min(max(Int(((Double(value) - Double(least)) / Double(step)).rounded()), 0), 255)
  }

  private static func index(of code: UInt16, _ bits: Int) -> Int {
    min(Int(code) << (mostBits - bits), 255)
  }

  private func code(ofIndex index: Int) -> UInt16 {
    guard bits > 0 else { return 0 }
    let dropped = AdaptiveBitQuantizer.mostBits - bits
    return UInt16((index + (1 << dropped) >> 1) >> dropped)
  }

  /// The code of a value of the block.
  func code(of value: Float) -> UInt16 {
    bits == 0 ? 0 : code(ofIndex: AdaptiveBitQuantizer.index(of: value, minimum, scale))
  }

  /// The value of a code.
  func value(of code: UInt16) -> Float {
    guard bits > 0 else { return minimum }
    // The product is exact in double precision; a sum of finite numbers stays finite.
    let value =
      Double(minimum) + Double(scale) * Double(AdaptiveBitQuantizer.index(of: code, bits))
    let most = Double(Float.greatestFiniteMagnitude)
    return Float(min(max(value, -most), most))
  }

  /// Writes the bits of blocks, four each, and what their codes stand for.
  static func write(_ blocks: [AdaptiveBitQuantizer], to writer: inout ByteWriter) {
    for start in stride(from: 0, to: blocks.count, by: 2) {
      let high = start + 1 < blocks.count ? blocks[start + 1].bits : 0
      writer.write(byte: UInt8(blocks[start].bits | high << 4))
    }
    for block in blocks {
      writer.write(block.minimum)
      if block.bits > 0 { writer.write(block.scale) }
    }
  }

  /// Reads what ``write(_:to:)`` wrote.
  ///
  /// - Throws: ``CodecError``.
  static func read(
    _ reader: inout ByteReader, count: Int
  ) throws(CodecError) -> [AdaptiveBitQuantizer] {
    var bits: [Int] = []
    for _ in 0..<(count + 1) / 2 {
      let pair = Int(try reader.byte(of: "the bits of a block"))
      bits += [pair & 15, pair >> 4]
    }
    guard bits.dropFirst(count).allSatisfy({ $0 == 0 }) else {
      throw .damaged("there are bits of more blocks than there are")
    }
    var blocks: [AdaptiveBitQuantizer] = []
    for bits in bits.prefix(count) {
      guard bits <= mostBits else { throw .damaged("a block of \(bits) bits, expected 0 to 8") }
      let minimum = try reader.float(of: "the least value of a block")
      guard minimum.isFinite else { throw .damaged("the least value of a block is \(minimum)") }
      var scale: Float = 0
      if bits > 0 {
        scale = try reader.float(of: "the scale of a block")
        guard scale >= .leastNormalMagnitude, scale.isFinite else {
          throw .damaged("the scale of a block is \(scale)")
        }
      }
      blocks.append(AdaptiveBitQuantizer(bits: bits, minimum: minimum, scale: scale))
    }
    return blocks
  }
}
