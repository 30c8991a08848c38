/// Check of the index of a group in the older layout: a tree of nodes of links, and a heap of names.
///
/// Format: "HDF5 File Format Specification 3.0", III.A.1, III.B and III.C,
/// https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html.
struct GroupIndexCheck {
  private let file: RawFile
  private let heap: LocalHeap
  private var visited: Set<Int> = []

  /// Checks all nodes of a group's index.
  ///
  /// - Throws: ``HDF5Error/corruptFile(_:reason:)``.
  static func check(tree: Int, heap: Int, of file: RawFile) throws(HDF5Error) {
    var check = GroupIndexCheck(file: file, heap: try LocalHeap(at: heap, of: file))
    try check.checkNode(at: tree, level: nil)
  }

  private init(file: RawFile, heap: LocalHeap) {
    self.file = file
    self.heap = heap
  }

  private mutating func checkNode(at address: Int, level: Int?) throws(HDF5Error) {
    guard visited.insert(address).inserted else {
      throw file.damaged("two nodes of a group's index at address \(address)")
    }
    let headSize = 8 + 2 * file.offsetSize
    var head = try file.bytes(at: address, count: headSize)
    guard try head.take(4).rest.elementsEqual("TREE".utf8), try head.byte() == 0 else {
      throw file.damaged("no index of a group at address \(address)")
    }
    let found = Int(try head.byte())
    let count = Int(try head.number(2))
    guard level == nil || level == found, found < 16, count <= 2 * file.groupNodeRank else {
      throw file.damaged("a node of level \(found) with \(count) children at address \(address)")
    }
    _ = try head.address()
    _ = try head.address()
    // The library reads the space of as many children as a node may have.
    var body = try file.bytes(
      at: address + headSize,
      count: 2 * file.groupNodeRank * (file.lengthSize + file.offsetSize) + file.lengthSize)
    for entry in 0...count {
      _ = try heap.text(at: try body.number(file.lengthSize))
      guard entry < count else { return }
      let child = try body.size(file.offsetSize)
      if found == 0 {
        try checkLinks(at: child)
      } else {
        try checkNode(at: child, level: found - 1)
      }
    }
  }

  /// Checks a node of links.
  private mutating func checkLinks(at address: Int) throws(HDF5Error) {
    guard visited.insert(address).inserted else {
      throw file.damaged("two nodes of links at address \(address)")
    }
    let entrySize = 2 * file.offsetSize + 24
    var node = try file.bytes(at: address, count: 8 + 2 * file.groupLeafRank * entrySize)
    guard try node.take(4).rest.elementsEqual("SNOD".utf8), try node.byte() == 1 else {
      throw file.damaged("no links of a group at address \(address)")
    }
    try node.skip(1)
    let count = Int(try node.number(2))
    guard count <= 2 * file.groupLeafRank else {
      throw file.damaged("\(count) links in a node of \(2 * file.groupLeafRank)")
    }
    for _ in 0..<count {
      guard try !heap.text(at: try node.number(file.offsetSize)).isEmpty else {
        throw file.damaged("a link of no name")
      }
      let object = try node.address()
      let kind = try node.number(4)
      try node.skip(4)
      var cached = try node.take(16)
      switch kind {
      case 0, 1:
        guard let object, object < file.byteCount - file.base else {
          throw file.damaged("a link of a group leads outside the file")
        }
      case 2: _ = try heap.text(at: try cached.number(4))
      default: throw file.damaged("a link of unknown kind \(kind)")
      }
    }
  }
}
