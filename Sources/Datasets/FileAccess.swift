internal import Files
internal import Foundation

/// The bytes of a file.
package func readFile(_ path: String) throws(DatasetError) -> [UInt8] {
  do throws(FileError) { return try WholeFile.read(path) } catch { throw DatasetError(error) }
}

/// The text of a file, without a byte order mark.
func readText(_ path: String) throws(DatasetError) -> String {
  do throws(FileError) { return try TextFile.read(path) } catch { throw DatasetError(error) }
}

/// Writes a file whole or not at all.
package func writeFile(_ bytes: [UInt8], to path: String) throws(DatasetError) {
  do throws(FileError) { try AtomicFile.write(bytes, to: path) } catch { throw DatasetError(error) }
}

/// Writes bytes to an open file.
func writeAll(
  _ bytes: some Sequence<UInt8>, to descriptor: Int32, file: String
) throws(DatasetError) {
  do throws(FileError) {
    try AtomicFile.append(bytes, to: descriptor, path: file)
  } catch { throw DatasetError(error) }
}

/// Creates a folder and those above it, unless it exists.
func createFolder(_ path: String) throws(DatasetError) {
  do throws(FileError) { try Folder.create(path) } catch { throw DatasetError(error) }
}

/// The names in a folder, sorted, without hidden ones.
func listFolder(_ path: String) throws(DatasetError) -> [String] {
  do throws(FileError) {
    return try Folder.entries(path).filter { !$0.hasPrefix(".") }
  } catch { throw DatasetError(error) }
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
  DatasetError(FileError(last: file))
}

extension DatasetError {
  /// The error of a file that cannot be read or written.
  init(_ error: FileError) { self = .inaccessible(file: error.path, reason: error.reason) }
}

/// Two hexadecimal digits.
func byteText(_ byte: UInt8) -> String {
  let text = String(byte, radix: 16)
  return text.count == 1 ? "0" + text : text
}
