/// The first directory of a TIFF structure: what a TIFF file says of its first image, and an Exif
/// block of a camera's picture.
///
/// TIFF 6.0, section 2; with 64-bit offsets as in BigTIFF. Nothing it says is trusted: what
/// reaches beyond the bytes is not there.
struct TIFFDirectory {
  /// The numbers of the tags that are read.
  enum Tag: Int {
    case bitsPerSample = 258
    case photometric = 262
    case orientation = 274
    case extraSamples = 338
    case sampleFormat = 339
  }

  /// A value that is read, and where its first number is.
  private struct Field {
    var value: Int
    var offset: Int
    var width: Int
  }

  private let order: ByteOrder
  private let fields: [Int: Field]

  /// Reads a directory.
  ///
  /// - Parameters:
  ///   - bytes: what holds the structure.
  ///   - start: where it begins, from where all offsets count.
  init?(_ bytes: [UInt8], at start: Int = 0) {
    if bytes.has("II", at: start) {
      order = .little
    } else if bytes.has("MM", at: start) {
      order = .big
    } else {
      return nil
    }
    let order = order
    func number(_ offset: Int, _ width: Int) -> Int? {
      // Offsets of 8 bytes are read as far as a file can reach.
      guard width == 8 else { return bytes.number(at: offset, bytes: width, order) }
      guard let high = bytes.number(at: offset + (order == .big ? 0 : 4), bytes: 4, order),
        high == 0
      else { return nil }
      return bytes.number(at: offset + (order == .big ? 4 : 0), bytes: 4, order)
    }
    guard let version = number(start + 2, 2), version == 42 || version == 43 else { return nil }
    let isBig = version == 43
    let width = isBig ? 8 : 4
    guard let first = number(start + (isBig ? 8 : 4), width),
      let count = number(start + first, isBig ? 8 : 2)
    else { return nil }
    var fields: [Int: Field] = [:]
    let entries = start + first + (isBig ? 8 : 2)
    let length = isBig ? 20 : 12
    for index in 0..<min(count, (bytes.count - entries) / length) {
      let entry = entries + index * length
      guard let tag = number(entry, 2), let type = number(entry + 2, 2),
        let elements = number(entry + 4, width)
      else { break }
      let element = [1: 1, 3: 2, 4: 4][type] ?? 0
      let place = entry + 4 + width
      let isInline = element * elements <= width
      guard element > 0, elements > 0, elements <= bytes.count,
        let offset = isInline ? place : number(place, width).map({ start + $0 }),
        let value = number(offset, element)
      else { continue }
      fields[tag] = fields[tag] ?? Field(value: value, offset: offset, width: element)
    }
    self.fields = fields
  }

  /// The first number of a field; nil if it is not there or no whole number.
  subscript(_ tag: Tag) -> Int? { fields[tag.rawValue]?.value }

  /// The bits of a channel, 1 unless others are given.
  var bitsPerSample: Int { self[.bitsPerSample] ?? 1 }

  /// Which way up the pixels are stored, if it is said.
  var orientation: Orientation? { self[.orientation].flatMap(Orientation.init) }

  /// Writes another number into the bytes that the directory was read from.
  func set(_ tag: Tag, to value: UInt8, in bytes: inout [UInt8]) {
    guard let field = fields[tag.rawValue] else { return }
    for index in 0..<field.width { bytes[field.offset + index] = 0 }
    bytes[field.offset + (order == .big ? field.width - 1 : 0)] = value
  }
}

extension Orientation {
  /// The orientation in an Exif block, with the words `Exif` before it or without.
  init?(exif bytes: [UInt8], at start: Int = 0) {
    let content = bytes.has("Exif\0\0", at: start) ? start + 6 : start
    guard let found = TIFFDirectory(bytes, at: content)?.orientation else { return nil }
    self = found
  }

  /// The orientation in a packet of XMP, which editors write: `tiff:Orientation="6"`.
  init?(xmp bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard let name = bytes.firstRange(of: Array("tiff:Orientation".utf8)) else { return nil }
    let rest = bytes[name.upperBound...].prefix(3)
    let digits = rest.drop {
      [UInt8(ascii: "="), UInt8(ascii: "\""), UInt8(ascii: ">")].contains($0)
    }
    guard digits.count < rest.count, let digit = digits.first else { return nil }
    self.init(rawValue: Int(digit) - 0x30)
  }
}
