/// The messages of object headers, each checked as far as the library would trust it.
extension HeaderCheck {
  /// A data space; returns the number of extents and of elements.
  func checkSpace(_ body: inout RawBytes) throws(HDF5Error) -> (rank: Int, count: Int) {
    let version = try body.byte()
    let rank = Int(try body.byte())
    let flags = try body.byte()
    guard rank <= 32, version == 1 ? flags <= 1 : version == 2 else {
      throw file.damaged("a shape of \(rank) extents in version \(version)")
    }
    let kind = try body.byte()
    if version == 1 { try body.skip(4) }
    var count = 1
    for _ in 0..<rank {
      guard let extent = Int(exactly: try body.number(file.lengthSize)) else {
        throw file.damaged("an extent above 2^63")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw file.damaged("a shape of over 2^63 elements") }
      count = product
    }
    if flags & 1 != 0 { try body.skip(rank * file.lengthSize) }
    return (rank, version == 2 && kind == 2 ? 0 : count)
  }

  /// Where links or attributes are if there are many.
  func checkIndex(isLinks: Bool, _ body: inout RawBytes) throws(HDF5Error) {
    let version = try body.byte()
    let flags = try body.byte()
    guard version == 0, flags <= 3 else { throw file.damaged("an index of unknown version") }
    if flags & 1 != 0 { try body.skip(isLinks ? 8 : 2) }
    if let heap = try body.address() { try expect("FRHP", at: heap) }
    if let names = try body.address() { try expect("BTHD", at: names) }
    if flags & 2 != 0, let order = try body.address() { try expect("BTHD", at: order) }
  }

  /// The value of elements that were never written.
  func checkFill(_ body: inout RawBytes) throws(HDF5Error) {
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
      if kind != 0 { _ = try body.address() }
      for _ in 0..<rank { try body.skip(4) }
      if kind == 0 {
        let size = try body.size(4)
        try body.skip(size)
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
        facts.chunkTree = try body.address()
        var chunk: [Int] = []
        for _ in 0..<rank { chunk.append(Int(try body.number(4))) }
        guard chunk.allSatisfy({ $0 > 0 }), chunk.reduce(1.0, { $0 * Double($1) }) < 0x1p32 else {
          throw file.damaged("chunks of \(chunk)")
        }
        facts.chunk = chunk
      default: break
      }
    default: throw file.damaged("a storage of unknown version \(version)")
    }
  }

  /// The filters that chunks went through; returns how many.
  func checkFilters(_ body: inout RawBytes) throws(HDF5Error) -> Int {
    let version = try body.byte()
    let count = try body.byte()
    guard version == 1 || version == 2, count <= 32 else {
      throw file.damaged("\(count) filters in version \(version)")
    }
    if version == 1 { try body.skip(6) }
    for _ in 0..<count {
      let number = try body.number(2)
      let hasName = version == 1 || number >= 256
      let nameSize = hasName ? Int(try body.number(2)) : 0
      try body.skip(2)
      let parameterCount = Int(try body.number(2))
      try body.skip(version == 1 ? (nameSize + 7) / 8 * 8 : nameSize)
      try body.skip(4 * (version == 1 ? (parameterCount + 1) / 2 * 2 : parameterCount))
    }
    return Int(count)
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
    guard flags <= 3 else { throw file.damaged("an attribute of unknown flags") }
    if flags & 1 != 0 { try checkShared(&type) }
    if flags & 2 != 0 { try checkShared(&space) }
    guard flags == 0 else { return }
    let typeSize = try TypeCheck(file: file).check(&type)
    let count = try checkSpace(&space).count
    let (claimed, overflow) = count.multipliedReportingOverflow(by: typeSize)
    guard !overflow, claimed <= body.count else {
      throw file.damaged("an attribute of \(count) elements of \(typeSize) bytes in \(body.count)")
    }
  }
}
