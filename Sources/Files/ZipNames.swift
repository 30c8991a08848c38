/// The names of the files in a zip archive, as far as they are needed to tell what it is.
///
/// They are read from the directory at the archive's end. An archive that was cut off has none: then
/// the name of its first file is known.
enum ZipNames {
  /// How an archive with files begins.
  static let signature: [UInt8] = [0x50, 0x4B, 3, 4]

  /// How far from the end the directory's own end may be: behind it is a comment of up to 2^16 bytes.
  private static let endSize = 22 + 1 << 16
  /// How much of the directory is read.
  private static let mostDirectoryBytes = 1 << 20

  /// The names in the order of the directory.
  static func all(in file: ReadableFile) -> [String] {
    let names = directory(in: file)
    if !names.isEmpty { return names }
    let head = file.bytes(at: 0, count: 30 + 1 << 12)
    guard head.count > 30 else { return [] }
    let length = number(head, 26, 2)
    return [String(decoding: head.dropFirst(30).prefix(length), as: UTF8.self)]
  }

  private static func directory(in file: ReadableFile) -> [String] {
    let start = max(0, file.byteCount - endSize)
    let tail = file.bytes(at: start, count: file.byteCount - start)
    let mark: [UInt8] = [0x50, 0x4B, 5, 6]
    let end = stride(from: tail.count - 22, through: 0, by: -1).first {
      tail[$0...].starts(with: mark)
    }
    guard let end else { return [] }
    let size = min(number(tail, end + 12, 4), mostDirectoryBytes)
    let bytes = file.bytes(at: number(tail, end + 16, 4), count: size)
    var names: [String] = []
    var place = 0
    while place + 46 <= bytes.count, bytes[place...].starts(with: [0x50, 0x4B, 1, 2] as [UInt8]) {
      let length = number(bytes, place + 28, 2)
      let name = bytes.dropFirst(place + 46).prefix(length)
      // Entries of folders end so.
      if name.last != UInt8(ascii: "/") { names.append(String(decoding: name, as: UTF8.self)) }
      place += 46 + length + number(bytes, place + 30, 2) + number(bytes, place + 32, 2)
    }
    return names
  }

  /// A little-endian number.
  private static func number(_ bytes: [UInt8], _ place: Int, _ size: Int) -> Int {
    bytes[place..<place + size].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
