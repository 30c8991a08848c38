internal import Foundation

/// Reads files whole.
package enum WholeFile {
  /// The bytes of a file.
  ///
  /// - Throws: ``FileError`` with the system's reason, as for a folder, a link that leads to
  ///   itself, or a file that may not be read.
  package static func read(_ path: String) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(last: path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(last: path) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw FileError(path: path, reason: SystemReason.of(EISDIR))
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(0, Int(status.st_size)))
    var chunk = [UInt8](repeating: 0, count: min(max(1 << 12, Int(status.st_size)), 1 << 20))
    // The size is not relied upon: a pipe has none, and a file may grow.
    while true {
      let count = Foundation.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(last: path) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }
}

/// Reads files of text.
package enum TextFile {
  /// The text of a file, without the byte order mark that some programs begin it with.
  ///
  /// - Throws: ``FileError`` as ``WholeFile/read(_:)`` does, or naming the line that is not UTF-8.
  package static func read(_ path: String) throws(FileError) -> String {
    try decode(WholeFile.read(path), path: path)
  }

  /// The bytes of a text without the byte order mark of UTF-8.
  package static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
    bytes.starts(with: byteOrderMark) ? Array(bytes[byteOrderMark.count...]) : bytes
  }

  /// The text of some bytes: UTF-8, or UTF-16 where a byte order mark says so.
  ///
  /// - Parameter path: what errors call the bytes.
  package static func decode(_ bytes: [UInt8], path: String) throws(FileError) -> String {
    switch bytes.prefix(2) {
    case [0xff, 0xfe]: return try wide(bytes, path: path) { UInt16($0) | UInt16($1) << 8 }
    case [0xfe, 0xff]: return try wide(bytes, path: path) { UInt16($0) << 8 | UInt16($1) }
    default: break
    }
    let content = withoutMark(bytes)
    if let text = String(validating: content, as: UTF8.self) { return text }
    let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw FileError(
      path: path, reason: "line \(line + 1) is no text in UTF-8; save the file in that encoding")
  }

  /// U+FEFF in UTF-8.
  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  private static func wide(
    _ bytes: [UInt8], path: String, _ unit: (UInt8, UInt8) -> UInt16
  ) throws(FileError) -> String {
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { unit(bytes[$0], bytes[$0 + 1]) }
    guard bytes.count % 2 == 0, let text = String(validating: units, as: UTF16.self) else {
      throw FileError(path: path, reason: "it begins as UTF-16 does and is no text in it")
    }
    return text
  }
}
