internal import CHDF5
internal import CZlib
internal import Synchronization

/// Reader of the elements of a dataset in chunks, as the file holds them.
///
/// The library (1.10) reads as many bytes as a chunk's extents say from whatever came out of its
/// filters, however few. Chunks are therefore unpacked here, into memory of exactly their size.
final class ChunkReader: Sendable {
  private let file: RawFile
  private let dataset: ChunkedDataset
  private let shape: [Int]
  /// Value of elements that were never written, in the bytes of the file.
  private let fill: [UInt8]
  private let location: HDF5Location
  private let cache = Mutex(Cache())

  /// Bytes of unpacked chunks that are kept for those who read row by row.
  private static let cacheSize = 1 << 24

  private struct Cache {
    var chunks: [(number: Int, bytes: [UInt8])] = []
    var byteCount = 0
  }

  init(
    file: RawFile, dataset: ChunkedDataset, shape: [Int], fill: [UInt8], location: HDF5Location
  ) {
    self.file = file
    self.dataset = dataset
    self.shape = shape
    self.fill = fill
    self.location = location
  }

  /// Bytes of all chunks in the file.
  var storedByteCount: Int {
    dataset.chunks.reduce(0) { $0.addingReportingOverflow($1.byteCount).partialValue }
  }

  /// Bytes of an element in the file.
  var elementSize: Int { dataset.layout.elementSize }

  /// Reads the elements of a range along the first axis, in row-major order.
  ///
  /// - Precondition: the rows exist, and the memory has as many bytes as their elements.
  /// - Throws: ``HDF5Error/corruptFile(_:reason:)``, ``HDF5Error/unsupportedStorage(_:found:)``.
  func read(rows: Range<Int>, into bytes: UnsafeMutableRawBufferPointer) throws(HDF5Error) {
    let chunks = dataset.chunks
    let extent = dataset.layout.extents[0]
    fillAll(bytes)
    var number = firstChunk(from: rows.lowerBound / extent * extent)
    while number < chunks.count, chunks[number].origin[0] < rows.upperBound {
      if zip(chunks[number].origin, shape).allSatisfy({ $0 < $1 }) {
        let content = try unpacked(number)
        content.withUnsafeBytes { copy($0, from: chunks[number].origin, rows, into: bytes) }
      }
      number += 1
    }
  }

