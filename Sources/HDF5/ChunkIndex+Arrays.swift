/// Indices that are arrays of chunks in the order of their places: appendix C of the specification.
extension ChunkIndex {
  /// Reads the array of a dataset that cannot grow without end.
  func readFixedArray(at address: Int, _ chunks: inout [StoredChunk]) throws(HDF5Error) {
    var head = try file.bytes(at: address, count: 8 + file.lengthSize + file.offsetSize)
    try expect("FAHD", address, &head)
    let size = Int(try head.byte())
    let pageBits = Int(try head.byte())
    let count = try head.size(file.lengthSize)
    let block = try head.address()
    let grid = try bounded(chunkCounts(of: shapeItMayHave))
    guard size == entrySize, (1...32).contains(pageBits), count == grid.count else {
      throw file.damaged("an array of \(count) chunks for \(grid.count) at address \(address)")
    }
    guard let block else { return }
    let pageCount = 1 << pageBits
    let pages = count > pageCount ? (count + pageCount - 1) / pageCount : 0
    let prefix = 6 + file.offsetSize
    var start = try file.bytes(at: block, count: prefix + (pages + 7) / 8)
    try expect("FADB", block, &start)
    try start.skip(file.offsetSize)
    func read(_ range: Range<Int>, at place: Int) throws(HDF5Error) {
      var body = try file.bytes(at: place, count: range.count * size)
      for index in range {
        guard let entry = try readEntry(&body) else { continue }
        try add(
          origin(of: index, in: grid.counts), entry.address, entry.byteCount, entry.skipped,
          to: &chunks)
      }
    }
    guard pages > 0 else { return try read(0..<count, at: block + prefix) }
    let written = Array(start.rest)
    for page in 0..<pages where written[page / 8] & 0x80 >> (page % 8) != 0 {
      let first = page * pageCount
      try read(
        first..<min(count, first + pageCount),
        at: block + prefix + written.count + 4 + page * (pageCount * size + 4))
    }
  }

  /// Reads the array of a dataset that can grow without end along one axis.
  func readExtensibleArray(at address: Int, _ chunks: inout [StoredChunk]) throws(HDF5Error) {
    let array = try ExtensibleArray(at: address, index: self)
    guard let axis = largest.firstIndex(of: nil), largest.count(where: { $0 == nil }) == 1 else {
      throw file.damaged("an array that grows for a dataset that does not")
    }
    // The axis that grows is the slowest in the order of chunks.
    var counts = chunkCounts(of: shapeItMayHave)
    counts.insert(counts.remove(at: axis), at: 0)
    _ = try bounded(counts)
    let extents = layout.extents
    try array.forEach { (index, entry) throws(HDF5Error) in
      var rest = index
      var scaled = counts
      for place in counts.indices.dropFirst().reversed() {
        scaled[place] = rest % max(1, counts[place])
        rest /= max(1, counts[place])
      }
      scaled[0] = rest
      scaled.insert(scaled.remove(at: 0), at: axis)
      var origin: [Int] = []
      for (place, extent) in zip(scaled, extents) {
        let (product, overflow) = place.multipliedReportingOverflow(by: extent)
        guard !overflow else { throw file.damaged("a chunk at \(place) chunks") }
        origin.append(product)
      }
      try add(origin, entry.address, entry.byteCount, entry.skipped, to: &chunks)
    }
  }

  /// Checks that a structure of an array starts with its signature, version and kind of element.
  func expect(
    _ signature: String, _ address: Int, _ body: inout RawBytes
  ) throws(HDF5Error) {
    guard try body.take(4).rest.elementsEqual(signature.utf8), try body.byte() == 0,
      try body.byte() == (isFiltered ? 1 : 0)
    else { throw file.damaged("no \(signature) at address \(address)") }
  }
}

/// Array of chunks whose blocks double in size.
private struct ExtensibleArray {
  typealias Entry = (address: Int, byteCount: Int, skipped: UInt64)

  let index: ChunkIndex
  let address: Int
  let offsetWidth: Int
  let inIndexBlock: Int
  let smallestBlock: Int
  let leastPointers: Int
  let pageCount: Int
  let groupCount: Int
  let block: Int?

