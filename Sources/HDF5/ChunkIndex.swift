/// A chunk of a dataset as the file holds it.
struct StoredChunk: Sendable {
  /// Place of the chunk's first element along each axis.
  let origin: [Int]
  /// Where its bytes are.
  let address: Int
  let byteCount: Int
  /// Bit for each filter that the chunk did not go through.
  let skippedFilters: UInt64
}

/// Layout of a dataset in chunks.
struct ChunkLayout: Sendable {
  /// Structure that leads to the chunks, with its address.
  enum Index: Sendable {
    case nothing
    case tree(Int)
    case single(Int, byteCount: Int?, skippedFilters: UInt64)
    case implicit(Int)
    case fixedArray(Int)
    case extensibleArray(Int)
    case records(Int)
  }

  /// Extents of a chunk in elements.
  let extents: [Int]
  let elementSize: Int
  let index: Index
  /// Whether chunks that reach over an edge went through no filter.
  var leavesEdgesUnfiltered = false

  /// Bytes of a chunk before filters.
  var byteCount: Int { extents.reduce(elementSize, *) }

  /// Bytes that the size of a filtered chunk takes in an index of the newer layout.
  var sizeWidth: Int { min(8, 1 + (Int.bitWidth - 1 - byteCount.leadingZeroBitCount + 8) / 8) }
}

/// Reader of the index of a dataset's chunks, in each of the layouts the library has.
///
/// The library (1.10) believes an index: it takes memory for as many bytes as the index gives a chunk,
/// and then reads as many as the chunk's extents say. Indices are therefore read here, with every
/// address and size checked, and the library is not asked for chunks. Formats: "HDF5 File Format
/// Specification 3.0", III.A and appendix C,
/// https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html.
struct ChunkIndex {
  let file: RawFile
  let layout: ChunkLayout
  /// Extents of the dataset, and those it may grow to, `nil` where it may grow without end.
  let shape: [Int]
  let largest: [Int?]
  let isFiltered: Bool

  /// All chunks that are stored, sorted by where they are in the dataset.
  ///
  /// - Throws: ``HDF5Error/corruptFile(_:reason:)``.
  func chunks() throws(HDF5Error) -> [StoredChunk] {
    var found: [StoredChunk] = []
    switch layout.index {
    case .nothing: break
    case .tree(let address):
      var visited: Set<Int> = []
      try readTree(at: address, level: nil, &visited, &found)
    case .single(let address, let byteCount, let skipped):
      guard zip(shape, layout.extents).allSatisfy({ $0 <= $1 }) else {
        throw file.damaged("one chunk of \(layout.extents) for extents \(shape)")
      }
      try add(
        shape.map { _ in 0 }, address, byteCount ?? layout.byteCount, skipped, to: &found)
    case .implicit(let address): try readImplicit(at: address, &found)
    case .fixedArray(let address): try readFixedArray(at: address, &found)
    case .extensibleArray(let address): try readExtensibleArray(at: address, &found)
    case .records(let address): try readRecords(at: address, &found)
    }
    found.sort { $0.origin.lexicographicallyPrecedes($1.origin) }
    for (chunk, next) in zip(found, found.dropFirst()) where chunk.origin == next.origin {
      throw file.damaged("two chunks at \(chunk.origin)")
    }
    return found
  }

  /// Checks a chunk and adds it.
  func add(
    _ origin: [Int], _ address: Int, _ byteCount: Int, _ skippedFilters: UInt64,
    to chunks: inout [StoredChunk]
  ) throws(HDF5Error) {
    guard address >= 0, byteCount >= 0, address <= file.byteCount - file.base,
      byteCount <= file.byteCount - file.base - address
    else { throw file.damaged("a chunk of \(byteCount) bytes at \(address) is outside the file") }
    guard isFiltered || byteCount >= layout.byteCount else {
      throw file.damaged("a chunk of \(byteCount) bytes for extents \(layout.extents)")
    }
    chunks.append(
      StoredChunk(
        origin: origin, address: address, byteCount: byteCount, skippedFilters: skippedFilters))
  }

