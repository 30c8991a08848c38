/// Checks the header of an object before the library decodes it.
///
/// Files of the older layout, which Keras and h5py write, carry no checksums on their headers,
/// and the library (1.10) reads past the end of what a damaged one claims. Only what lengths,
/// offsets and addresses say is checked here; the library finds the rest. Names follow the "HDF5
/// File Format Specification 3.0", section IV, https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html.
struct HeaderCheck {
  private(set) var file: RawFile
  private var checked: Set<Int> = []
  private var typeSizes: [Int: Int] = [:]

  /// Claims of the messages of one header about each other.
  struct Facts {
    var shape: [Int]?
    var largest: [Int?] = []
    var elementCount: Int?
    var typeSize: Int?
    var fillSize: Int?
    var compactSize: Int?
    var chunks: ChunkLayout?
    var filters: [StoredFilter] = []
  }

  /// Datasets in chunks that were checked, by the addresses of their headers.
  private(set) var chunked: [Int: ChunkedDataset] = [:]

  init(of file: RawFile) { self.file = file }

  /// Checks the superblock, which starts at an offset of the file, and the header of the root.
  ///
  /// - Throws: ``HDF5Error/truncatedFile(_:expected:found:)``,
  ///   ``HDF5Error/corruptFile(_:reason:)``.
  static func checkRoot(of file: RawFile, superblockAt offset: Int) throws(HDF5Error) {
    var file = file
    var block = try file.bytes(at: offset, count: 48)
    try block.skip(8)
    let version = try block.byte()
    let rootOffset: Int
    switch version {
    case 0, 1:
      try block.skip(4)
      file.offsetSize = Int(try block.byte())
      file.lengthSize = Int(try block.byte())
      try block.skip(1)
      file.groupLeafRank = Int(try block.number(2))
      file.groupNodeRank = Int(try block.number(2))
      rootOffset = 24 + (version == 1 ? 4 : 0) + 5 * file.offsetSize
    case 2, 3:
      file.offsetSize = Int(try block.byte())
      file.lengthSize = Int(try block.byte())
      rootOffset = 12 + 3 * file.offsetSize
    default: throw file.damaged("a superblock of unknown version \(version)")
    }
    guard [2, 4, 8].contains(file.offsetSize), [2, 4, 8].contains(file.lengthSize) else {
      throw file.damaged("addresses of \(file.offsetSize), lengths of \(file.lengthSize) bytes")
    }
    func address(_ fieldsBeforeRoot: Int) throws(HDF5Error) -> UInt64 {
      var field = try file.bytes(
        at: offset + rootOffset - fieldsBeforeRoot * file.offsetSize, count: file.offsetSize)
      return try field.number(file.offsetSize)
    }
    // The end counts from the start of the file, what precedes the superblock included. What was put
    // there later moves it, which the superblock does not know.
    let base = try address(version < 2 ? 5 : 3)
    let (end, overflow) = try address(version < 2 ? 3 : 1)
      .subtractingReportingOverflow(base)
    let expected = overflow ? nil : Int(exactly: end)?.addingReportingOverflow(offset)
    guard let expected, !expected.overflow, expected.partialValue <= file.byteCount else {
      throw .truncatedFile(
        file.path, expected: expected.flatMap { $0.overflow ? nil : $0.partialValue },
        found: file.byteCount)
    }
    var root = try file.bytes(at: offset + rootOffset, count: file.offsetSize)
    let rootAddress = try root.size(file.offsetSize)
    let settings = try address(2)
    file.base = offset
    var check = HeaderCheck(of: file)
    if version >= 2 {
      if !file.isUndefined(settings) { try check.checkSettings(at: settings) }
    } else {
      guard file.isUndefined(settings) else {
        throw .unsupportedStorage(
          HDF5Location(file: file.path), found: "a driver that splits files")
      }
      // The entry of the root repeats where its index is.
      var entry = try file.bytes(
        at: rootOffset + file.offsetSize, count: 8 + 2 * file.offsetSize)
      if try entry.number(8) & 0xFFFF_FFFF == 1 {
        try check.checkGroup(&entry)
      }
    }
    try check.check(at: rootAddress)
  }

  /// Checks the header at an address.
  ///
  /// - Throws: ``HDF5Error/corruptFile(_:reason:)``.
  mutating func check(at address: Int) throws(HDF5Error) {
    guard checked.insert(address).inserted else { return }
    let isNew = try file.bytes(at: address, count: 4).rest.elementsEqual("OHDR".utf8)
    var facts = Facts()
    var blocks: [(address: Int, count: Int)] = []
    let stride: Int
    if isNew {
      var prefix = try file.bytes(at: address, count: 6)
      try prefix.skip(4)
      guard try prefix.byte() == 2 else { throw file.damaged("an object header of no version") }
      let flags = try prefix.byte()
      let skipped = 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
      let width = 1 << Int(flags & 3)
      var size = try file.bytes(at: address + skipped, count: width)
      blocks.append((address + skipped + width, try size.size(width)))
      stride = flags & 4 != 0 ? 6 : 4
    } else {
      var prefix = try file.bytes(at: address, count: 16)
      guard try prefix.number(2) == 1 else { throw file.damaged("an object header of no version") }
      try prefix.skip(6)
      blocks.append((address + 16, try prefix.size(4)))
      stride = 8
    }
    var next = 0
    while next < blocks.count {
      guard next < 4096 else { throw file.damaged("an object header in over 4096 blocks") }
      var block = try file.bytes(at: blocks[next].address, count: blocks[next].count)
      next += 1
      try checkMessages(&block, stride, &blocks, &facts)
    }
    typeSizes[address] = facts.typeSize
    try checkTogether(facts, at: address)
  }

