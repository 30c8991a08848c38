internal import Files
internal import Foundation

/// The bytes of a file.
package func readFile(_ path: String) throws(DatasetError) -> [UInt8] {
  do {
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  } catch {
    throw .inaccessible(file: path, reason: systemReason(error))
  }
}

/// Writes a file whole or not at all.
package func writeFile(_ bytes: [UInt8], to path: String) throws(DatasetError) {
  do throws(FileError) {
    try AtomicFile.write(bytes, to: path)
  } catch {
    throw .inaccessible(file: error.path, reason: error.reason)
  }
}

/// Writes bytes to an open file.
func writeAll(
  _ bytes: some Sequence<UInt8>, to descriptor: Int32, file: String
) throws(DatasetError) {
  do throws(FileError) {
    try AtomicFile.append(bytes, to: descriptor, path: file)
  } catch {
    throw .inaccessible(file: error.path, reason: error.reason)
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
