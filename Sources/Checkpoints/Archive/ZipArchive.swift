internal import CZlib
internal import Files
internal import Foundation
internal import HDF5

/// A zip archive that is read without trusting it: every offset and length is checked against the
/// file, every size against a limit before memory or disk is taken, and every checksum.
///
/// Only what Python's `zipfile` writes below 4 GiB is read: entries that are stored or deflated.
struct ZipArchive: ~Copyable {
  /// One file in the archive.
  struct Entry {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    /// Bytes in the archive.
    let packedCount: Int
    /// Bytes when unpacked.
    let count: Int
    /// Where its header stands.
    let header: Int
  }

  let path: String
  let entries: [String: Entry]
  private let source: ByteSource

  /// Whether a file begins as a zip archive does.
  static func isOne(_ path: String) -> Bool {
    guard let source = ByteSource(path), let head = source.bytes(at: 0, count: 4) else {
      return false
    }
    return head == [0x50, 0x4b, 3, 4]
  }

  /// Opens an archive and reads what is in it.
  ///
  /// - Throws: ``CheckpointError/damaged(file:object:reason:)``, or
  ///   ``CheckpointError/storage(_:)`` if the file cannot be read.
  init(_ path: String) throws(CheckpointError) {
    guard let source = ByteSource(path) else {
      throw .storage(.unreadableFile(path, reason: SystemReason.last))
    }
    entries = try ZipArchive.directory(of: source, path)
    self.source = source
    self.path = path
  }

  private static func damaged(_ path: String, _ reason: String, _ name: String = "")
    -> CheckpointError
  {
    .damaged(file: path, object: name, reason: reason)
  }

  /// The most bytes of the list of entries.
  private static let largestDirectory = 1 << 24
  /// Bytes of the record at the archive's end, and of the longest comment behind it.
  private static let (endCount, longestComment) = (22, 0xffff)

  /// Reads the list at the archive's end.
  private static func directory(
    of source: ByteSource, _ path: String
  ) throws(CheckpointError) -> [String: Entry] {
    let tailCount = min(source.count, endCount + longestComment)
    guard let tail = source.bytes(at: source.count - tailCount, count: tailCount),
      let end = tail.indices.last(where: { isEnd(tail, at: $0) })
    else { throw damaged(path, "the archive is cut off: its list of entries is missing") }
    let (count, size, start) = (
      Int(tail.short(end + 10)), Int(tail.word(end + 12)), Int(tail.word(end + 16))
    )
    guard count != 0xffff, size != 0xffff_ffff, start != 0xffff_ffff else {
      throw damaged(path, "the archive is of the format for over 4 GiB, which is not supported")
    }
    guard size <= largestDirectory, start + size <= source.count,
      let list = source.bytes(at: start, count: size)
    else { throw damaged(path, "the list of entries lies outside the file") }
    var entries: [String: Entry] = [:]
    var position = 0
    for index in 0..<count {
      guard position + 46 <= list.count, list.word(position) == 0x0201_4b50 else {
        throw damaged(path, "the list of entries breaks off after \(index) of \(count)")
      }
      let nameCount = Int(list.short(position + 28))
      let next =
        position + 46 + nameCount + Int(list.short(position + 30)) + Int(list.short(position + 32))
      guard next <= list.count,
        let name = String(
          validating: list[position + 46..<position + 46 + nameCount], as: UTF8.self)
      else { throw damaged(path, "the name of entry \(index) cannot be read") }
      let entry = try entry(name, list, position, path)
      guard entries.updateValue(entry, forKey: name) == nil else {
        throw damaged(path, "two entries have this name", name)
      }
      position = next
    }
    return entries
  }

  /// Whether the record of the archive's end stands at a place, with a comment to the end.
  private static func isEnd(_ tail: [UInt8], at place: Int) -> Bool {
    place + endCount <= tail.count && tail.word(place) == 0x0605_4b50
      && place + endCount + Int(tail.short(place + 20)) == tail.count
  }

