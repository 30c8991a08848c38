/// How often each symbol occurs, in integers that sum to a power of two: what an entropy coder
/// works with.
///
/// Every symbol that occurred has at least 1. Two machines with the same table code alike, as
/// nothing of it is computed from floating-point numbers when it is used.
public struct FrequencyTable: Equatable, Sendable {
  /// How fine a table may be, in bits.
  public static let precisionRange = 8...15

  /// The bits of the sum.
  public let precision: Int
  /// The frequency of each symbol; `2^precision` in all.
  public let frequencies: [UInt32]

  /// The sum of the frequencies.
  public var total: Int { 1 << precision }

  /// Scales counts so that the bits of what was counted are the fewest.
  ///
  /// - Precondition: some count is above 0, and no more are than the table has room for.
  public init(counts: [Int], precision: Int) {
    precondition(
      FrequencyTable.precisionRange.contains(precision), "FrequencyTable: precision \(precision)")
    self.precision = precision
    frequencies = FrequencyTable.scaled(counts, to: 1 << precision)
  }

  /// Frequencies that sum to `room`, at least 1 for each count above 0.
  static func scaled(_ counts: [Int], to room: Int) -> [UInt32] {
    let sum = counts.reduce(0, +)
    precondition(sum > 0 && counts.lazy.filter { $0 > 0 }.count <= room)
    var frequencies = counts.map { count -> Int in
      count == 0 ? 0 : max(1, Int((Double(count) * Double(room) / Double(sum)).rounded()))
    }
    var excess = frequencies.reduce(0, +) - room
    // One is taken from, or given to, the symbol whose bits change the least, or the most: the
    // derivative of count · log(frequency) halfway between both.
    while excess > 0 {
      var best = 0
      var least = Double.infinity
      for (symbol, frequency) in frequencies.enumerated() where frequency > 1 {
        let cost = Double(counts[symbol]) / (Double(frequency) - 0.5)
        if cost < least { (best, least) = (symbol, cost) }
      }
      frequencies[best] -= 1
      excess -= 1
    }
    while excess < 0 {
      var best = 0
      var most = -Double.infinity
      for (symbol, frequency) in frequencies.enumerated() where frequency > 0 {
        let gain = Double(counts[symbol]) / (Double(frequency) + 0.5)
        if gain > most { (best, most) = (symbol, gain) }
      }
      frequencies[best] += 1
      excess += 1
    }
    return frequencies.map { UInt32($0) }
  }

  /// Takes frequencies as they are, if they sum to `2^precision`.
  public init?(frequencies: [UInt32], precision: Int) {
    guard FrequencyTable.precisionRange.contains(precision),
      frequencies.reduce(0, { $0 + Int($1) }) == 1 << precision
    else { return nil }
    self.precision = precision
    self.frequencies = frequencies
  }

  /// A precision for so many coded symbols: finer where a table of more entries pays.
  static func precision(symbols: Int, alphabet: Int) -> Int {
    let needed = Int.bitWidth - max(1, 2 * alphabet - 1).leadingZeroBitCount
    return min(max(needed, symbols < 1 << 13 ? 11 : symbols < 1 << 16 ? 12 : 14), 15)
  }

  /// Reads what ``write(to:)`` wrote.
  ///
  /// - Throws: ``CodecError``.
  init(_ reader: inout ByteReader) throws(CodecError) {
    let precision = Int(try reader.byte(of: "the precision of the table"))
    guard FrequencyTable.precisionRange.contains(precision) else {
      throw .damaged("a table of \(precision) bits, expected 8 to 15")
    }
    let room = 1 << precision
    let count = try reader.variable(of: "the length of the table", in: 1...room)
    var frequencies: [UInt32] = []
    var sum = 0
    for _ in 0..<count {
      let gap = try reader.variable(of: "a symbol of the table", in: 0...(1 << 16))
      let frequency = try reader.variable(of: "a frequency of the table", in: 1...room)
      guard frequencies.count + gap < 1 << 16 else {
        throw .damaged("the table has symbols above 65535")
      }
      frequencies.append(contentsOf: repeatElement(0, count: gap))
      frequencies.append(UInt32(frequency))
      sum += frequency
    }
    guard sum == room else { throw .damaged("the table sums to \(sum), expected \(room)") }
    self.precision = precision
    self.frequencies = frequencies
  }

  /// Writes the precision, and for each symbol that occurs the gap before it and its frequency.
  func write(to writer: inout ByteWriter) {
    writer.write(byte: UInt8(precision))
    writer.write(variable: frequencies.lazy.filter { $0 > 0 }.count)
    var gap = 0
    for frequency in frequencies {
      if frequency == 0 {
        gap += 1
      } else {
        writer.write(variable: gap)
        writer.write(variable: Int(frequency))
        gap = 0
      }
    }
  }
}
