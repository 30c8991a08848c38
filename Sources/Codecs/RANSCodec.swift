public import Tensors

/// Quantised values under an entropy coder.
///
/// Source: https://arxiv.org/abs/2511.11664.
public struct RANSCodec: LatentCodec {
  /// How symbols are laid out before they are coded.
  public enum Layout: UInt8, CaseIterable, Sendable {
    /// Every symbol in turn.
    case dense = 0
    /// The symbols that are not zero's, their columns and the number in each row of a matrix the
    /// latent is reshaped to, coded together: the paper's layout.
    case sparse = 1
  }

  /// 3.
  public static let number: UInt8 = 3
  /// `rans`.
  public static let name = "rans"

  /// The bits of a value there may be.
  public static let bitRange = 1...12

  /// The bits of a value.
  public let bits: Int
  /// How symbols are laid out.
  public let layout: Layout

  /// `bits` and `layout`.
  public var settings: [String: CodecDescription.Setting] {
    ["bits": .integer(bits), "layout": .word("\(layout)")]
  }

  /// Creates the codec.
  ///
  /// Deviation: the default is `dense`, which takes fewer bytes than the paper's layout on the
  /// features measured here.
  ///
  /// - Precondition: 1 to 12 bits.
  public init(bits: Int, layout: Layout = .dense) {
    precondition(RANSCodec.bitRange.contains(bits), "RANSCodec: \(bits) bits")
    self.bits = bits
    self.layout = layout
  }

  /// Quantises, counts and codes.
  ///
  /// - Throws: ``CodecError/notFinite(index:value:)``, or
  ///   ``CodecError/outOfRange(index:value:most:)`` for values too far apart.
  public func encode(_ latent: Tensor<Float>, into writer: inout ByteWriter) throws(CodecError) {
    let quantizer = try AffineQuantizer(fitting: latent, bits: bits)
    quantizer.write(to: &writer)
    guard quantizer.scale > 0 else { return }
    writer.write(byte: layout.rawValue)
    let symbols = quantizer.symbols(of: latent)
    switch layout {
    case .dense: RANSCodec.write(symbols, alphabet: quantizer.symbolCount, to: &writer)
    case .sparse:
      let sparse = SparseLayout(symbols, background: UInt16(quantizer.zeroSymbol), bits: bits)
      writer.write(variable: sparse.rows)
      writer.write(variable: sparse.values.count)
      RANSCodec.write(
        sparse.pool, alphabet: max(quantizer.symbolCount, sparse.columns + 1), to: &writer)
    }
  }

  /// Writes a table of the symbols and the coded symbols.
  private static func write(_ symbols: [UInt16], alphabet: Int, to writer: inout ByteWriter) {
    let counts = RANSCodec.counts(symbols, alphabet: alphabet)
    let used = counts.lazy.filter { $0 > 0 }.count
    let table = FrequencyTable(
      counts: counts,
      precision: FrequencyTable.precision(symbols: symbols.count, alphabet: used))
    table.write(to: &writer)
    RANS.encode(symbols, with: table, to: &writer)
  }

  /// How often each symbol occurs.
  ///
  /// Neighbours count in columns of their own: one symbol after another of the same kind would
  /// wait for each other.
  private static func counts(_ symbols: [UInt16], alphabet: Int) -> [Int] {
    let columns = 4
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: columns * alphabet) { counts in
      counts.initialize(repeating: 0)
      symbols.withUnsafeBufferPointer { symbols in
        for index in 0..<symbols.count {
          let column = Int(symbols[index]) &* columns &+ index & (columns - 1)
          counts[column] &+= 1
        }
      }
      return (0..<alphabet).map { symbol in
        counts[columns * symbol..<columns * (symbol + 1)].reduce(0, +)
      }
    }
  }

  /// Decodes and scales.
  public static func decode(
    _ reader: inout ByteReader, shape: Shape, tables: CodecTables
  ) throws(CodecError) -> Tensor<Float> {
    let quantizer = try AffineQuantizer(&reader)
    guard bitRange.contains(quantizer.bits) else {
      throw .damaged("values of \(quantizer.bits) bits, expected 1 to 12")
    }
    guard quantizer.scale > 0 else { return Tensor(shape, repeating: quantizer.offset) }
    let count = shape.elementCount
    guard count > 0 else { throw .damaged("an empty latent with a scale") }
    let number = try reader.byte(of: "the layout")
    guard let layout = Layout(rawValue: number) else {
      throw .damaged("the layout is \(number), expected 0 or 1")
    }
    let symbols: [UInt16]
    switch layout {
    case .dense:
      let table = try FrequencyTable(&reader)
      guard table.frequencies.count <= quantizer.symbolCount else {
        throw .damaged("the table has symbols of more than \(quantizer.bits) bits")
      }
      symbols = try RANS.decode(&reader, count: count, with: table)
    case .sparse:
      let rows = try reader.variable(of: "the number of rows", in: 1...count)
      guard count % rows == 0 else { throw .damaged("\(count) values in \(rows) rows") }
      let kept = try reader.variable(of: "the number of values", in: 0...count)
      let table = try FrequencyTable(&reader)
      let pool = try RANS.decode(&reader, count: 2 * kept + rows, with: table)
      symbols = try SparseLayout.symbols(
        pool, kept: kept, rows: rows, columns: count / rows,
        background: UInt16(quantizer.zeroSymbol), symbolCount: quantizer.symbolCount)
    }
    return quantizer.values(of: symbols, shape: shape)
  }
}