  init(at address: Int, index: ChunkIndex) throws(HDF5Error) {
    let file = index.file
    self.index = index
    self.address = address
    var head = try file.bytes(at: address, count: 12 + 6 * file.lengthSize + file.offsetSize)
    try index.expect("EAHD", address, &head)
    let size = Int(try head.byte())
    let bits = Int(try head.byte())
    inIndexBlock = Int(try head.byte())
    smallestBlock = Int(try head.byte())
    leastPointers = Int(try head.byte())
    let pageBits = Int(try head.byte())
    try head.skip(6 * file.lengthSize)
    block = try head.address()
    func isPowerOfTwo(_ value: Int) -> Bool { value > 0 && value & (value - 1) == 0 }
    guard size == index.entrySize, (1...62).contains(bits), isPowerOfTwo(smallestBlock),
      isPowerOfTwo(leastPointers), leastPointers >= 2, (1...32).contains(pageBits),
      bits >= smallestBlock.trailingZeroBitCount,
      1 + bits - smallestBlock.trailingZeroBitCount >= 2 * leastPointers.trailingZeroBitCount
    else { throw file.damaged("an array of chunks at address \(address) that is none") }
    offsetWidth = (bits + 7) / 8
    pageCount = 1 << pageBits
    groupCount = 1 + bits - smallestBlock.trailingZeroBitCount
  }

  /// Blocks of a group, and elements of each.
  private func group(_ number: Int) -> (blocks: Int, elements: Int) {
    (1 << (number / 2), smallestBlock << ((number + 1) / 2))
  }

  func forEach(_ body: (Int, Entry) throws(HDF5Error) -> Void) throws(HDF5Error) {
    guard let block else { return }
    let file = index.file
    let direct = 2 * leastPointers.trailingZeroBitCount
    let blockCount = 2 * (leastPointers - 1)
    var rest = try file.bytes(
      at: block,
      count: 6 + file.offsetSize + inIndexBlock * index.entrySize
        + (blockCount + groupCount - direct) * file.offsetSize)
    try index.expect("EAIB", block, &rest)
    try rest.skip(file.offsetSize)
    var next = 0
    for _ in 0..<inIndexBlock {
      if let entry = try index.readEntry(&rest) { try body(next, entry) }
      next += 1
    }
    for number in 0..<groupCount {
      let (blocks, elements) = group(number)
      let span = blocks.multipliedReportingOverflow(by: elements)
      guard !span.overflow, next <= .max - span.partialValue else { return }
      defer { next += span.partialValue }
      guard number < direct else {
        guard let place = try rest.address() else { continue }
        try readGroup(at: place, from: next, blocks: blocks, elements: elements, body)
        continue
      }
      for position in 0..<blocks {
        guard let place = try rest.address() else { continue }
        try readBlock(
          at: place, from: next + position * elements, count: elements, pages: nil, body)
      }
    }
  }

  private func readGroup(
    at place: Int, from first: Int, blocks: Int, elements: Int,
    _ body: (Int, Entry) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    let file = index.file
    let pages = elements > pageCount ? elements / pageCount : 0
    let bitmapSize = (pages + 7) / 8
    let (count, overflow) = blocks.multipliedReportingOverflow(by: bitmapSize + file.offsetSize)
    guard !overflow, count <= file.byteCount else {
      throw file.damaged("\(blocks) blocks of chunks at address \(place)")
    }
    var rest = try file.bytes(at: place, count: 6 + file.offsetSize + offsetWidth + count)
    try index.expect("EASB", place, &rest)
    try rest.skip(file.offsetSize + offsetWidth)
    let bitmaps = Array(try rest.take(blocks * bitmapSize).rest)
    for position in 0..<blocks {
      guard let block = try rest.address() else { continue }
      try readBlock(
        at: block, from: first + position * elements, count: elements,
        pages: pages == 0
          ? nil : bitmaps[position * bitmapSize..<(position + 1) * bitmapSize], body)
    }
  }

  private func readBlock(
    at place: Int, from first: Int, count: Int, pages: ArraySlice<UInt8>?,
    _ body: (Int, Entry) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    let file = index.file
    let prefix = 6 + file.offsetSize + offsetWidth
    var head = try file.bytes(at: place, count: prefix)
    try index.expect("EADB", place, &head)
    func read(_ range: Range<Int>, at start: Int) throws(HDF5Error) {
      guard range.count <= file.byteCount / index.entrySize else {
        throw file.damaged("\(range.count) chunks in a block at address \(place)")
      }
      var entries = try file.bytes(at: start, count: range.count * index.entrySize)
      for number in range {
        if let entry = try index.readEntry(&entries) { try body(first + number, entry) }
      }
    }
    guard let pages else { return try read(0..<count, at: place + prefix) }
    let pageSize = pageCount * index.entrySize + 4
    for (page, start) in stride(from: 0, to: count, by: pageCount).enumerated()
    where pages[pages.startIndex + page / 8] & 0x80 >> (page % 8) != 0 {
      try read(start..<start + pageCount, at: place + prefix + 4 + page * pageSize)
    }
  }
}
