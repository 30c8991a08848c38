internal import Files
public import Tensors

/// The container every codec's bytes travel in: what they are, of what shape, and a checksum.
///
/// | bytes | what |
/// |---|---|
/// | 4 | `CLVL` |
/// | 1 | version, 1 |
/// | 1 | the codec's number |
/// | 1 | element type, 0 for float32 |
/// | 1 | rank, at most 8 |
/// | 1–9 each | extents, seven bits a byte |
/// | the rest but 4 | the codec's own |
/// | 4 | CRC-32C of all before |
public struct LatentStream: Equatable, Sendable {
  /// The newest version there is.
  public static let version: UInt8 = 1

  /// The most values a stream may claim unless a caller allows more.
  public static let mostElements = 1 << 26

  private static let magic = Array("CLVL".utf8)
  private static let mostAxes = 8

  /// The codec's number.
  public let codec: UInt8
  /// The shape of the latent.
  public let shape: Shape
  /// The codec's own bytes.
  public let payload: [UInt8]

  /// Creates a stream of a codec's bytes.
  public init(codec: UInt8, shape: Shape, payload: [UInt8]) {
    self.codec = codec
    self.shape = shape
    self.payload = payload
  }

  /// Reads the container and its checksum, and nothing of the codec's bytes.
  ///
  /// - Throws: ``CodecError``; a shape of more than `mostElements` is refused before anything is
  ///   allocated for it.
  public init(_ bytes: [UInt8], mostElements: Int = LatentStream.mostElements) throws(CodecError) {
    guard bytes.count >= LatentStream.magic.count else {
      throw bytes.elementsEqual(LatentStream.magic.prefix(bytes.count))
        ? .truncated(needed: "the header") : .notAStream
    }
    guard bytes.starts(with: LatentStream.magic) else { throw .notAStream }
    var reader = ByteReader(bytes, LatentStream.magic.count..<bytes.count)
    let version = try reader.byte(of: "the version")
    guard version == LatentStream.version else {
      throw .version(found: Int(version), newest: Int(LatentStream.version))
    }
    guard reader.remaining >= 4 else { throw .truncated(needed: "the checksum") }
    var stored = ByteReader(bytes, bytes.count - 4..<bytes.count)
    guard try stored.fixed(UInt32.self, of: "the checksum") == LatentStream.check(bytes.dropLast(4))
    else { throw .checksum }
    reader = ByteReader(bytes, reader.position..<bytes.count - 4)
    codec = try reader.byte(of: "the codec")
    let type = try reader.byte(of: "the element type")
    guard type == 0 else { throw .damaged("the element type is \(type), expected 0 for float32") }
    let rank = try reader.byte(of: "the rank")
    guard rank <= LatentStream.mostAxes else {
      throw .damaged("the rank is \(rank), expected at most \(LatentStream.mostAxes)")
    }
    var dimensions: [Int] = []
    var count = 1
    for _ in 0..<rank {
      dimensions.append(try reader.variable(of: "an extent", in: 0...Int(Int32.max)))
      let (product, overflows) = count.multipliedReportingOverflow(by: dimensions.last ?? 1)
      guard !overflows, product <= mostElements else {
        throw .tooLarge(elements: overflows ? Int.max : product, most: mostElements)
      }
      count = product
    }
    shape = Shape(dimensions)
    payload = Array(try reader.bytes(reader.remaining, of: "the payload"))
  }

  /// The whole stream.
  public var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.write(LatentStream.magic)
    writer.write(byte: LatentStream.version)
    writer.write(byte: codec)
    writer.write(byte: 0)
    writer.write(byte: UInt8(shape.rank))
    for extent in shape.dimensions { writer.write(variable: extent) }
    writer.write(payload)
    writer.write(fixed: LatentStream.check(writer.bytes[...]))
    return writer.bytes
  }

  private static func check(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc = CRC32C()
    bytes.withUnsafeBytes { crc.update($0) }
    return crc.value
  }

  /// The latent, bit for bit the same on every machine.
  ///
  /// - Parameter tables: the calibrated tables the stream may name.
  /// - Throws: ``CodecError`` for any bytes a codec did not write.
  public func latent(tables: CodecTables = .none) throws(CodecError) -> Tensor<Float> {
    guard let type = CodecRegistry.types.first(where: { $0.number == codec }) else {
      throw .unknownCodec(Int(codec))
    }
    var reader = ByteReader(payload)
    let latent = try type.decode(&reader, shape: shape, tables: tables)
    guard reader.remaining == 0 else {
      throw .damaged("\(reader.remaining) bytes are left over")
    }
    return latent
  }
}
