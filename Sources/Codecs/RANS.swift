internal import CKernels

/// Entropy coding of runs of symbols by range variants of asymmetric numeral systems.
///
/// Source: Duda 2014, https://arxiv.org/abs/1311.2540.
enum RANS {
  /// The state an encoder begins with, and a decoder must end with.
  private static let lowestState: UInt32 = 1 << 16

  /// The numbers of states there may be.
  private static let mostLanes = 8

  /// How many states take turns for so many symbols; each costs two bytes.
  static func laneCount(symbols: Int) -> Int {
    symbols < 1 << 8 ? 1 : symbols < 1 << 13 ? 4 : 8
  }

  /// Writes the number of states and of words, the states and the words.
  ///
  /// - Precondition: every symbol has a frequency in the table.
  static func encode(
    _ symbols: [UInt16], with table: FrequencyTable, to writer: inout ByteWriter
  ) {
    let entries = encoderEntries(table.frequencies, precision: table.precision)
    encode(symbols.count, to: &writer) { lanes, states, end in
      rans_encode(
        symbols, symbols.count, entries, Int32(table.precision), lanes, states, end)
    }
  }

  /// Writes symbols, each coded with the table of its context.
  static func encode(
    _ symbols: [UInt16], _ layout: ImageLayout, with tables: ContextTables,
    to writer: inout ByteWriter
  ) {
    let rows = layout.rows(of: symbols, bits: tables.bits)
    encode(symbols.count, to: &writer) { lanes, states, end in
      rans_encode_rows(
        symbols, rows, symbols.count, tables.entries, tables.reciprocals,
        Int32(tables.precision), lanes, states, end)
    }
  }

