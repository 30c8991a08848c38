internal import Files
internal import Glibc

/// Looks at a file before the library does, and explains why the library would not have it.
enum FileProbe {
  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Checks that a path leads to a readable file that starts as HDF5 does, with a root that can
  /// be read; returns its bytes.
  ///
  /// - Parameter shown: what errors call the file.
  static func checkStart(_ path: String, shownAs shown: String) throws(HDF5Error) -> Int {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .missingFile(shown) : .unreadableFile(shown, reason: errorText())
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadableFile(shown, reason: errorText())
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw .unreadableFile(shown, reason: isDirectory ? "it is a directory" : "not a regular file")
    }
    let size = Int(status.st_size)
    guard size > 0 else { throw .emptyFile(shown) }
    let head = bytes(descriptor, at: 0, count: 8)
    if size < signature.count, signature.starts(with: head) {
      throw .truncatedFile(shown, expected: nil, found: size)
    }
    // Other content may come first, then the signature is at 512 bytes or a later power of two.
    var offset = 0
    while offset + signature.count <= size {
      if bytes(descriptor, at: offset, count: 8) == signature {
        // No superblock is shorter than 48 bytes.
        guard size >= offset + 48 else {
          throw .truncatedFile(shown, expected: nil, found: size)
        }
        try HeaderCheck.checkRoot(
          of: RawFile(descriptor: descriptor, byteCount: size, path: shown), superblockAt: offset)
        return size
      }
      offset = max(512, offset * 2)
    }
    throw .notHDF5(shown, found: "\(FileContent(of: path))")
  }

  private static func bytes(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    let read = pread(descriptor, &buffer, count, off_t(offset))
    return Array(buffer.prefix(max(0, read)))
  }

  /// The error behind the library's complaints on opening a file that has the signature.
  static func openError(_ path: String, _ size: Int, _ complaints: [String]) -> HDF5Error {
    if let truncation = complaints.first(where: { $0.hasPrefix("truncated file") }) {
      let fields = truncation.split(separator: ",")
      func number(after label: String) -> Int? {
        let field = fields.first { $0.contains(label) }
        return field?.split(separator: "=").last.flatMap { text in
          Int(text.filter { $0.isNumber })
        }
      }
      return .truncatedFile(path, expected: number(after: "stored_eof"), found: size)
    }
    if complaints.contains(where: { $0.contains("unable to lock file") }) {
      return .unreadableFile(path, reason: "another program is writing it")
    }
    return .corruptFile(path, reason: complaints.first ?? "unknown reason")
  }

  /// The system's reason in the library's complaints, or else the innermost complaint.
  static func reason(_ complaints: [String]) -> String {
    for complaint in complaints {
      guard let start = complaint.firstRange(of: "error message = '") else { continue }
      return String(complaint[start.upperBound...].prefix { $0 != "'" })
    }
    return complaints.first ?? "unknown reason"
  }

  /// The system's words for the last error on this thread.
  static func errorText() -> String { String(cString: strerror(errno)) }
}