  /// Checks the messages of a block and collects the blocks that they continue in.
  private mutating func checkMessages(
    _ block: inout RawBytes, _ stride: Int, _ blocks: inout [(address: Int, count: Int)],
    _ facts: inout Facts
  ) throws(HDF5Error) {
    while block.count >= stride {
      let type = try block.number(stride == 8 ? 2 : 1)
      let size = Int(try block.number(2))
      let flags = try block.byte()
      try block.skip(stride == 8 ? 3 : stride - 4)
      var body = try block.take(size)
      guard type == 0x10 else {
        try checkMessage(Int(type), isShared: flags & 2 != 0, &body, &facts)
        continue
      }
      var address = try body.size(file.offsetSize)
      var count = try body.size(file.lengthSize)
      if stride != 8 {
        guard count >= 8, try file.bytes(at: address, count: 4).rest.elementsEqual("OCHK".utf8)
        else { throw file.damaged("an object header continues in nothing") }
        address += 4
        count -= 8
      }
      blocks.append((address, count))
    }
  }

  private mutating func checkMessage(
    _ type: Int, isShared: Bool, _ body: inout RawBytes, _ facts: inout Facts
  ) throws(HDF5Error) {
    if isShared {
      // The library reads a shared message from elsewhere whatever its type.
      switch type {
      case 0x03: facts.typeSize = try checkSharedType(&body)
      case 0x01, 0x05, 0x0B, 0x0C:
        throw .unsupportedStorage(
          HDF5Location(file: file.path), found: "a message that objects share")
      default: break
      }
      return
    }
    switch type {
    case 0x01: try checkSpace(&body, &facts)
    case 0x02, 0x15: try checkIndex(isLinks: type == 0x02, &body)
    case 0x03: facts.typeSize = try TypeCheck(file: file).check(&body)
    case 0x04:
      let size = try body.size(4)
      try body.skip(size)
      if size > 0 { facts.fillSize = size }
    case 0x05: try checkFill(&body, &facts)
    case 0x06: try checkLink(&body)
    case 0x07:
      throw .externalLink(
        HDF5Location(file: file.path), target: "a dataset's elements in a file of their own")
    case 0x08: try checkLayout(&body, &facts)
    case 0x0B: facts.filters = try checkFilters(&body)
    case 0x0C: try checkAttribute(&body)
    case 0x11: try checkGroup(&body)
    case 0x13:
      guard try body.byte() == 0 else { throw file.damaged("ranks of no version") }
      try body.skip(2)
      file.groupNodeRank = Int(try body.number(2))
      file.groupLeafRank = Int(try body.number(2))
    case 0x0F:
      throw .unsupportedStorage(
        HDF5Location(file: file.path), found: "messages that objects share")
    case 0x14:
      throw .unsupportedStorage(HDF5Location(file: file.path), found: "a driver that splits files")
    case 0x18:
      throw .unsupportedStorage(HDF5Location(file: file.path), found: "an image of a cache")
    default: break
    }
  }

  private mutating func checkTogether(_ facts: Facts, at address: Int) throws(HDF5Error) {
    if let fill = facts.fillSize, let typeSize = facts.typeSize, fill != typeSize {
      throw file.damaged("\(fill) bytes for an element of \(typeSize)")
    }
    if let layout = facts.chunks, let shape = facts.shape, let typeSize = facts.typeSize {
      guard layout.extents.count == shape.count, layout.elementSize == typeSize else {
        throw file.damaged("chunks \(layout.extents) do not fit elements of \(typeSize) bytes")
      }
      let index = ChunkIndex(
        file: file, layout: layout, shape: shape, largest: facts.largest,
        isFiltered: !facts.filters.isEmpty)
      chunked[address] = ChunkedDataset(
        layout: layout, chunks: try index.chunks(), filters: facts.filters)
    }
    if let stored = facts.compactSize, let count = facts.elementCount,
      let typeSize = facts.typeSize
    {
      let (claimed, overflow) = count.multipliedReportingOverflow(by: typeSize)
      guard !overflow, claimed <= stored else {
        throw file.damaged("\(stored) bytes hold \(count) elements of \(typeSize)")
      }
    }
  }

  /// Checks the index of a group in the older layout.
  private func checkGroup(_ body: inout RawBytes) throws(HDF5Error) {
    guard let tree = try body.address(), let heap = try body.address() else {
      throw file.damaged("a group without an index")
    }
    try GroupIndexCheck.check(tree: tree, heap: heap, of: file)
  }

  /// Checks the header of a type that objects share; returns the bytes of an element.
  mutating func checkSharedType(_ body: inout RawBytes) throws(HDF5Error) -> Int {
    let version = try body.byte()
    let type = try body.byte()
    guard (1...3).contains(version), version < 3 || type == 2 else {
      throw file.damaged("a message shared in an unknown way")
    }
    if version == 1 { try body.skip(6) }
    let address = try body.size(file.offsetSize)
    try check(at: address)
    guard let size = typeSizes[address] else {
      throw file.damaged("no element type at address \(address)")
    }
    return size
  }
}
