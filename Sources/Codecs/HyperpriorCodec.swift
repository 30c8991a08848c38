public import Tensors

/// Whole numbers under an entropy coder whose tables follow, value by value, from a hyper-latent
/// that is sent first: what an autoencoder with a scale or mean-scale hyperprior sends.
///
/// Encoder and decoder compute the distributions of the values from the hyper-latent in integers, so
/// that they agree wherever they run.
public struct HyperpriorCodec: LatentCodec {
  /// 7.
  public static let number: UInt8 = 7
  /// `hyperprior`.
  public static let name = "hyperprior"

  /// The tables.
  public let tables: HyperpriorTables
  /// The number streams call the tables by.
  public let tableNumber: Int

  /// `table`, the number of the tables.
  public var settings: [String: CodecDescription.Setting] {
    ["table": .integer(tableNumber)]
  }

  /// Creates the codec.
  ///
  /// - Precondition: the number is not negative.
  public init(_ tables: HyperpriorTables, tableNumber: Int) {
    precondition(tableNumber >= 0, "HyperpriorCodec: table \(tableNumber)")
    self.tables = tables
    self.tableNumber = tableNumber
  }

  /// Computes the hyper-latent, rounds and codes.
  ///
  /// - Throws: ``CodecError`` if a value is not finite or not within ±2¹⁴, or the channels are not
  ///   the tables'.
  public func encode(_ latent: Tensor<Float>, into writer: inout ByteWriter) throws(CodecError) {
    try symbols(of: latent)
      .write(tableNumber: tableNumber, with: tables.coding, to: &writer)
  }

  /// The bits of the tables' frequencies, with eight a byte of a value without an entry.
  public func expectedBytes(_ latent: Tensor<Float>) throws(CodecError) -> Double? {
    try symbols(of: latent).bits(with: tables.coding) / 8
  }

  /// Those of both networks.
  public func multiplyAccumulates(_ shape: Shape) -> Int {
    guard let image = try? HyperpriorCodec.image(shape, tables) else { return 0 }
    let extents = tables.analysis.extents(height: image.height, width: image.width)
    return tables.analysis.multiplyAccumulates(extents)
      + tables.synthesis.multiplyAccumulates(extents.reversed())
  }

  func symbols(of latent: Tensor<Float>) throws(CodecError) -> NumberedSymbols {
    let image = try HyperpriorCodec.image(latent.shape, tables)
    var symbols = NumberedSymbols(capacity: latent.count + latent.count / 4)
    guard latent.count > 0 else { return symbols }
    let farthest = Float(IntegerNetwork.farthest >> IntegerNetwork.fractionBits)
    let scalars = latent.scalars
    try CodecError.checkFinite(scalars)
    for (index, value) in scalars.enumerated() {
      guard abs(value) <= farthest else {
        throw .outOfRange(index: index, value: value, most: farthest)
      }
    }
    let fixed = scalars.map { IntegerNetwork.fixed($0) }
    let extents = tables.analysis.extents(height: image.height, width: image.width)
    let found = tables.analysis(
      IntegerNetwork.Image(extent: extents[0], channels: image.channels, values: fixed))
    var hyper: [Int32] = []
    hyper.reserveCapacity(found.values.count)
    for (index, value) in found.values.enumerated() {
      let channel = index % found.channels
      let median = IntegerNetwork.fixed(tables.coding.medians[channel])
      let number = HyperpriorCodec.rounded(value, from: median)
      symbols.append(number, table: channel, of: tables.coding)
      hyper.append(HyperpriorCodec.value(of: number, from: median))
    }
    let distributions = tables.distributions(ofHyper: hyper, extents)
    for (index, value) in fixed.enumerated() {
      let mean = tables.hasMeans ? distributions.means[index] : 0
      symbols.append(
        HyperpriorCodec.rounded(value, from: mean), table: Int(distributions.tables[index]),
        of: tables.coding)
    }
    return symbols
  }

  /// The nearest whole number of a distance, halves up.
  private static func rounded(_ value: Int32, from centre: Int32) -> Int {
    let half = 1 << (IntegerNetwork.fractionBits - 1)
    return (Int(value) - Int(centre) + half) >> IntegerNetwork.fractionBits
  }

  /// What a whole number from a centre stands for, in fixed point and within its bounds.
  private static func value(of number: Int, from centre: Int32) -> Int32 {
    let farthest = Int(IntegerNetwork.farthest)
    let value = number << IntegerNetwork.fractionBits + Int(centre)
    return Int32(min(max(value, -farthest), farthest))
  }

  /// Decodes the hyper-latent, and with it the latent; adds the means.
  public static func decode(
    _ reader: inout ByteReader, shape: Shape, tables: CodecTables
  ) throws(CodecError) -> Tensor<Float> {
    let number = try reader.variable(of: "the number of the tables", in: 0...Int.max)
    let tables = try tables.tables(HyperpriorTables.self, number / 2)
    let image = try image(shape, tables)
    let extents = tables.analysis.extents(height: image.height, width: image.width)
    let hyperExtent = extents[extents.count - 1]
    let hyperChannels = tables.analysis.outputs
    let count = shape.elementCount
    let hyperCount = count > 0 ? hyperExtent.height * hyperExtent.width * hyperChannels : 0
    var escaped = try EscapedNumbers(
      &reader, isPresent: number % 2 == 1, most: hyperCount + count)
    var distributions: (tables: [UInt16], means: [Int32]) = ([], [])
    let symbols = try RANS.decode(&reader, count: hyperCount + count, with: tables.coding) {
      decoded in
      guard !decoded.isEmpty else { return (0..<hyperCount).map { UInt16($0 % hyperChannels) } }
      var hyper: [Int32] = []
      hyper.reserveCapacity(hyperCount)
      for (index, symbol) in decoded.enumerated() {
        let channel = index % hyperChannels
        guard let number = escaped.number(symbol, table: channel, of: tables.coding) else {
          return nil
        }
        let median = IntegerNetwork.fixed(tables.coding.medians[channel])
        hyper.append(value(of: number, from: median))
      }
      distributions = tables.distributions(ofHyper: hyper, extents)
      return distributions.tables
    }
    var values: [Float] = []
    values.reserveCapacity(count)
    for (index, symbol) in symbols.dropFirst(hyperCount).enumerated() {
      guard
        let number = escaped.number(
          symbol, table: Int(distributions.tables[index]), of: tables.coding)
      else { throw .damaged("an escaped value is missing") }
      let mean = tables.hasMeans ? Float(distributions.means[index]) / 0x1p16 : 0
      values.append(Float(number) + mean)
    }
    guard escaped.remaining == 0 else {
      throw .damaged("\(escaped.remaining) escaped values are left over")
    }
    return Tensor(shape, values)
  }

  /// A latent as an image; nothing is an image without pixels.
  private static func image(
    _ shape: Shape, _ tables: HyperpriorTables
  ) throws(CodecError) -> ImageLayout {
    let isEmpty = shape.elementCount == 0
    return try ImageLayout(isEmpty ? [0, 0, tables.channels] : shape, channels: tables.channels)
  }
}
