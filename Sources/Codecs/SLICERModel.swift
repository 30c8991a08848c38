internal import Tensors

/// What a SLICER stream says of positions, blocks and codes, as decisions whose chances follow from
/// the channel and from the values to the left and above.
///
/// Deviation: the paper codes each of the three at order 0. Chances that adapt need no tables in the
/// stream, and neighbours tell much of where the next large value is. Features are images whose last
/// axis is the channels.
struct SLICERModel {
  /// For each value 0, or 1 more than the block it is sent in.
  var marks: [UInt8]
  /// The codes of values that are sent.
  var codes: [UInt16]

  private let height: Int
  private let width: Int
  private let channels: Int
  private let sent: Int
  private let bits: [Int]

  /// Begins without any value; `bits` are those of each block.
  init(shape: Shape, sent: Int, bits: [Int]) {
    channels = shape.rank > 0 ? shape[-1] : 1
    width = shape.rank > 1 ? shape[-2] : 1
    height = shape.rank > 2 ? shape.product(0..<shape.rank - 2) : 1
    self.sent = sent
    self.bits = bits
    // Without decisions every value is sent in the one block, or none is.
    let all: UInt8 = sent == shape.elementCount ? 1 : 0
    marks = [UInt8](repeating: all, count: shape.elementCount)
    codes = [UInt16](repeating: 0, count: shape.elementCount)
  }

  /// Whether anything is left to be decided.
  var hasDecisions: Bool {
    sent > 0 && (sent < marks.count || bits.count > 1 || bits.contains { $0 > 0 })
  }

  /// Codes everything: as it is if the coder writes, into this model if it reads.
  ///
  /// - Returns: whether it is what the stream's header says; always if the coder writes.
  mutating func code(_ coder: inout some BinaryCoder) -> Bool {
    guard hasDecisions else { return true }
    if sent < marks.count, !codePositions(&coder) { return false }
    if bits.count > 1, !codeBlocks(&coder) { return false }
    codeValues(&coder)
    return true
  }

  // MARK: - Positions

  /// How often a channel had a value so far, as one of four.
  private static func density(_ kept: Int, of seen: Int) -> Int {
    // Of 16: none or few, up to a quarter, up to five eighths, more.
    let share = 16 * kept
    return share < seen ? 0 : share < 4 * seen ? 1 : share < 10 * seen ? 2 : 3
  }

  private mutating func codePositions<Coder: BinaryCoder>(_ coder: inout Coder) -> Bool {
    let expected = Double(sent) / Double(marks.count)
    // Left, above, both diagonals above together, and the channel's density.
    var chances = [AdaptiveBit](
      repeating: AdaptiveBit(chance: expected, weight: 2), count: 2 * 2 * 3 * 4)
    var kept = [Int](repeating: 0, count: channels)
    let total = chances.withUnsafeMutableBufferPointer { chances in
      kept.withUnsafeMutableBufferPointer { kept in
        marks.withUnsafeMutableBufferPointer { marks in
          SLICERModel.codePositions(
            &coder, marks, kept, chances, height: height, width: width, channels: channels)
        }
      }
    }
    return total == sent
  }

