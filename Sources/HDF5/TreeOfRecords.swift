/// Records of a tree in the newer layout (a "version 2 B-tree"): links, attributes, large objects or
/// chunks.
///
/// Format: "HDF5 File Format Specification 3.0", III.A.2,
/// https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html.
struct TreeOfRecords {
  private let file: RawFile
  private let type: UInt8
  private let nodeSize: Int
  private let recordSize: Int
  private let depth: Int
  private let root: (address: Int, count: Int)?
  /// Bytes of the number of records of a child at each level, and of all below it.
  private var widths: [(records: Int, total: Int)] = []
  /// Records that fit a node at each level.
  private var capacities: [Int] = []

  /// Bytes of a node beside its records and children.
  private static let nodeOverhead = 10

  /// Reads the header of a tree.
  ///
  /// - Parameter types: the types of records that may be there.
  /// - Throws: ``HDF5Error/corruptFile(_:reason:)``.
  init(at address: Int, of file: RawFile, types: Set<UInt8>) throws(HDF5Error) {
    self.file = file
    var head = try file.bytes(at: address, count: 22 + file.offsetSize + file.lengthSize)
    guard try head.take(4).rest.elementsEqual("BTHD".utf8), try head.byte() == 0 else {
      throw file.damaged("no BTHD at address \(address)")
    }
    type = try head.byte()
    guard types.contains(type) else {
      throw file.damaged("a tree of records of type \(type) at address \(address)")
    }
    nodeSize = Int(try head.number(4))
    recordSize = Int(try head.number(2))
    depth = Int(try head.number(2))
    try head.skip(2)
    let rootAddress = try head.address()
    let rootCount = Int(try head.number(2))
    let total = try head.number(file.lengthSize)
    guard recordSize > 0, depth < 16, nodeSize <= file.byteCount,
      nodeSize > TreeOfRecords.nodeOverhead + recordSize, total <= UInt64(file.byteCount)
    else {
      throw file.damaged("a tree of records of \(recordSize) bytes in nodes of \(nodeSize)")
    }
    root = rootAddress.map { ($0, rootCount) }
    guard root != nil || total == 0 && rootCount == 0 else {
      throw file.damaged("a tree of \(total) records without a root")
    }
    try measureLevels()
  }

  private mutating func measureLevels() throws(HDF5Error) {
    capacities = [(nodeSize - TreeOfRecords.nodeOverhead) / recordSize]
    let countWidth = TreeOfRecords.width(of: capacities[0])
    var below = capacities[0]
    var totalWidth = 0
    for _ in 0..<depth {
      widths.append((countWidth, totalWidth))
      let child = file.offsetSize + countWidth + totalWidth
      let capacity = (nodeSize - TreeOfRecords.nodeOverhead - child) / (recordSize + child)
      guard capacity > 0 else { throw file.damaged("a tree whose nodes hold no records") }
      capacities.append(capacity)
      let (all, overflow) = (capacity + 1).multipliedReportingOverflow(by: below)
      below = overflow ? .max - capacity : min(all, .max - capacity)
      below += capacity
      totalWidth = TreeOfRecords.width(of: below)
    }
  }

  /// Bytes that numbers up to a largest one take.
  private static func width(of largest: Int) -> Int {
    (Int.bitWidth - largest.leadingZeroBitCount - 1) / 8 + 1
  }

  /// Visits every record.
  func forEach(
    _ body: (inout RawBytes) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    guard let root else { return }
    var visited: Set<Int> = []
    try visit(root.address, count: root.count, level: depth, &visited, body)
  }

  private func visit(
    _ address: Int, count: Int, level: Int, _ visited: inout Set<Int>,
    _ body: (inout RawBytes) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    guard visited.insert(address).inserted else {
      throw file.damaged("two nodes of a tree of records at address \(address)")
    }
    guard count <= capacities[level] else {
      throw file.damaged("\(count) records in a node of \(capacities[level])")
    }
    var node = try file.bytes(at: address, count: nodeSize)
    guard try node.take(4).rest.elementsEqual((level == 0 ? "BTLF" : "BTIN").utf8),
      try node.byte() == 0, try node.byte() == type
    else { throw file.damaged("no records of type \(type) at address \(address)") }
    for _ in 0..<count {
      var record = try node.take(recordSize)
      try body(&record)
    }
    guard level > 0 else { return }
    let width = widths[level - 1]
    for _ in 0...count {
      let child = try node.size(file.offsetSize)
      let records = Int(try node.number(width.records))
      try node.skip(width.total)
      try visit(child, count: records, level: level - 1, &visited, body)
    }
  }
}
