public import Tensors

/// Whole numbers from each channel's median under an entropy coder with the tables of a learned
/// factorized prior: what an entropy bottleneck sends.
///
/// A value without an entry in its table is coded as an escape; it then stands among the escaped
/// values, seven bits a byte, with its sign in the lowest bit.
public struct FactorizedCodec: LatentCodec {
  /// 6.
  public static let number: UInt8 = 6
  /// `factorized`.
  public static let name = "factorized"

  /// The tables.
  public let tables: FactorizedTables
  /// The number streams call the tables by.
  public let tableNumber: Int

  /// `table`, the number of the tables.
  public var settings: [String: CodecDescription.Setting] {
    ["table": .integer(tableNumber)]
  }

  /// Creates the codec.
  ///
  /// - Precondition: the number is not negative.
  public init(_ tables: FactorizedTables, tableNumber: Int) {
    precondition(tableNumber >= 0, "FactorizedCodec: table \(tableNumber)")
    self.tables = tables
    self.tableNumber = tableNumber
  }

  /// Rounds and codes.
  ///
  /// - Throws: ``CodecError`` if a value is not finite or 2²⁴ away from its median, or the channels
  ///   are not the tables'.
  public func encode(_ latent: Tensor<Float>, into writer: inout ByteWriter) throws(CodecError) {
    try symbols(of: latent).write(tableNumber: tableNumber, with: tables, to: &writer)
  }

  /// The bits of the tables' frequencies, with eight a byte of an escaped value.
  public func expectedBytes(_ latent: Tensor<Float>) throws(CodecError) -> Double? {
    try symbols(of: latent).bits(with: tables) / 8
  }

  private func symbols(of latent: Tensor<Float>) throws(CodecError) -> NumberedSymbols {
    try FactorizedCodec.check(latent.shape, tables)
    var symbols = NumberedSymbols(capacity: latent.count)
    var channel = 0
    for (index, value) in latent.scalars.enumerated() {
      if let odd = NonFinite(value) { throw .notFinite(index: index, value: odd) }
      let distance = (value - tables.medians[channel]).rounded(.toNearestOrEven)
      let farthest = Float(NumberedSymbols.farthest)
      guard abs(distance) <= farthest else {
        throw .outOfRange(index: index, value: value, most: farthest)
      }
      symbols.append(Int(distance), table: channel, of: tables)
      channel += 1
      if channel == tables.channels { channel = 0 }
    }
    return symbols
  }

  /// Decodes and adds the medians.
  public static func decode(
    _ reader: inout ByteReader, shape: Shape, tables: CodecTables
  ) throws(CodecError) -> Tensor<Float> {
    let number = try reader.variable(of: "the number of the tables", in: 0...Int.max)
    let tables = try tables.tables(FactorizedTables.self, number / 2)
    try check(shape, tables)
    let count = shape.elementCount
    let channels = tables.channels
    var escaped = try EscapedNumbers(&reader, isPresent: number % 2 == 1, most: count)
    let symbols = try RANS.decode(&reader, count: count, with: tables) { _ in
      (0..<count).map { UInt16($0 % channels) }
    }
    var values: [Float] = []
    values.reserveCapacity(count)
    var channel = 0
    for symbol in symbols {
      guard let distance = escaped.number(symbol, table: channel, of: tables) else {
        throw .damaged("an escaped value is missing")
      }
      values.append(Float(distance) + tables.medians[channel])
      channel += 1
      if channel == channels { channel = 0 }
    }
    guard escaped.remaining == 0 else {
      throw .damaged("\(escaped.remaining) escaped values are left over")
    }
    return Tensor(shape, values)
  }

  private static func check(_ shape: Shape, _ tables: FactorizedTables) throws(CodecError) {
    let own = shape.rank > 0 ? shape[-1] : 1
    guard own == tables.channels || shape.elementCount == 0 else {
      throw .shape(expected: [tables.channels], found: shape)
    }
  }
}