  private func fillAll(_ bytes: UnsafeMutableRawBufferPointer) {
    guard fill.contains(where: { $0 != 0 }) else {
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    for offset in stride(from: 0, to: bytes.count, by: fill.count) {
      UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + fill.count])
        .copyBytes(from: fill)
    }
  }

  /// Number of the first chunk whose origin is not before a row.
  private func firstChunk(from row: Int) -> Int {
    var range = 0..<dataset.chunks.count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if dataset.chunks[middle].origin[0] < row {
        range = middle + 1..<range.upperBound
      } else {
        range = range.lowerBound..<middle
      }
    }
    return range.lowerBound
  }

  /// Copies the part of a chunk that is in some rows of the dataset.
  private func copy(
    _ chunk: UnsafeRawBufferPointer, from origin: [Int], _ rows: Range<Int>,
    into target: UnsafeMutableRawBufferPointer
  ) {
    let extents = dataset.layout.extents
    let begin = [max(rows.lowerBound, origin[0])] + origin.dropFirst()
    var counts = zip(zip(origin, extents), shape).map { min($0.0 + $0.1, $1) - $0.0 }
    counts[0] = min(origin[0] + extents[0], rows.upperBound) - begin[0]
    // What lies behind the last axis that a chunk does not span is one run of bytes.
    var axis = shape.count - 1
    while axis > 0, extents[axis] == shape[axis] { axis -= 1 }
    let inner = shape[(axis + 1)...].reduce(elementSize, *)
    let run = counts[axis] * inner
    var steps = (source: [Int](repeating: inner, count: axis + 1), target: [Int]())
    steps.target = steps.source
    for outer in (0..<axis).reversed() {
      steps.source[outer] = steps.source[outer + 1] * extents[outer + 1]
      steps.target[outer] = steps.target[outer + 1] * shape[outer + 1]
    }
    var from = (begin[0] - origin[0]) * steps.source[0]
    var to = (begin[0] - rows.lowerBound) * steps.target[0]
    for outer in 1..<max(1, axis + 1) { to += begin[outer] * steps.target[outer] }
    var position = [Int](repeating: 0, count: axis)
    while true {
      UnsafeMutableRawBufferPointer(rebasing: target[to..<to + run])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: chunk[from..<from + run]))
      // The next run, the last of the outer axes the fastest.
      var outer = axis - 1
      while outer >= 0 {
        position[outer] += 1
        from += steps.source[outer]
        to += steps.target[outer]
        if position[outer] < counts[outer] { break }
        position[outer] = 0
        from -= counts[outer] * steps.source[outer]
        to -= counts[outer] * steps.target[outer]
        outer -= 1
      }
      if outer < 0 { return }
    }
  }

  /// A chunk before its filters, from what is kept or from the file.
  private func unpacked(_ number: Int) throws(HDF5Error) -> [UInt8] {
    let kept = cache.withLock { cache in cache.chunks.first { $0.number == number }?.bytes }
    if let kept { return kept }
    let bytes = try read(dataset.chunks[number])
    cache.withLock { cache in
      guard bytes.count <= ChunkReader.cacheSize else { return }
      cache.chunks.append((number, bytes))
      cache.byteCount += bytes.count
      while cache.byteCount > ChunkReader.cacheSize {
        cache.byteCount -= cache.chunks.removeFirst().bytes.count
      }
    }
    return bytes
  }

  private func read(_ chunk: StoredChunk) throws(HDF5Error) -> [UInt8] {
    let layout = dataset.layout
    let reachesOver = zip(zip(chunk.origin, layout.extents), shape).contains { $0.0 + $0.1 > $1 }
    var filters = dataset.filters.enumerated()
      .filter { chunk.skippedFilters & 1 << UInt64($0.offset) == 0 }.map(\.element)
    if layout.leavesEdgesUnfiltered, reachesOver { filters = [] }
    var bytes = Array(
      try file.bytes(
        at: chunk.address, count: filters.isEmpty ? layout.byteCount : chunk.byteCount
      ).rest)
    while let filter = filters.popLast() {
      // A checksum that was added before adds to what comes out.
      let checksums = filters.count { $0.number == Int(cleave_hdf5_filter_fletcher32()) }
      let expected = layout.byteCount + 4 * checksums
      switch Int32(filter.number) {
      case cleave_hdf5_filter_deflate(): bytes = try inflate(bytes, expected)
      case cleave_hdf5_filter_shuffle():
        bytes = unshuffled(bytes, elementSize: filter.parameters.first ?? elementSize)
      case cleave_hdf5_filter_fletcher32(): bytes = try withoutChecksum(bytes)
      default:
        throw .unsupportedStorage(location, found: "filter number \(filter.number)")
      }
    }
    guard bytes.count == layout.byteCount else {
      throw damaged("a chunk of \(bytes.count) bytes, expected \(layout.byteCount)")
    }
    return bytes
  }

  private func damaged(_ reason: String) -> HDF5Error {
    .failed(location, action: "reading", reason: reason)
  }

  private func inflate(_ packed: [UInt8], _ expected: Int) throws(HDF5Error) -> [UInt8] {
    var count = uLong(expected)
    var status = Z_OK
    let bytes = [UInt8](unsafeUninitializedCapacity: expected) { buffer, initialized in
      status = uncompress(buffer.baseAddress, &count, packed, uLong(packed.count))
      initialized = status == Z_OK ? Int(count) : 0
    }
    guard status == Z_OK else {
      throw damaged("a chunk that does not unpack to \(expected) bytes")
    }
    return bytes
  }

  /// Bytes of elements together again that were grouped by significance.
  private func unshuffled(_ bytes: [UInt8], elementSize: Int) -> [UInt8] {
    guard elementSize > 1 else { return bytes }
    let count = bytes.count / elementSize
    // Bytes behind the last whole element stay where they are.
    var result = bytes
    result.withUnsafeMutableBufferPointer { result in
      bytes.withUnsafeBufferPointer { bytes in
        for byte in 0..<elementSize where count > 0 {
          var target = byte
          for source in byte * count..<(byte + 1) * count {
            result[target] = bytes[source]
            target += elementSize
          }
        }
      }
    }
    return result
  }

  private func withoutChecksum(_ bytes: [UInt8]) throws(HDF5Error) -> [UInt8] {
    guard bytes.count >= 4 else { throw damaged("a chunk of \(bytes.count) bytes") }
    let content = bytes.dropLast(4)
    let stored = Array(bytes.suffix(4))
    let sum = ChunkReader.fletcher(content)
    let expected = (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
    // Early libraries swapped the bytes of each half.
    guard stored == expected || stored == [1, 0, 3, 2].map({ expected[$0] }) else {
      throw damaged("a chunk whose checksum differs")
    }
    return Array(content)
  }

  /// Fletcher's checksum of bytes as numbers of 16 bits, the first byte the larger.
  private static func fletcher(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sums: (UInt32, UInt32) = (0, 0)
    func fold(_ sum: UInt32) -> UInt32 { (sum & 0xFFFF) + (sum >> 16) }
    bytes.withUnsafeBufferPointer { bytes in
      var index = 0
      while index + 1 < bytes.count {
        // As many as can be added before a sum of 32 bits is full.
        let end = min(bytes.count / 2 * 2, index + 720)
        while index < end {
          sums.0 += UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1])
          sums.1 += sums.0
          index += 2
        }
        sums = (fold(sums.0), fold(sums.1))
      }
      if index < bytes.count {
        sums.0 += UInt32(bytes[index]) << 8
        sums.1 += sums.0
        sums = (fold(sums.0), fold(sums.1))
      }
    }
    sums = (fold(sums.0), fold(sums.1))
    return sums.1 << 16 | sums.0
  }
}
