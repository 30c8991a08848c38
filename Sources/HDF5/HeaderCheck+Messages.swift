/// The messages of object headers, each checked as far as the library would trust it.
extension HeaderCheck {
  /// A data space: extents, and those they may grow to.
  func checkSpace(_ body: inout RawBytes, _ facts: inout Facts) throws(HDF5Error) {
    let version = try body.byte()
    let rank = Int(try body.byte())
    let flags = try body.byte()
    guard rank <= 32, version == 1 ? flags <= 1 : version == 2 else {
      throw file.damaged("a shape of \(rank) extents in version \(version)")
    }
    let kind = try body.byte()
    if version == 1 { try body.skip(4) }
    var count = 1
    var shape: [Int] = []
    for _ in 0..<rank {
      guard let extent = Int(exactly: try body.number(file.lengthSize)) else {
        throw file.damaged("an extent above 2^63")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw file.damaged("a shape of over 2^63 elements") }
      count = product
      shape.append(extent)
    }
    var largest: [Int?] = shape
    if flags & 1 != 0 {
      for axis in 0..<rank {
        let extent = try body.number(file.lengthSize)
        // All ones stand for no end.
        largest[axis] = file.isUndefinedLength(extent) ? nil : Int(clamping: extent)
        guard largest[axis] ?? .max >= shape[axis] else {
          throw file.damaged("an extent of \(shape[axis]) that is at most \(extent)")
        }
      }
    }
    facts.shape = shape
    facts.largest = largest
    facts.elementCount = version == 2 && kind == 2 ? 0 : count
  }

  /// Links or attributes outside the header, which many are.
  mutating func checkIndex(isLinks: Bool, _ body: inout RawBytes) throws(HDF5Error) {
    let version = try body.byte()
    let flags = try body.byte()
    guard version == 0, flags <= 3 else { throw file.damaged("an index of unknown version") }
    if flags & 1 != 0 { try body.skip(isLinks ? 8 : 2) }
    guard let heapAddress = try body.address() else { return }
    let heap = try FractalHeap(at: heapAddress, of: file)
    let names = try body.address()
    let order = flags & 2 != 0 ? try body.address() : nil
    for (address, type) in [(names, isLinks ? 5 : 8), (order, isLinks ? 6 : 9)] as [(Int?, UInt8)] {
      guard let address else { continue }
      let tree = try TreeOfRecords(at: address, of: file, types: [type])
      try tree.forEach { (record) throws(HDF5Error) in
        if isLinks {
          // Behind the hash of the name, or the link's number.
          try record.skip(type == 5 ? 4 : 8)
          var link = try heap.object(record)
          try checkLink(&link)
        } else {
          let identifier = try record.take(8)
          guard try record.byte() & 2 == 0 else {
            throw .unsupportedStorage(HDF5Location(file: file.path), found: "a shared attribute")
          }
          var attribute = try heap.object(identifier)
          try checkAttribute(&attribute)
        }
      }
    }
  }

  /// Settings of the file that do not fit the superblock.
  mutating func checkSettings(at address: UInt64) throws(HDF5Error) {
    guard address < UInt64(file.byteCount) else {
      throw file.damaged("settings at address \(address), outside the file")
    }
    try check(at: Int(address))
  }

  /// The value of elements that were never written.
  func checkFill(_ body: inout RawBytes, _ facts: inout Facts) throws(HDF5Error) {
    let version = try body.byte()
    if version == 3 {
      guard try body.byte() & 0x20 != 0 else { return }
    } else {
      try body.skip(2)
      let isDefined = try body.byte() != 0
      guard version == 1 || isDefined else { return }
    }
    let size = try body.number(4)
    guard size != 0xFFFF_FFFF else { return }
    try body.skip(Int(size))
    if size > 0 { facts.fillSize = Int(size) }
  }