  /// - Returns: the number of values, or -1 if the stream has ended.
  private static func codePositions<Coder: BinaryCoder>(
    _ coder: inout Coder, _ marks: UnsafeMutableBufferPointer<UInt8>,
    _ kept: UnsafeMutableBufferPointer<Int>, _ chances: UnsafeMutableBufferPointer<AdaptiveBit>,
    height: Int, width: Int, channels: Int
  ) -> Int {
    var total = 0
    let row = width * channels
    var index = 0
    for y in 0..<height {
      for x in 0..<width {
        let seen = y * width + x
        let hasLeft = x > 0
        let hasAbove = y > 0
        let hasBefore = y > 0 && x > 0
        let hasAfter = y > 0 && x + 1 < width
        for channel in 0..<channels {
          let left = hasLeft && marks[index &- channels] > 0 ? 1 : 0
          let above = hasAbove && marks[index &- row] > 0 ? 1 : 0
          let before = hasBefore && marks[index &- row &- channels] > 0 ? 1 : 0
          let after = hasAfter && marks[index &- row &+ channels] > 0 ? 1 : 0
          let context =
            ((left << 1 | above) &* 3 &+ before &+ after) &* 4
            &+ density(kept[channel], of: seen)
          let bit = coder.code(marks[index] > 0, &chances[context])
          if !Coder.writes { marks[index] = bit ? 1 : 0 }
          if bit {
            kept[channel] &+= 1
            total &+= 1
          }
          index &+= 1
        }
        if coder.isExhausted { return -1 }
      }
    }
    return total
  }

  // MARK: - Blocks

  private mutating func codeBlocks<Coder: BinaryCoder>(_ coder: inout Coder) -> Bool {
    let depth = Int.bitWidth - (bits.count - 1).leadingZeroBitCount
    let tree = 1 << depth
    // No neighbour, or the quarter of the blocks the larger one is in.
    var chances = [AdaptiveBit](repeating: AdaptiveBit(), count: 5 * tree)
    var counts = [Int](repeating: 0, count: tree)
    let row = width * channels
    for index in marks.indices where marks[index] > 0 {
      let left = index % row >= channels ? Int(marks[index - channels]) : 0
      let above = index >= row ? Int(marks[index - row]) : 0
      let largest = max(left, above)
      let context = largest == 0 ? 0 : 1 + (largest - 1) * 4 / bits.count
      let block = chances.withUnsafeMutableBufferPointer {
        coder.code(Int(marks[index]) - 1, bits: depth, $0, from: context * tree)
      }
      if !Coder.writes {
        guard block < bits.count, !coder.isExhausted else { return false }
        marks[index] = UInt8(block + 1)
      }
      counts[block] += 1
    }
    return bits.indices.allSatisfy {
      counts[$0] == sent * ($0 + 1) / bits.count - sent * $0 / bits.count
    }
  }

  // MARK: - Codes

  private mutating func codeValues<Coder: BinaryCoder>(_ coder: inout Coder) {
    // With one block, neighbours tell how large a value is; with more, its block has told.
    let contexts = bits.count == 1 ? 5 : 1
    var starts: [Int] = []
    var length = 0
    for bits in bits {
      starts.append(length)
      length += contexts << bits
    }
    var chances = [AdaptiveBit](repeating: AdaptiveBit(), count: length)
    // Whether a code is 2^bits, which has no place in the tree of the others.
    var isLast = [AdaptiveBit](
      repeating: AdaptiveBit(chance: 1.0 / 64, weight: 4), count: bits.count)
    let row = width * channels
    for index in marks.indices where marks[index] > 0 {
      let block = Int(marks[index]) - 1
      let bits = bits[block]
      guard bits > 0 else { continue }
      let tree = 1 << bits
      if bits < AdaptiveBitQuantizer.mostBits {
        if coder.code(Int(codes[index]) == tree, &isLast[block]) {
          codes[index] = UInt16(tree)
          continue
        }
      }
      var context = 0
      if contexts > 1 {
        var sum = 0
        var neighbours = 0
        if index % row >= channels, marks[index - channels] > 0 {
          sum += Int(codes[index - channels])
          neighbours += 1
        }
        if index >= row, marks[index - row] > 0 {
          sum += Int(codes[index - row])
          neighbours += 1
        }
        if neighbours > 0 { context = 1 + min(4 * sum / (neighbours * tree), 3) }
      }
      let code = chances.withUnsafeMutableBufferPointer {
        coder.code(Int(codes[index]), bits: bits, $0, from: starts[block] + context * tree)
      }
      codes[index] = UInt16(code)
    }
  }
}
