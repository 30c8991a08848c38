/// Objects of many sizes of a group or dataset in the newer layout: its links or attributes.
///
/// Format: "HDF5 File Format Specification 3.0", III.G,
/// https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html.
struct FractalHeap {
  private let file: RawFile
  private let address: Int
  private let identifierSize: Int
  private let largestManaged: Int
  private let managedSize: UInt64
  private let width: Int
  private let startSize: Int
  private let largestBlock: Int
  private let offsetBits: Int
  private let root: Int?
  private let rows: Int
  private let hasChecksums: Bool
  private var large: [UInt64: (address: Int, count: Int)] = [:]

  /// Reads and checks the header of a heap.
  ///
  /// - Throws: ``HDF5Error/corruptFile(_:reason:)``,
  ///   ``HDF5Error/unsupportedStorage(_:found:)`` for a heap with filters.
  init(at address: Int, of file: RawFile) throws(HDF5Error) {
    self.file = file
    self.address = address
    var head = try file.bytes(at: address, count: 26 + 3 * file.offsetSize + 12 * file.lengthSize)
    guard try head.take(4).rest.elementsEqual("FRHP".utf8), try head.byte() == 0 else {
      throw file.damaged("no FRHP at address \(address)")
    }
    identifierSize = Int(try head.number(2))
    guard try head.number(2) == 0 else {
      throw .unsupportedStorage(HDF5Location(file: file.path), found: "links behind a filter")
    }
    hasChecksums = try head.byte() & 2 != 0
    largestManaged = Int(try head.number(4))
    try head.skip(file.lengthSize)
    let largeTree = try head.address()
    try head.skip(file.lengthSize)
    _ = try head.address()
    managedSize = try head.number(file.lengthSize)
    // Allocated space, offset of the next block, and counts and sizes of objects.
    try head.skip(7 * file.lengthSize)
    width = Int(try head.number(2))
    let start = try head.number(file.lengthSize)
    let largest = try head.number(file.lengthSize)
    offsetBits = Int(try head.number(2))
    try head.skip(2)
    root = try head.address()
    rows = Int(try head.number(2))
    func isPowerOfTwo(_ value: UInt64) -> Bool { value > 0 && value & (value - 1) == 0 }
    guard isPowerOfTwo(UInt64(width)), isPowerOfTwo(start), isPowerOfTwo(largest),
      start <= largest, largest <= 1 << 40, (1...63).contains(offsetBits),
      managedSize <= 1 << UInt64(offsetBits), identifierSize >= 1,
      largestManaged > 0, UInt64(largestManaged) <= largest
    else { throw file.damaged("the heap at address \(address) has blocks of no size") }
    startSize = Int(start)
    largestBlock = Int(largest)
    let firstRow = startSize.trailingZeroBitCount + width.trailingZeroBitCount
    guard firstRow <= offsetBits, rows <= offsetBits - firstRow + 1,
      largestBlock.trailingZeroBitCount <= offsetBits
    else { throw file.damaged("the heap at address \(address) has \(rows) rows of blocks") }
    guard let largeTree else { return }
    try TreeOfRecords(at: largeTree, of: file, types: [1]).forEach { (record) throws(HDF5Error) in
      let place = try record.size(file.offsetSize)
      let count = try record.size(file.lengthSize)
      large[try record.number(file.lengthSize)] = (place, count)
    }
  }

  /// The object of an identifier.
  func object(_ identifier: RawBytes) throws(HDF5Error) -> RawBytes {
    var identifier = identifier
    guard identifier.count == identifierSize else {
      throw file.damaged(
        "\(identifier.count) bytes name an object of a heap, not \(identifierSize)")
    }
    let flags = try identifier.byte()
    guard flags >> 6 == 0 else { throw file.damaged("an object of a heap of no version") }
    switch flags >> 4 & 3 {
    case 0: return try managedObject(&identifier)
    case 1: return try largeObject(&identifier)
    case 2:
      let isLong = identifierSize - 1 > 16
      let length =
        isLong
        ? Int(flags & 15) << 8 | Int(try identifier.byte()) : Int(flags & 15)
      return try identifier.take(length + 1)
    default: throw file.damaged("an object of a heap of no kind")
    }
  }

