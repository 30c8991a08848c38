internal import Glibc

/// Symbols as the rows of a sparse matrix: those that are not the background's, their columns, and
/// how many there are in each row.
///
/// Source: https://arxiv.org/abs/2511.11664, whose details are not all published; the order of the
/// pool (values, columns, counts) and the cost below are this project's reading.
package struct SparseLayout {
  /// The longest row.
  static let mostColumns = 1024

  /// The number of rows.
  package let rows: Int
  /// The length of a row.
  package let columns: Int
  /// The symbols that are not the background's, row by row.
  package let values: [UInt16]
  /// Where in its row each of them stands.
  package let columnIndices: [UInt16]
  /// How many there are in each row.
  package let rowCounts: [UInt16]

  /// What is coded with one table.
  package var pool: [UInt16] { values + columnIndices + rowCounts }

  /// Lays out symbols in as many rows as the cost model says.
  package init(_ symbols: [UInt16], background: UInt16, bits: Int) {
    var counts = [Int](repeating: 0, count: 1 << bits)
    for symbol in symbols { counts[Int(symbol)] += 1 }
    counts[Int(background)] = 0
    self.init(
      symbols, background: background,
      rows: SparseLayout.bestRows(total: symbols.count, valueCounts: counts))
  }

  /// Lays out symbols in a number of rows that divides them.
  package init(_ symbols: [UInt16], background: UInt16, rows: Int) {
    self.rows = rows
    columns = symbols.count / rows
    var values: [UInt16] = []
    var indices: [UInt16] = []
    var counts = [UInt16](repeating: 0, count: rows)
    for row in 0..<rows {
      for column in 0..<columns where symbols[row * columns + column] != background {
        values.append(symbols[row * columns + column])
        indices.append(UInt16(column))
        counts[row] += 1
      }
    }
    self.values = values
    columnIndices = indices
    rowCounts = counts
  }

  /// The numbers of rows there may be: divisors of the total whose rows are not too long.
  package static func candidates(total: Int) -> [Int] {
    (1...min(total, mostColumns)).filter { total % $0 == 0 }.map { total / $0 }
  }

  /// The number of rows with the fewest expected bits, for values spread evenly.
  ///
  /// `p_N(s) = [nnz · p_v(s) + nnz · 1{s < K} / K + N · Bin(s; K, ρ)] / (2 nnz + N)` and
  /// `bits(N) = (2 nnz + N) · H(p_N)`.
  static func bestRows(total: Int, valueCounts: [Int]) -> Int {
    let kept = valueCounts.reduce(0, +)
    var best = (rows: total, bits: Double.infinity)
    for rows in candidates(total: total) {
      let bits = expectedBits(
        rows: rows, columns: total / rows, kept: kept, total: total, valueCounts: valueCounts)
      if bits < best.bits { best = (rows, bits) }
    }
    return best.rows
  }

  private static func expectedBits(
    rows: Int, columns: Int, kept: Int, total: Int, valueCounts: [Int]
  ) -> Double {
    let length = Double(2 * kept + rows)
    let density = Double(kept) / Double(total)
    // Bin(s; K, ρ) from one s to the next, from its logarithm at 0.
    let logOdds = density > 0 && density < 1 ? log(density / (1 - density)) : 0
    var logBinomial = density < 1 ? Double(columns) * log1p(-density) : 0
    var bits = 0.0
    for symbol in 0..<max(valueCounts.count, columns + 1) {
      var weight = symbol < valueCounts.count ? Double(valueCounts[symbol]) : 0
      if symbol < columns { weight += Double(kept) / Double(columns) }
      if symbol <= columns {
        if density == 0 || density == 1 {
          weight += symbol == (density == 0 ? 0 : columns) ? Double(rows) : 0
        } else {
          weight += Double(rows) * exp(logBinomial)
          logBinomial +=
            log(Double(columns - symbol) / Double(symbol + 1)) + logOdds
        }
      }
      if weight > 0 { bits -= weight * log2(weight / length) }
    }
    return bits
  }

  /// The symbols a pool stands for.
  ///
  /// - Throws: ``CodecError/damaged(_:)`` if it stands for none.
  package static func symbols(
    _ pool: [UInt16], kept: Int, rows: Int, columns: Int, background: UInt16, symbolCount: Int
  ) throws(CodecError) -> [UInt16] {
    var symbols = [UInt16](repeating: background, count: rows * columns)
    var next = 0
    for row in 0..<rows {
      let count = Int(pool[2 * kept + row])
      guard count <= columns, next + count <= kept else {
        throw .damaged("a row has more values than there are")
      }
      var last = -1
      for index in next..<next + count {
        let column = Int(pool[kept + index])
        guard column < columns, column > last else {
          throw .damaged("a value stands in no column of its row")
        }
        guard pool[index] < symbolCount, pool[index] != background else {
          throw .damaged("a value is no symbol")
        }
        symbols[row * columns + column] = pool[index]
        last = column
      }
      next += count
    }
    guard next == kept else { throw .damaged("values are left over") }
    return symbols
  }
}