  /// Writes symbols, each coded with the table of a number: one or more states, how many given by
  /// the number of symbols, and then words to the end.
  static func encode(
    _ symbols: [UInt16], _ which: [UInt16], with tables: FactorizedTables,
    to writer: inout ByteWriter
  ) {
    let rows = which.map { tables.starts[Int($0)] }
    let lanes = laneCount(numberedSymbols: symbols.count)
    var states = [UInt32](repeating: lowestState, count: lanes)
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: symbols.count + 1) { words in
      guard let end = words.baseAddress.map({ $0 + words.count }) else { return }
      let count = rans_encode_rows(
        symbols, rows, symbols.count, tables.entries, tables.reciprocals,
        Int32(FactorizedTables.precision), lanes, &states, end)
      for state in states { writer.write(fixed: state) }
      writer.write(words: UnsafeBufferPointer(start: end - count, count: count))
    }
  }

  /// Reads symbols, each coded with the table of a number.
  ///
  /// - Parameter which: from the symbols read so far to the numbers of the tables of the next ones;
  ///   nil, or none, if what was read does not say.
  /// - Throws: ``CodecError`` for what was not encoded.
  static func decode(
    _ reader: inout ByteReader, count: Int, with tables: FactorizedTables,
    _ which: (UnsafeBufferPointer<UInt16>) -> [UInt16]?
  ) throws(CodecError) -> [UInt16] {
    let lanes = laneCount(numberedSymbols: count)
    let available = (reader.remaining - 4 * lanes) / 2
    guard available >= 0 else { throw .truncated(needed: "the states") }
    return try decode(&reader, lanes: lanes, words: available, count: count) {
      lanes, states, words, available, symbols in
      tables.starts.withUnsafeBufferPointer { starts in
        tables.lengths.withUnsafeBufferPointer { lengths in
          tables.cumulative.withUnsafeBufferPointer { cumulative in
            var all = rans_tables(
              precision: Int32(FactorizedTables.precision), starts: starts.baseAddress,
              lengths: lengths.baseAddress, cumulative: cumulative.baseAddress)
            var used = 0
            var done = 0
            while done < count {
              guard let next = which(UnsafeBufferPointer(start: symbols, count: done)),
                (1...count - done).contains(next.count)
              else { return -1 }
              let more = rans_decode_tables(
                &all, next, lanes, states, words + used, available - used, symbols, done,
                next.count)
              guard more >= 0 else { return -1 }
              used += more
              done += next.count
            }
            return used
          }
        }
      }
    }
  }

  /// One state while each costs more than it saves in time.
  private static func laneCount(numberedSymbols: Int) -> Int {
    numberedSymbols < 1 << 14 ? 1 : 4
  }

  /// Writes what a kernel makes of a number of symbols.
  private static func encode(
    _ symbolCount: Int, to writer: inout ByteWriter,
    _ kernel: (Int, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt16>) -> Int
  ) {
    let lanes = laneCount(symbols: symbolCount)
    var states = [UInt32](repeating: lowestState, count: lanes)
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: symbolCount + 1) { words in
      guard let end = words.baseAddress.map({ $0 + words.count }) else { return }
      let count = states.withUnsafeMutableBufferPointer { states in
        states.baseAddress.map { kernel(lanes, $0, end) } ?? 0
      }
      writer.write(byte: UInt8(lanes))
      writer.write(variable: count)
      for state in states { writer.write(fixed: state) }
      writer.write(words: UnsafeBufferPointer(start: end - count, count: count))
    }
  }

  /// Reads symbols.
  ///
  /// - Throws: ``CodecError`` for what ``encode(_:with:to:)`` did not write.
  static func decode(
    _ reader: inout ByteReader, count: Int, with table: FrequencyTable
  ) throws(CodecError) -> [UInt16] {
    let slots = decoderSlots(table)
    return try decode(&reader, count: count) { lanes, states, words, available, symbols in
      rans_decode(
        slots, Int32(table.precision), lanes, states, words, available, symbols, count)
    }
  }

  /// Reads symbols, each coded with the table of its context.
  ///
  /// - Throws: ``CodecError`` for what was not encoded.
  static func decode(
    _ reader: inout ByteReader, _ layout: ImageLayout, with tables: ContextTables
  ) throws(CodecError) -> [UInt16] {
    let cumulative = tables.cumulative
    return try decode(
      &reader, count: layout.height * layout.width * layout.channels
    ) { lanes, states, words, available, symbols in
      layout.withContexts(bits: tables.bits, precision: tables.precision, cumulative: cumulative) {
        rans_decode_contexts($0, lanes, states, words, available, symbols)
      }
    }
  }

  /// Reads what a kernel takes apart; it returns how many words it used, or less than 0.
  private static func decode(
    _ reader: inout ByteReader, count: Int,
    _ kernel: (
      Int, UnsafeMutablePointer<UInt32>, UnsafePointer<UInt16>, Int, UnsafeMutablePointer<UInt16>
    ) -> Int
  ) throws(CodecError) -> [UInt16] {
    let lanes = Int(try reader.byte(of: "the number of states"))
    guard (1...mostLanes).contains(lanes) else {
      throw .damaged("\(lanes) states, expected 1 to \(mostLanes)")
    }
    let available = try reader.variable(of: "the number of words", in: 0...max(count, 0))
    return try decode(&reader, lanes: lanes, words: available, count: count, kernel)
  }

  /// Reads states and words, and what a kernel takes out of them.
  private static func decode(
    _ reader: inout ByteReader, lanes: Int, words available: Int, count: Int,
    _ kernel: (
      Int, UnsafeMutablePointer<UInt32>, UnsafePointer<UInt16>, Int, UnsafeMutablePointer<UInt16>
    ) -> Int
  ) throws(CodecError) -> [UInt16] {
    var states: [UInt32] = []
    for _ in 0..<lanes {
      let state = try reader.fixed(UInt32.self, of: "a state")
      guard state >= lowestState else { throw .damaged("a state is below its least") }
      states.append(state)
    }
    let bytes = try reader.bytes(2 * available, of: "the words")
    let words = bytes.withUnsafeBytes { source in
      (0..<available).map {
        UInt16(littleEndian: source.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self))
      }
    }
    var used = 0
    let symbols = [UInt16](unsafeUninitializedCapacity: count) { target, initialized in
      if let base = target.baseAddress {
        used = kernel(lanes, &states, words, available, base)
      }
      initialized = used < 0 ? 0 : count
    }
    guard used == available, states.allSatisfy({ $0 == lowestState }) else {
      throw .damaged("the coded symbols do not end where they should")
    }
    return symbols
  }

  /// ⌊2^64 / F⌋ + 1; all bits for F = 1, and for 0, which nothing is coded with.
  private static func reciprocal(of frequency: UInt32) -> UInt64 {
    frequency > 1 ? UInt64.max / UInt64(frequency) + 1 : .max
  }

  /// The reciprocals of all frequencies below the sum.
  static func reciprocals(precision: Int) -> [UInt64] {
    (0..<UInt32(1) << UInt32(precision)).map { reciprocal(of: $0) }
  }

  /// The entries of one of many tables.
  static func smallEntries(_ frequencies: some Sequence<UInt32>) -> [rans_entry] {
    var cumulative: UInt32 = 0
    return frequencies.map { frequency in
      defer { cumulative += frequency }
      return rans_entry(frequency: UInt16(frequency), start: UInt16(cumulative))
    }
  }

  /// What encoding each symbol of a table takes.
  static func encoderEntries(
    _ frequencies: some Sequence<UInt32>, precision: Int
  ) -> [rans_symbol] {
    let total = UInt32(1) << UInt32(precision)
    var cumulative: UInt32 = 0
    return frequencies.map { frequency in
      defer { cumulative += frequency }
      return rans_symbol(
        reciprocal: reciprocal(of: frequency),
        bias: frequency > 1 ? cumulative : cumulative &+ total &- 1, frequency: frequency)
    }
  }

  private static func decoderSlots(_ table: FrequencyTable) -> [UInt64] {
    [UInt64](unsafeUninitializedCapacity: table.total) { slots, count in
      for (symbol, frequency) in table.frequencies.enumerated() {
        let entry = UInt64(symbol) | UInt64(frequency) << 16
        for offset in 0..<UInt64(frequency) {
          slots.initializeElement(at: count, to: entry | offset << 32)
          count += 1
        }
      }
    }
  }
}
