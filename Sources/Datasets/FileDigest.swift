internal import Crypto
internal import Foundation

/// Checksums of files, in lower-case hexadecimal.
package enum FileDigest {
  /// The MD5, by which the public data sets are published; it finds damage, not deceit.
  package static func md5(
    _ path: String, progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> String {
    try digest(path, Insecure.MD5(), progress)
  }

  /// The SHA-256.
  package static func sha256(
    _ path: String, progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> String {
    try digest(path, SHA256(), progress)
  }

  private static func digest(
    _ path: String, _ function: some HashFunction, _ progress: DatasetProgress.Handler?
  ) throws(DatasetError) -> String {
    var function = function
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError(path) }
    defer { close(descriptor) }
    let total = fileSize(path)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var completed = 0
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw systemError(path) }
      if count == 0 { break }
      buffer.withUnsafeBytes {
        function.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count]))
      }
      completed += count
      progress?(DatasetProgress(subject: path, unit: .bytes, completed: completed, total: total))
    }
    return function.finalize().map { byteText($0) }.joined()
  }
}

/// The size of a file in bytes, 0 if there is none.
func fileSize(_ path: String) -> Int {
  let attributes = try? FileManager.default.attributesOfItem(atPath: path)
  return (attributes?[.size] as? NSNumber)?.intValue ?? 0
}
