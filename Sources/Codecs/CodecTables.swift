internal import Files

/// What a codec's encoder and decoder have to agree on beforehand: made once, from data or from a
/// trained network, and deployed on both sides as integers.
public protocol CodecTable: Sendable {
  /// What the bytes of such tables begin with; no other kind's do.
  static var magic: [UInt8] { get }

  /// The tables as bytes, for a checkpoint or beside an exported model.
  var bytes: [UInt8] { get }

  /// Reads ``bytes``.
  ///
  /// - Throws: ``CodecError`` for anything else.
  init(_ bytes: [UInt8]) throws(CodecError)

  /// The codec that codes with the tables.
  ///
  /// - Parameter tableNumber: what its streams call them by.
  func codec(tableNumber: Int) -> any LatentCodec
}

extension CodecTable {
  /// Bytes with what every kind of tables has around them: ``magic``, a version, and a checksum.
  static func sealed(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(magic)
    writer.write(byte: 1)
    body(&writer)
    var crc = CRC32C()
    writer.bytes.withUnsafeBytes { crc.update($0) }
    writer.write(fixed: crc.value)
    return writer.bytes
  }

  /// A reader of what ``sealed(_:)`` had between.
  ///
  /// - Throws: ``CodecError`` if the bytes are not such tables, or damaged.
  static func opened(_ bytes: [UInt8]) throws(CodecError) -> ByteReader {
    guard bytes.starts(with: magic) else { throw .notAStream }
    guard bytes.count >= magic.count + 5 else { throw .truncated(needed: "the tables") }
    var crc = CRC32C()
    bytes.dropLast(4).withUnsafeBytes { crc.update($0) }
    var stored = ByteReader(bytes, bytes.count - 4..<bytes.count)
    guard try stored.fixed(UInt32.self, of: "the checksum") == crc.value else { throw .checksum }
    var reader = ByteReader(bytes, magic.count..<bytes.count - 4)
    let version = try reader.byte(of: "the version")
    guard version == 1 else { throw .version(found: Int(version), newest: 1) }
    return reader
  }
}

/// Tables by their number.
public struct CodecTables: Sendable {
  /// Every kind of tables, one line each.
  static let kinds: [any CodecTable.Type] = [
    ContextTables.self,
    FactorizedTables.self,
    HyperpriorTables.self,
  ]

  /// The tables.
  public var byNumber: [Int: any CodecTable]

  /// Creates a collection.
  public init(_ byNumber: [Int: any CodecTable] = [:]) { self.byNumber = byNumber }

  /// No tables.
  public static let none = CodecTables()

  /// Reads tables of any kind.
  ///
  /// - Parameter number: what streams call them by.
  /// - Throws: ``CodecError`` for anything that is no such file.
  public init(_ bytes: [UInt8], number: Int = 0) throws(CodecError) {
    guard let kind = CodecTables.kinds.first(where: { bytes.starts(with: $0.magic) }) else {
      throw .notAStream
    }
    self.init([number: try kind.init(bytes)])
  }

  /// What the tables take where they are kept.
  public var byteCount: Int { byNumber.values.reduce(0) { $0 + $1.bytes.count } }

  /// The tables of a number.
  ///
  /// - Throws: ``CodecError/unknownTable(_:known:)`` if there are none of the kind.
  func tables<Table: CodecTable>(
    _ kind: Table.Type, _ number: Int
  ) throws(CodecError) -> Table {
    guard let tables = byNumber[number] as? Table else {
      throw .unknownTable(number, known: byNumber.filter { $0.value is Table }.keys.sorted())
    }
    return tables
  }
}