  private func largeObject(_ identifier: inout RawBytes) throws(HDF5Error) -> RawBytes {
    if identifier.count >= file.offsetSize + file.lengthSize {
      let place = try identifier.size(file.offsetSize)
      return try file.bytes(at: place, count: try identifier.size(file.lengthSize))
    }
    guard let found = large[try identifier.number(min(8, identifier.count))] else {
      throw file.damaged("a large object that the heap at address \(address) does not have")
    }
    return try file.bytes(at: found.address, count: found.count)
  }

  private func managedObject(_ identifier: inout RawBytes) throws(HDF5Error) -> RawBytes {
    let offset = try identifier.number((offsetBits + 7) / 8)
    let lengthWidth = min(
      (largestBlock.trailingZeroBitCount + 7) / 8,
      (Int.bitWidth - 1 - largestManaged.leadingZeroBitCount) / 8 + 1)
    let length = Int(try identifier.number(min(lengthWidth, identifier.count)))
    guard offset < managedSize, length > 0, length <= largestManaged, let root,
      let offset = Int(exactly: offset)
    else { throw file.damaged("an object at \(offset) of the heap at address \(address)") }
    if rows == 0 { return try object(at: offset, length, inBlock: root, from: 0, startSize) }
    return try object(at: offset, length, inRows: root, count: rows, from: 0)
  }

  /// Size of the blocks of a row, and where the row begins in the space of its table.
  private func row(_ number: Int) -> (size: Int, start: Int) {
    let size = number < 2 ? startSize : startSize << (number - 1)
    return (size, number == 0 ? 0 : width * size)
  }

  private func object(
    at offset: Int, _ length: Int, inRows table: Int, count: Int, from start: Int
  ) throws(HDF5Error) -> RawBytes {
    let directRows =
      largestBlock.trailingZeroBitCount - startSize.trailingZeroBitCount + 2
    let offsetWidth = (offsetBits + 7) / 8
    let size = 5 + file.offsetSize + offsetWidth + count * width * file.offsetSize + 4
    var block = try file.bytes(at: table, count: size)
    guard try block.take(4).rest.elementsEqual("FHIB".utf8), try block.byte() == 0,
      try block.size(file.offsetSize) == address,
      try block.number(offsetWidth) == UInt64(start)
    else { throw file.damaged("no FHIB at address \(table)") }
    guard let number = (0..<count).last(where: { row($0).start <= offset - start }) else {
      throw file.damaged("an object before its block")
    }
    let (blockSize, rowStart) = row(number)
    let column = (offset - start - rowStart) / blockSize
    guard column < width else { throw file.damaged("an object behind the blocks of its heap") }
    try block.skip((number * width + column) * file.offsetSize)
    guard let child = try block.address() else {
      throw file.damaged("an object in a block that the heap at address \(address) does not have")
    }
    let childStart = start + rowStart + column * blockSize
    guard number >= directRows else {
      return try object(at: offset, length, inBlock: child, from: childStart, blockSize)
    }
    let below =
      blockSize.trailingZeroBitCount - startSize.trailingZeroBitCount
      - width.trailingZeroBitCount + 1
    guard below > 0, below < count else { throw file.damaged("blocks nested in themselves") }
    return try object(at: offset, length, inRows: child, count: below, from: childStart)
  }

  private func object(
    at offset: Int, _ length: Int, inBlock place: Int, from start: Int, _ size: Int
  ) throws(HDF5Error) -> RawBytes {
    let offsetWidth = (offsetBits + 7) / 8
    var head = try file.bytes(at: place, count: size)
    let overhead = 5 + file.offsetSize + offsetWidth + (hasChecksums ? 4 : 0)
    guard try head.take(4).rest.elementsEqual("FHDB".utf8), try head.byte() == 0,
      try head.size(file.offsetSize) == address,
      try head.number(offsetWidth) == UInt64(start)
    else { throw file.damaged("no FHDB at address \(place)") }
    guard offset - start >= overhead, length <= size - (offset - start) else {
      throw file.damaged("an object of \(length) bytes outside its block")
    }
    try head.skip(offset - start - (overhead - (hasChecksums ? 4 : 0)))
    return try head.take(length)
  }
}
