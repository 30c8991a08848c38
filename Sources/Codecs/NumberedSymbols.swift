internal import CKernels
internal import Foundation

/// Whole numbers on their way to an entropy coder, each with the number of its table: as symbols of
/// the tables, and beside them those that have no entry there.
struct NumberedSymbols {
  /// The largest number there may be.
  static let farthest = 1 << 24

  private(set) var symbols: [UInt16] = []
  private(set) var which: [UInt16] = []
  private(set) var escaped: [Int] = []

  init(capacity: Int) {
    symbols.reserveCapacity(capacity)
    which.reserveCapacity(capacity)
  }

  mutating func append(_ number: Int, table: Int, of tables: FactorizedTables) {
    let escape = Int(tables.lengths[table]) - 1
    let symbol = number - tables.lowest[table]
    which.append(UInt16(table))
    if symbol >= 0, symbol < escape {
      symbols.append(UInt16(symbol))
    } else {
      symbols.append(UInt16(escape))
      escaped.append(number)
    }
  }

  /// Writes the number of the tables, what has no entry, seven bits a byte with its sign in the
  /// lowest bit, and the symbols.
  func write(tableNumber: Int, with tables: FactorizedTables, to writer: inout ByteWriter) {
    // The lowest bit says whether there are escaped values.
    writer.write(variable: 2 * tableNumber + (escaped.isEmpty ? 0 : 1))
    if !escaped.isEmpty { writer.write(variable: escaped.count) }
    for value in escaped { writer.write(variable: value < 0 ? -2 * value - 1 : 2 * value) }
    RANS.encode(symbols, which, with: tables, to: &writer)
  }

  /// The bits of the tables' frequencies, with eight a byte of a value without an entry.
  func bits(with tables: FactorizedTables) -> Double {
    var bits = 0.0
    for (symbol, table) in zip(symbols, which) {
      let entry = tables.entries[Int(tables.starts[Int(table)]) + Int(symbol)]
      bits += Double(FactorizedTables.precision) - log2(Double(entry.frequency))
    }
    for value in escaped {
      let width = Int.bitWidth - abs(2 * value).leadingZeroBitCount
      bits += Double(8 * max(1, (width + 6) / 7))
    }
    return bits
  }
}

/// The numbers that symbols stand for, those without an entry taken from a list.
struct EscapedNumbers {
  private let escaped: [Int]
  private var next = 0

  /// How many were not taken.
  var remaining: Int { escaped.count - next }

  /// Reads the list, unless there is none.
  ///
  /// - Throws: ``CodecError``.
  init(_ reader: inout ByteReader, isPresent: Bool, most: Int) throws(CodecError) {
    let count =
      isPresent ? try reader.variable(of: "the number of escaped values", in: 0...most) : 0
    guard count <= reader.remaining else { throw .truncated(needed: "the escaped values") }
    var escaped: [Int] = []
    escaped.reserveCapacity(count)
    for _ in 0..<count {
      let coded = try reader.variable(of: "an escaped value", in: 0...2 * NumberedSymbols.farthest)
      escaped.append(coded % 2 == 0 ? coded / 2 : -(coded + 1) / 2)
    }
    self.escaped = escaped
  }

  /// The number of a symbol, or nil if it should be in the list and is not.
  mutating func number(_ symbol: UInt16, table: Int, of tables: FactorizedTables) -> Int? {
    guard Int(symbol) == Int(tables.lengths[table]) - 1 else {
      return Int(symbol) + tables.lowest[table]
    }
    guard next < escaped.count else { return nil }
    defer { next += 1 }
    return escaped[next]
  }
}
