internal import Foundation

/// Unpacks tar archives of plain files and folders.
///
/// Formats: ustar and its GNU variant. Links, devices and names that lead out of the target folder
/// are errors, whatever wrote the archive. See POSIX.1-2017, pax, "ustar Interchange Format".
package enum TarArchive {
  private static let blockLength = 512

  /// A regular file in an archive.
  struct Entry {
    var name: String
    var contents: Range<Int>
  }

  /// Writes an archive's files below a folder, which is created.
  ///
  /// - Parameters:
  ///   - bytes: the archive, not compressed.
  ///   - file: the name that errors give.
  /// - Returns: the paths written, relative to the folder.
  /// - Throws: ``DatasetError``; every entry is checked before the first is written.
  @discardableResult
  package static func unpack(
    _ bytes: [UInt8], file: String, into folder: String
  ) throws(DatasetError) -> [String] {
    let entries = try entries(bytes, file: file)
    for entry in entries {
      let target = joined(folder, entry.name)
      try createFolder((target as NSString).deletingLastPathComponent)
      try writeFile(Array(bytes[entry.contents]), to: target)
    }
    return entries.map(\.name)
  }

  /// The regular files in an archive.
  static func entries(_ bytes: [UInt8], file: String) throws(DatasetError) -> [Entry] {
    var entries: [Entry] = []
    var offset = 0
    while true {
      guard offset + blockLength <= bytes.count else {
        throw .malformed(
          file: file, what: "tar archive", expected: "an end marker",
          found: "the archive cut off after \(bytes.count) bytes")
      }
      let header = bytes[offset..<offset + blockLength]
      if header.allSatisfy({ $0 == 0 }) { return entries }
      try checkSum(header, file: file)
      let name = try entryName(header, file: file)
      guard let size = octal(header, 124, 12), size <= bytes.count - offset - blockLength else {
        throw .malformed(
          file: file, what: "tar entry '\(name)'", expected: "its contents",
          found: "the archive cut off or a damaged size")
      }
      let start = offset + blockLength
      switch header[offset + 156] {
      case UInt8(ascii: "0"), 0: entries.append(Entry(name: name, contents: start..<start + size))
      case UInt8(ascii: "5"): break
      // Attributes of the archive or of the next file, none of which matter here.
      case UInt8(ascii: "g"), UInt8(ascii: "x"): break
      case UInt8(ascii: "1"), UInt8(ascii: "2"):
        throw .unsafeArchive(file: file, entry: name, reason: "is a link, expected a plain file")
      default:
        throw .unsafeArchive(file: file, entry: name, reason: "is not a plain file or folder")
      }
      offset = start + (size + blockLength - 1) / blockLength * blockLength
    }
  }

  private static func checkSum(
    _ header: ArraySlice<UInt8>, file: String
  ) throws(DatasetError) {
    let start = header.startIndex
    let sum = header.indices.reduce(0) { sum, index in
      // The checksum's own field counts as spaces.
      (148..<156).contains(index - start) ? sum + 32 : sum + Int(header[index])
    }
    guard octal(header, 148, 8) == sum else {
      throw .malformed(
        file: file, what: "tar header at byte \(start)", expected: "a matching checksum",
        found: "another")
    }
  }

  private static func entryName(
    _ header: ArraySlice<UInt8>, file: String
  ) throws(DatasetError) -> String {
    let isPOSIX = text(header, 257, 6) == "ustar"
    let prefix = isPOSIX ? text(header, 345, 155) : ""
    let name = (prefix.isEmpty ? "" : prefix + "/") + text(header, 0, 100)
    let parts = name.split(separator: "/", omittingEmptySubsequences: true)
    guard !name.hasPrefix("/"), !parts.contains("..") else {
      throw .unsafeArchive(file: file, entry: name, reason: "leads out of the target folder")
    }
    let kept = parts.filter { $0 != "." }
    guard !kept.isEmpty || header[header.startIndex + 156] == UInt8(ascii: "5") else {
      throw .unsafeArchive(file: file, entry: name, reason: "has no name")
    }
    return kept.joined(separator: "/")
  }

  private static func text(_ header: ArraySlice<UInt8>, _ offset: Int, _ length: Int) -> String {
    let start = header.startIndex + offset
    return String(decoding: header[start..<start + length].prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func octal(_ header: ArraySlice<UInt8>, _ offset: Int, _ length: Int) -> Int? {
    Int(text(header, offset, length).trimmed, radix: 8).flatMap { $0 >= 0 ? $0 : nil }
  }
}
