import Codecs
import Foundation
import Tensors
import Testing

@Suite struct SparseLayoutTests {
  /// The bits that symbols take at order 0.
  static func entropy(_ symbols: [UInt16]) -> Double {
    var counts: [UInt16: Int] = [:]
    for symbol in symbols { counts[symbol, default: 0] += 1 }
    return counts.values.reduce(0) {
      $0 - Double($1) * log2(Double($1) / Double(symbols.count))
    }
  }

  /// Symbols of a latent whose zeros come in runs, as a ReLU leaves them.
  static func symbols(bits: Int, density: Float, seed: UInt64) throws -> [UInt16] {
    var random = RandomSource(seed: seed)
    let shape: Shape = [14, 14, 32]
    let noise = (random.normal(shape) as Tensor<Float>).scalars
    let hills = (random.normal([32]) as Tensor<Float>).scalars
    let latent = Tensor(
      shape,
      noise.enumerated().map { max(0, $1 * 0.6 + hills[$0 % 32] - 1 + 2 * density) })
    return try AffineQuantizer(fitting: latent, bits: bits).symbols(of: latent)
  }

  @Test func aLayoutHoldsItsSymbols() throws {
    for bits in [1, 3, 6] {
      let symbols = try Self.symbols(bits: bits, density: 0.4, seed: 2)
      for rows in SparseLayout.candidates(total: symbols.count) {
        let layout = SparseLayout(symbols, background: 0, rows: rows)
        #expect(layout.rows * layout.columns == symbols.count)
        #expect(layout.columns <= 1024)
        #expect(
          try SparseLayout.symbols(
            layout.pool, kept: layout.values.count, rows: rows, columns: layout.columns,
            background: 0, symbolCount: 1 << bits) == symbols)
      }
    }
  }

  /// The number of rows is chosen without trying any, as if values were spread evenly.
  ///
  /// Here they are not: whole channels are empty, which some numbers of rows profit from.
  @Test func theChosenRowsAreNearlyTheBest() throws {
    var excess: [Double] = []
    for bits in [2, 3, 4, 6] {
      for density in [Float(0.1), 0.3, 0.5, 0.7] {
        for seed in 1...3 {
          let symbols = try Self.symbols(bits: bits, density: density, seed: UInt64(seed))
          let best =
            SparseLayout.candidates(total: symbols.count).map {
              Self.entropy(SparseLayout(symbols, background: 0, rows: $0).pool)
            }.min() ?? 0
          let chosen = SparseLayout(symbols, background: 0, bits: bits)
          excess.append(Self.entropy(chosen.pool) / best - 1)
        }
      }
    }
    let mean = excess.reduce(0, +) / Double(excess.count)
    #expect(mean <= 0.03, "on average \(mean), at most \(excess.max() ?? 0)")
  }
}
