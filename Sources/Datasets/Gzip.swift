internal import CZlib

/// Reads gzip streams.
package enum Gzip {
  /// Whether bytes begin as a gzip stream does.
  package static func isCompressed(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
  }

  /// The contents of a gzip stream, of all its members where it has several.
  ///
  /// - Parameters:
  ///   - file: the name that errors give.
  ///   - limit: the most bytes that may come out, against a small file made to fill the memory.
  /// - Throws: ``DatasetError/malformed(file:what:expected:found:)`` if the stream is cut off,
  ///   damaged, or larger than the limit.
  package static func inflate(
    _ compressed: [UInt8], file: String, limit: Int = 8 << 30,
    progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> [UInt8] {
    var stream = z_stream()
    guard cleave_inflate_gzip_init(&stream) == Z_OK else {
      throw .inaccessible(file: file, reason: "zlib could not start")
    }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    output.reserveCapacity(compressed.count * 2)
    var consumed = 0
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let available = min(compressed.count - consumed, 1 << 20)
      let (status, used, produced) = step(
        &stream, compressed[consumed..<consumed + available], &chunk)
      consumed += used
      output += chunk[..<produced]
      progress?(
        DatasetProgress(
          subject: file, unit: .bytes, completed: consumed, total: compressed.count))
      guard output.count <= limit else {
        throw .malformed(
          file: file, what: "unpacked size", expected: "at most \(limit) bytes", found: "more")
      }
      switch status {
      case Z_STREAM_END:
        if consumed == compressed.count { return output }
        guard isCompressed(Array(compressed[consumed...].prefix(2))), inflateReset(&stream) == Z_OK
        else {
          throw .malformed(
            file: file, what: "gzip stream", expected: "the end of the file",
            found: "\(compressed.count - consumed) more bytes")
        }
      case Z_OK, Z_BUF_ERROR:
        if used == 0 && produced == 0 {
          throw .malformed(
            file: file, what: "gzip stream", expected: "its end",
            found: "the file cut off after \(compressed.count) bytes")
        }
      default:
        throw .malformed(
          file: file, what: "gzip stream", expected: "valid data",
          found: "damage near byte \(consumed)")
      }
    }
  }

  /// Inflates as much as fits into the chunk.
  private static func step(
    _ stream: inout z_stream, _ input: ArraySlice<UInt8>, _ chunk: inout [UInt8]
  ) -> (status: Int32, used: Int, produced: Int) {
    input.withUnsafeBufferPointer { input in
      chunk.withUnsafeMutableBufferPointer { output in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        let status = CZlib.inflate(&stream, Z_NO_FLUSH)
        return (
          status, input.count - Int(stream.avail_in), output.count - Int(stream.avail_out)
        )
      }
    }
  }
}

/// Reads a file, unpacking it if it is gzipped.
func readFileUnpacked(_ path: String) throws(DatasetError) -> [UInt8] {
  let bytes = try readFile(path)
  return Gzip.isCompressed(bytes) ? try Gzip.inflate(bytes, file: path) : bytes
}