  /// A link with its name.
  func checkLink(_ body: inout RawBytes) throws(HDF5Error) {
    guard try body.byte() == 1 else { throw file.damaged("a link of no version") }
    let flags = try body.byte()
    guard flags <= 0x1F else { throw file.damaged("a link of unknown flags") }
    let type = flags & 8 != 0 ? try body.byte() : 0
    if flags & 4 != 0 { try body.skip(8) }
    let encoding = flags & 0x10 != 0 ? try body.byte() : 0
    guard encoding <= 1 else {
      throw file.damaged("a link name of unknown encoding")
    }
    let nameSize = try body.size(1 << Int(flags & 3))
    guard try !body.take(nameSize).rest.isEmpty else { throw file.damaged("a link of no name") }
    switch type {
    case 0: try expectObject(at: try body.size(file.offsetSize))
    case 1, 64...:
      let size = Int(try body.number(2))
      let value = try body.take(size)
      guard size > 0 else { throw file.damaged("a link that leads to no path") }
      if type == 64 {
        // Flags, a file name and a path, both with a zero at their end.
        guard value.count >= 3, value.rest.last == 0, value.rest.dropFirst().dropLast().contains(0)
        else { throw file.damaged("an external link without a path") }
      }
    default: throw file.damaged("a link of unknown type \(type)")
    }
  }

  private func expectObject(at address: Int) throws(HDF5Error) {
    guard address + file.base < file.byteCount else {
      throw file.damaged("a link leads to address \(address), outside the file")
    }
  }

  /// Where the elements of a dataset are.
  func checkLayout(_ body: inout RawBytes, _ facts: inout Facts) throws(HDF5Error) {
    let version = try body.byte()
    switch version {
    case 1, 2:
      let rank = Int(try body.byte())
      let kind = try body.byte()
      try body.skip(5)
      let address = kind == 0 ? nil : try body.address()
      var extents: [Int] = []
      for _ in 0..<rank { extents.append(Int(try body.number(4))) }
      switch kind {
      case 0:
        let size = try body.size(4)
        try body.skip(size)
        facts.compactSize = size
      case 1: break
      case 2:
        guard (2...33).contains(rank) else { throw file.damaged("chunks of \(rank) extents") }
        facts.chunks = try layout(extents, address.map { .tree($0) } ?? .nothing)
      default: throw file.damaged("a storage of unknown kind \(kind)")
      }
    case 3, 4:
      switch try body.byte() {
      case 0:
        let size = Int(try body.number(2))
        try body.skip(size)
        facts.compactSize = size
      case 1:
        let address = try body.address()
        let size = try body.number(file.lengthSize)
        guard let address else { return }
        guard size <= UInt64(max(0, file.byteCount - file.base - address)) else {
          throw file.damaged("\(size) bytes at address \(address) are outside the file")
        }
      case 2 where version == 3:
        let rank = Int(try body.byte())
        guard (2...33).contains(rank) else { throw file.damaged("chunks of \(rank) extents") }
        let tree = try body.address()
        var extents: [Int] = []
        for _ in 0..<rank { extents.append(Int(try body.number(4))) }
        facts.chunks = try layout(extents, tree.map { .tree($0) } ?? .nothing)
      case 2: facts.chunks = try checkChunks(&body)
      case 3 where version == 4:
        throw .externalLink(HDF5Location(file: file.path), target: "a virtual dataset")
      case let kind: throw file.damaged("a storage of unknown kind \(kind)")
      }
    default: throw file.damaged("a storage of unknown version \(version)")
    }
  }

