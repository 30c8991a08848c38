internal import Foundation

/// The bytes of a file.
package func readFile(_ path: String) throws(DatasetError) -> [UInt8] {
  do {
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  } catch {
    throw .inaccessible(file: path, reason: systemReason(error))
  }
}

/// Writes a file whole or not at all: beside its place, synced, then renamed.
package func writeFile(_ bytes: [UInt8], to path: String) throws(DatasetError) {
  let temporary = path + ".\(UInt32.random(in: 0 ... .max)).tmp"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw systemError(path) }
  do throws(DatasetError) {
    defer { close(descriptor) }
    try writeAll(bytes, to: descriptor, file: path)
    guard fsync(descriptor) == 0 else { throw systemError(path) }
    guard rename(temporary, path) == 0 else { throw systemError(path) }
  } catch {
    unlink(temporary)
    throw error
  }
}

/// Writes bytes to an open file.
func writeAll(
  _ bytes: some Sequence<UInt8>, to descriptor: Int32, file: String
) throws(DatasetError) {
  let bytes = Array(bytes)
  var offset = 0
  while offset < bytes.count {
    let written = bytes.withUnsafeBytes { buffer in
      buffer.baseAddress.map { write(descriptor, $0 + offset, buffer.count - offset) } ?? 0
    }
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { throw systemError(file) }
    offset += written
  }
}

/// Creates a folder and those above it, unless it exists.
func createFolder(_ path: String) throws(DatasetError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw .inaccessible(file: path, reason: systemReason(error))
  }
}

/// The names in a folder, sorted, without hidden ones.
func listFolder(_ path: String) throws(DatasetError) -> [String] {
  do {
    return try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { !$0.hasPrefix(".") }.sorted()
  } catch {
    throw .inaccessible(file: path, reason: systemReason(error))
  }
}

/// Whether a folder is there.
func isFolder(_ path: String) -> Bool {
  var isDirectory: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    && isDirectory.boolValue
}

/// Whether a file or folder is there.
func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

/// A path with a name added.
func joined(_ folder: String, _ name: String) -> String {
  folder.hasSuffix("/") ? folder + name : folder + "/" + name
}

/// The last error of the C library as an error about a file.
func systemError(_ file: String) -> DatasetError {
  .inaccessible(file: file, reason: String(cString: strerror(errno)))
}

/// The reason of a Foundation error in the system's words where it has them.
func systemReason(_ error: any Error) -> String {
  let error = error as NSError
  if let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError,
    underlying.domain == NSPOSIXErrorDomain
  {
    return String(cString: strerror(Int32(underlying.code)))
  }
  switch CocoaError.Code(rawValue: error.code) {
  case .fileReadNoSuchFile, .fileNoSuchFile: return "no such file or folder"
  case .fileReadNoPermission, .fileWriteNoPermission: return "permission denied"
  default: return error.localizedDescription
  }
}

/// Two hexadecimal digits.
func byteText(_ byte: UInt8) -> String {
  let text = String(byte, radix: 16)
  return text.count == 1 ? "0" + text : text
}