  private static func entry(
    _ name: String, _ list: [UInt8], _ position: Int, _ path: String
  ) throws(CheckpointError) -> Entry {
    let method = list.short(position + 10)
    guard method == 0 || method == 8 else {
      throw damaged(path, "packed by method \(method), expected stored or deflated", name)
    }
    guard list.short(position + 8) & 1 == 0 else {
      throw damaged(path, "encrypted, which is not supported", name)
    }
    return Entry(
      name: name, isDeflated: method == 8, checksum: list.word(position + 16),
      packedCount: Int(list.word(position + 20)), count: Int(list.word(position + 24)),
      header: Int(list.word(position + 42)))
  }
}

extension ZipArchive {
  /// How many bytes one byte can stand for at most when deflated.
  private static let largestRatio = 1032

  /// The content of an entry.
  ///
  /// - Throws: ``CheckpointError/damaged(file:object:reason:)`` if it is over a limit or not what
  ///   was written.
  func bytes(of entry: Entry, limit: Int) throws(CheckpointError) -> [UInt8] {
    var content: [UInt8] = []
    try read(entry, limit: limit) { (chunk) throws(CheckpointError) in content += chunk }
    return content
  }

  /// Unpacks an entry, one piece after the other.
  func read(
    _ entry: Entry, limit: Int,
    _ receive: (ArraySlice<UInt8>) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    func damaged(_ reason: String) -> CheckpointError {
      .damaged(file: path, object: entry.name, reason: reason)
    }
    guard entry.count <= limit else {
      throw damaged("declares \(entry.count) bytes, expected at most \(limit)")
    }
    guard
      entry.isDeflated
        ? entry.count <= entry.packedCount * ZipArchive.largestRatio
        : entry.count == entry.packedCount
    else {
      throw damaged("declares \(entry.count) bytes packed as \(entry.packedCount)")
    }
    guard let header = source.bytes(at: entry.header, count: 30), header.word(0) == 0x0403_4b50
    else { throw damaged("its header lies outside the file") }
    let start = entry.header + 30 + Int(header.short(26)) + Int(header.short(28))
    guard start + entry.packedCount <= source.count else {
      throw damaged("reaches beyond the end of the file")
    }
    var check = crc32(0, nil, 0)
    var count = 0
    func accept(_ chunk: ArraySlice<UInt8>) throws(CheckpointError) {
      count += chunk.count
      guard count <= entry.count else {
        throw damaged("unpacks to more than the \(entry.count) bytes it declares")
      }
      check = chunk.withUnsafeBufferPointer { crc32(check, $0.baseAddress, UInt32($0.count)) }
      try receive(chunk)
    }
    var inflater = entry.isDeflated ? Inflater() : nil
    var isDone = !entry.isDeflated
    var position = start
    while position < start + entry.packedCount {
      let size = min(Inflater.pieceCount, start + entry.packedCount - position)
      guard let piece = source.bytes(at: position, count: size) else {
        throw damaged("cannot be read")
      }
      position += size
      guard inflater != nil else {
        try accept(piece[...])
        continue
      }
      isDone = try inflater?.inflate(piece, accept) ?? true
      if isDone { break }
    }
    guard isDone, count == entry.count else {
      throw damaged("unpacks to \(count) bytes, expected \(entry.count)")
    }
    guard check == UInt(entry.checksum) else { throw damaged("its checksum is not its own") }
  }
}

/// A file of which any bytes can be had.
private struct ByteSource {
  private let handle: FileHandle
  let count: Int

  init?(_ path: String) {
    guard let handle = FileHandle(forReadingAtPath: path), let end = try? handle.seekToEnd(),
      let count = Int(exactly: end)
    else { return nil }
    self.handle = handle
    self.count = count
  }

  func bytes(at offset: Int, count: Int) -> [UInt8]? {
    guard offset >= 0, count >= 0, count <= self.count - offset else { return nil }
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let read = bytes.withUnsafeMutableBytes { buffer in
        buffer.baseAddress.map {
          pread(handle.fileDescriptor, $0 + done, count - done, off_t(offset + done))
        } ?? 0
      }
      guard read > 0 else { return nil }
      done += read
    }
    return bytes
  }
}

extension [UInt8] {
  /// The 16-bit number at a place, its lowest byte first.
  fileprivate func short(_ place: Int) -> UInt16 {
    UInt16(self[place]) | UInt16(self[place + 1]) << 8
  }

  /// The 32-bit number at a place, its lowest byte first.
  fileprivate func word(_ place: Int) -> UInt32 {
    UInt32(short(place)) | UInt32(short(place + 2)) << 16
  }
}