  /// Chunks with an index of the newer layout.
  private func checkChunks(_ body: inout RawBytes) throws(HDF5Error) -> ChunkLayout {
    let flags = try body.byte()
    let rank = Int(try body.byte())
    let width = Int(try body.byte())
    guard flags <= 3, (2...33).contains(rank), (1...8).contains(width) else {
      throw file.damaged("chunks of \(rank) extents of \(width) bytes")
    }
    var extents: [Int] = []
    for _ in 0..<rank { extents.append(Int(clamping: try body.number(width))) }
    let kind = try body.byte()
    var single: (byteCount: Int?, skipped: UInt64) = (nil, 0)
    switch kind {
    case 1 where flags & 2 != 0:
      single = (try body.size(file.lengthSize), try body.number(4))
    case 1, 2: break
    case 3: try body.skip(1)
    case 4: try body.skip(5)
    case 5: try body.skip(6)
    default: throw file.damaged("an index of chunks of unknown kind \(kind)")
    }
    let index: ChunkLayout.Index =
      switch (try body.address(), kind) {
      case (nil, _): .nothing
      case (let address?, 1):
        .single(address, byteCount: single.byteCount, skippedFilters: single.skipped)
      case (let address?, 2): .implicit(address)
      case (let address?, 3): .fixedArray(address)
      case (let address?, 4): .extensibleArray(address)
      case (let address?, _): .records(address)
      }
    return try layout(extents, index, leavesEdges: flags & 1 != 0)
  }

  /// A layout whose extents are numbers that a chunk can have; the last one is the bytes of an element.
  private func layout(
    _ extents: [Int], _ index: ChunkLayout.Index, leavesEdges: Bool = false
  ) throws(HDF5Error) -> ChunkLayout {
    guard extents.allSatisfy({ $0 > 0 }), extents.reduce(1.0, { $0 * Double($1) }) < 0x1p32 else {
      throw file.damaged("chunks of \(extents)")
    }
    return ChunkLayout(
      extents: extents.dropLast(), elementSize: extents[extents.count - 1], index: index,
      leavesEdgesUnfiltered: leavesEdges)
  }

  /// The filters that chunks went through, in their order.
  func checkFilters(_ body: inout RawBytes) throws(HDF5Error) -> [StoredFilter] {
    let version = try body.byte()
    let count = try body.byte()
    guard version == 1 || version == 2, count <= 32 else {
      throw file.damaged("\(count) filters in version \(version)")
    }
    if version == 1 { try body.skip(6) }
    var filters: [StoredFilter] = []
    for _ in 0..<count {
      let number = try body.number(2)
      let hasName = version == 1 || number >= 256
      let nameSize = hasName ? Int(try body.number(2)) : 0
      try body.skip(2)
      let parameterCount = Int(try body.number(2))
      try body.skip(version == 1 ? (nameSize + 7) / 8 * 8 : nameSize)
      var parameters: [Int] = []
      for _ in 0..<parameterCount { parameters.append(Int(try body.number(4))) }
      if version == 1, !parameterCount.isMultiple(of: 2) { try body.skip(4) }
      filters.append(StoredFilter(number: Int(number), parameters: parameters))
    }
    return filters
  }

  /// An attribute with its type, shape and elements.
  mutating func checkAttribute(_ body: inout RawBytes) throws(HDF5Error) {
    let version = try body.byte()
    guard (1...3).contains(version) else {
      throw file.damaged("an attribute of unknown version \(version)")
    }
    let flags = version == 1 ? 0 : try body.number(1)
    if version == 1 { try body.skip(1) }
    let sizes = (
      name: Int(try body.number(2)), type: Int(try body.number(2)), space: Int(try body.number(2))
    )
    if version == 3 { try body.skip(1) }
    func padded(_ size: Int) -> Int { version == 1 ? (size + 7) / 8 * 8 : size }
    let name = try body.take(padded(sizes.name)).rest.prefix(sizes.name)
    guard name.count > 1, name.firstIndex(of: 0) == name.endIndex - 1 else {
      throw file.damaged("an attribute of no name")
    }
    var type = try body.take(padded(sizes.type))
    var space = try body.take(padded(sizes.space))
    guard flags <= 1 else { throw file.damaged("an attribute of unknown flags") }
    let typeSize =
      flags & 1 != 0 ? try checkSharedType(&type) : try TypeCheck(file: file).check(&type)
    var facts = Facts()
    try checkSpace(&space, &facts)
    let count = facts.elementCount ?? 0
    let (claimed, overflow) = count.multipliedReportingOverflow(by: typeSize)
    guard !overflow, claimed <= body.count else {
      throw file.damaged("an attribute of \(count) elements of \(typeSize) bytes in \(body.count)")
    }
  }
}
