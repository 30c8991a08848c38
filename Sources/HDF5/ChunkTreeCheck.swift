/// Checks the index of a dataset's chunks before the library follows it.
///
/// The library takes memory for as many bytes as the index gives a chunk, and then reads as many
/// as the chunk's extents say. Both must therefore agree; where chunks are compressed, the
/// extents are held against the places of the chunks, which are multiples of them, up to the
/// place past the last one.
struct ChunkTreeCheck {
  let file: RawFile
  /// The extents of a chunk; the last one is the bytes of an element.
  let chunk: [Int]
  let isFiltered: Bool

  /// Checks a node and those below it.
  ///
  /// - Parameters:
  ///   - address: where the node is.
  ///   - level: the level it must have; `nil` for the root.
  func check(at address: Int, level: Int? = nil) throws(HDF5Error) {
    let headSize = 8 + 2 * file.offsetSize
    var head = try file.bytes(at: address, count: headSize)
    guard try head.take(4).rest.elementsEqual("TREE".utf8), try head.byte() == 1 else {
      throw file.damaged("no index of chunks at address \(address)")
    }
    let found = Int(try head.byte())
    guard level == nil || level == found, found < 16 else {
      throw file.damaged("an index of chunks with level \(found) at address \(address)")
    }
    let count = Int(try head.number(2))
    let keySize = 8 + 8 * chunk.count
    var body = try file.bytes(
      at: address + headSize, count: count * (keySize + file.offsetSize) + keySize)
    for entry in 0...count {
      let size = Int(try body.number(4))
      let skippedFilters = try body.number(4)
      for extent in chunk {
        guard try body.number(8).isMultiple(of: UInt64(extent)) else {
          throw file.damaged("a chunk that is not at a multiple of \(chunk)")
        }
      }
      guard entry < count else { return }
      let child = try body.size(file.offsetSize)
      guard found == 0 else {
        try check(at: child, level: found - 1)
        continue
      }
      guard size <= file.byteCount - file.base - child else {
        throw file.damaged("a chunk of \(size) bytes at address \(child) is outside the file")
      }
      guard isFiltered && skippedFilters == 0 || size >= chunk.reduce(1, *) else {
        throw file.damaged("a chunk of \(size) bytes for extents \(chunk)")
      }
    }
  }
}
