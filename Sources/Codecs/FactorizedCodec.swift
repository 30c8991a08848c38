internal import CKernels
internal import Foundation
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

  /// The largest distance from a median.
  private static let farthest = Float(1 << 24)

  /// The tables.
  public let tables: FactorizedTables
  /// The number streams call the tables by.
  public let tableNumber: Int

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
    let (symbols, escaped) = try symbols(of: latent)
    // The lowest bit says whether there are escaped values.
    writer.write(variable: 2 * tableNumber + (escaped.isEmpty ? 0 : 1))
    if !escaped.isEmpty { writer.write(variable: escaped.count) }
    for value in escaped { writer.write(variable: value < 0 ? -2 * value - 1 : 2 * value) }
    RANS.encode(symbols, with: tables, to: &writer)
  }

  /// The bits of the tables' frequencies, with eight a byte of an escaped value.
  public func expectedBytes(_ latent: Tensor<Float>) throws(CodecError) -> Double? {
    let (symbols, escaped) = try symbols(of: latent)
    var bits = 0.0
    for (index, symbol) in symbols.enumerated() {
      let frequency = tables.entries[Int(tables.starts[index % tables.channels]) + Int(symbol)]
      bits += Double(FactorizedTables.precision) - log2(Double(frequency.frequency))
    }
    for value in escaped {
      let width = Int.bitWidth - abs(2 * value).leadingZeroBitCount
      bits += Double(8 * max(1, (width + 6) / 7))
    }
    return bits / 8
  }

  /// The symbol of each value, and the values that have none.
  private func symbols(
    of latent: Tensor<Float>
  ) throws(CodecError) -> (symbols: [UInt16], escaped: [Int]) {
    try FactorizedCodec.check(latent.shape, tables)
    var symbols: [UInt16] = []
    var escaped: [Int] = []
    symbols.reserveCapacity(latent.count)
    var channel = 0
    for (index, value) in latent.scalars.enumerated() {
      let distance = (value - tables.medians[channel]).rounded(.toNearestOrEven)
      guard distance.isFinite else { throw .notFinite(index: index) }
      guard abs(distance) <= FactorizedCodec.farthest else {
        throw .outOfRange(index: index, value: value, most: FactorizedCodec.farthest)
      }
      let escape = Int(tables.lengths[channel]) - 1
      let symbol = Int(distance) - tables.lowest[channel]
      if symbol >= 0, symbol < escape {
        symbols.append(UInt16(symbol))
      } else {
        symbols.append(UInt16(escape))
        escaped.append(Int(distance))
      }
      channel += 1
      if channel == tables.channels { channel = 0 }
    }
    return (symbols, escaped)
  }

  /// Decodes and adds the medians.
  public static func decode(
    _ reader: inout ByteReader, shape: Shape, tables: CodecTables
  ) throws(CodecError) -> Tensor<Float> {
    let number = try reader.variable(of: "the number of the tables", in: 0...Int.max)
    let tables = try tables.factorizedTables(number / 2)
    try check(shape, tables)
    let count = shape.elementCount
    let escapedCount =
      number % 2 == 0
      ? 0 : try reader.variable(of: "the number of escaped values", in: 0...count)
    guard escapedCount <= reader.remaining else { throw .truncated(needed: "the escaped values") }
    var escaped: [Int] = []
    escaped.reserveCapacity(escapedCount)
    for _ in 0..<escapedCount {
      let coded = try reader.variable(of: "an escaped value", in: 0...2 * Int(farthest))
      escaped.append(coded % 2 == 0 ? coded / 2 : -(coded + 1) / 2)
    }
    let symbols = try RANS.decode(&reader, count: count, with: tables)
    var values: [Float] = []
    values.reserveCapacity(count)
    var next = 0
    var channel = 0
    for symbol in symbols {
      var distance = Int(symbol) + tables.lowest[channel]
      if Int(symbol) == Int(tables.lengths[channel]) - 1 {
        guard next < escapedCount else { throw .damaged("an escaped value is missing") }
        distance = escaped[next]
        next += 1
      }
      values.append(Float(distance) + tables.medians[channel])
      channel += 1
      if channel == tables.channels { channel = 0 }
    }
    guard next == escapedCount else {
      throw .damaged("\(escapedCount - next) escaped values are left over")
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
