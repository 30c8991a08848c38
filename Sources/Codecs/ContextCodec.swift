public import Tensors

/// Quantised values under an entropy coder whose calibrated tables follow from the channel and from
/// the values to the left and above.
public struct ContextCodec: LatentCodec {
  /// 4.
  public static let number: UInt8 = 4
  /// `context`.
  public static let name = "context"

  /// The tables.
  public let tables: ContextTables
  /// The number streams call the tables by.
  public let tableNumber: Int

  /// `bits` and `table`, the number of the tables.
  public var settings: [String: CodecDescription.Setting] {
    ["bits": .integer(tables.bits), "table": .integer(tableNumber)]
  }

  /// Creates the codec.
  ///
  /// - Precondition: the number is not negative.
  public init(_ tables: ContextTables, tableNumber: Int) {
    precondition(tableNumber >= 0, "ContextCodec: table \(tableNumber)")
    self.tables = tables
    self.tableNumber = tableNumber
  }

  /// Quantises and codes.
  ///
  /// - Throws: ``CodecError`` if a value is not finite or the channels are not the tables'.
  public func encode(_ latent: Tensor<Float>, into writer: inout ByteWriter) throws(CodecError) {
    let layout = try ImageLayout(latent.shape, channels: tables.channels)
    let quantizer = try AffineQuantizer(fitting: latent, bits: tables.bits)
    quantizer.write(to: &writer)
    guard quantizer.scale > 0 else { return }
    writer.write(variable: tableNumber)
    let symbols = ImageLayout.centred(quantizer.symbols(of: latent), quantizer)
    RANS.encode(symbols, layout, with: tables, to: &writer)
  }

  /// What the tables' frequencies say: `Σ −log₂(F / 2ⁿ)` bits over all symbols.
  public func expectedBytes(_ latent: Tensor<Float>) throws(CodecError) -> Double? {
    let layout = try ImageLayout(latent.shape, channels: tables.channels)
    let quantizer = try AffineQuantizer(fitting: latent, bits: tables.bits)
    guard quantizer.scale > 0 else { return 0 }
    let symbols = ImageLayout.centred(quantizer.symbols(of: latent), quantizer)
    return tables.bits(of: symbols, layout) / 8
  }

  /// Decodes and scales.
  public static func decode(
    _ reader: inout ByteReader, shape: Shape, tables: CodecTables
  ) throws(CodecError) -> Tensor<Float> {
    let quantizer = try AffineQuantizer(&reader)
    guard quantizer.scale > 0 else { return Tensor(shape, repeating: quantizer.offset) }
    let number = try reader.variable(of: "the number of the tables", in: 0...Int.max)
    let tables = try tables.tables(ContextTables.self, number)
    guard quantizer.bits == tables.bits else {
      throw .damaged("values of \(quantizer.bits) bits, the tables are for \(tables.bits)")
    }
    let layout = try ImageLayout(shape, channels: tables.channels)
    guard shape.elementCount > 0 else { throw .damaged("an empty latent with a scale") }
    let symbols = try RANS.decode(&reader, layout, with: tables)
    return quantizer.values(of: ImageLayout.uncentred(symbols, quantizer), shape: shape)
  }
}