  /// Reads the index of the older layout, a tree whose keys are places of chunks.
  private func readTree(
    at address: Int, level: Int?, _ visited: inout Set<Int>, _ chunks: inout [StoredChunk]
  ) throws(HDF5Error) {
    guard visited.insert(address).inserted else {
      throw file.damaged("two nodes of an index of chunks at address \(address)")
    }
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
    let keySize = 8 + 8 * (layout.extents.count + 1)
    var body = try file.bytes(
      at: address + headSize, count: count * (keySize + file.offsetSize) + keySize)
    for entry in 0...count {
      let size = Int(try body.number(4))
      let skipped = try body.number(4)
      var origin: [Int] = []
      for extent in layout.extents {
        let place = try body.number(8)
        guard place.isMultiple(of: UInt64(extent)), place < 1 << 62 else {
          throw file.damaged("a chunk that is not at a multiple of \(layout.extents)")
        }
        origin.append(Int(place))
      }
      // The last axis is that of an element's bytes; only the key behind the last chunk is past it.
      let byteOffset = try body.number(8)
      guard byteOffset.isMultiple(of: UInt64(layout.elementSize)) else {
        throw file.damaged("a chunk that is not at a multiple of \(layout.extents)")
      }
      guard entry < count else { return }
      guard byteOffset == 0 else { throw file.damaged("a chunk inside an element") }
      let child = try body.size(file.offsetSize)
      if found == 0 {
        try add(origin, child, size, skipped, to: &chunks)
      } else {
        try readTree(at: child, level: found - 1, &visited, &chunks)
      }
    }
  }

  /// Reads chunks that lie one after the other.
  private func readImplicit(
    at address: Int, _ chunks: inout [StoredChunk]
  ) throws(HDF5Error) {
    let grid = try bounded(chunkCounts(of: shapeItMayHave))
    let (all, overflow) = grid.count.multipliedReportingOverflow(by: layout.byteCount)
    guard !overflow, all <= file.byteCount else {
      throw file.damaged("\(grid.count) chunks of \(layout.byteCount) bytes outside the file")
    }
    for index in 0..<grid.count {
      try add(
        origin(of: index, in: grid.counts), address + index * layout.byteCount, layout.byteCount, 0,
        to: &chunks)
    }
  }

  private func readRecords(at address: Int, _ chunks: inout [StoredChunk]) throws(HDF5Error) {
    let tree = try TreeOfRecords(at: address, of: file, types: [isFiltered ? 11 : 10])
    try tree.forEach { (record) throws(HDF5Error) in
      let chunk = try record.size(file.offsetSize)
      let byteCount = isFiltered ? try record.size(layout.sizeWidth) : layout.byteCount
      let skipped = isFiltered ? try record.number(4) : 0
      var origin: [Int] = []
      for extent in layout.extents {
        let scaled = try record.number(8)
        let (place, overflow) = UInt64(extent).multipliedReportingOverflow(by: scaled)
        guard !overflow, place < 1 << 62 else { throw file.damaged("a chunk at \(scaled) chunks") }
        origin.append(Int(place))
      }
      try add(origin, chunk, byteCount, skipped, to: &chunks)
    }
  }

  /// Extents that an index without places counts chunks of.
  var shapeItMayHave: [Int] { zip(shape, largest).map { $1 ?? $0 } }

  /// Chunks along each axis.
  func chunkCounts(of shape: [Int]) -> [Int] {
    zip(shape, layout.extents).map { $0 / $1 + ($0 % $1 > 0 ? 1 : 0) }
  }

  /// Chunks along each axis with their product, which must be a number.
  func bounded(_ counts: [Int]) throws(HDF5Error) -> (counts: [Int], count: Int) {
    var product = 1
    for count in counts {
      let (next, overflow) = product.multipliedReportingOverflow(by: count)
      guard !overflow else { throw file.damaged("chunks of \(layout.extents) without number") }
      product = next
    }
    return (counts, product)
  }

  /// Place of the chunk of a number, the last axis the fastest.
  func origin(of index: Int, in counts: [Int]) -> [Int] {
    var rest = index
    var scaled = counts
    for axis in counts.indices.reversed() {
      scaled[axis] = rest % max(1, counts[axis])
      rest /= max(1, counts[axis])
    }
    return zip(scaled, layout.extents).map(*)
  }

  /// Bytes of an element of an array of chunks.
  var entrySize: Int { file.offsetSize + (isFiltered ? layout.sizeWidth + 4 : 0) }

  /// Reads an element of an array of chunks; `nil` for a chunk that is not stored.
  func readEntry(
    _ body: inout RawBytes
  ) throws(HDF5Error) -> (address: Int, byteCount: Int, skipped: UInt64)? {
    let address = try body.address()
    guard isFiltered else { return address.map { ($0, layout.byteCount, 0) } }
    let byteCount = try body.number(layout.sizeWidth)
    let skipped = try body.number(4)
    guard let address else { return nil }
    guard byteCount <= UInt64(file.byteCount) else {
      throw file.damaged("a chunk of \(byteCount) bytes")
    }
    return (address, Int(byteCount), skipped)
  }
}
