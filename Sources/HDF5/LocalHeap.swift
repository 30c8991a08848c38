/// Names of the links of a group in the older layout.
///
/// The library follows the list of free blocks and reads names up to their terminating zero without
/// comparing either with the size of the heap. Format: "HDF5 File Format Specification 3.0", III.D,
/// https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html.
struct LocalHeap {
  private let file: RawFile
  private let segment: ArraySlice<UInt8>

  /// Offset that ends the list of free blocks.
  private static let endOfFreeList: UInt64 = 1

  /// Reads a heap and checks its list of free blocks.
  ///
  /// - Throws: ``HDF5Error/corruptFile(_:reason:)``.
  init(at address: Int, of file: RawFile) throws(HDF5Error) {
    self.file = file
    var head = try file.bytes(at: address, count: 8 + 2 * file.lengthSize + file.offsetSize)
    guard try head.take(4).rest.elementsEqual("HEAP".utf8), try head.byte() == 0 else {
      throw file.damaged("no HEAP at address \(address)")
    }
    try head.skip(3)
    let size = try head.size(file.lengthSize)
    var free = try head.number(file.lengthSize)
    guard let start = try head.address(), size > 0 else {
      throw file.damaged("the heap at address \(address) has no names")
    }
    segment = try file.bytes(at: start, count: size).rest
    // Free blocks do not overlap, so that there are no more than fit.
    var left = size / (2 * file.lengthSize)
    while free != LocalHeap.endOfFreeList {
      guard left > 0, let offset = Int(exactly: free), offset <= size - 2 * file.lengthSize else {
        throw file.damaged("the free blocks of the heap at address \(address) lead nowhere")
      }
      left -= 1
      var block = RawBytes(segment.dropFirst(offset), of: file)
      free = try block.number(file.lengthSize)
      guard try block.size(file.lengthSize) <= size - offset else {
        throw file.damaged("a free block of the heap at address \(address) ends outside it")
      }
    }
  }

  /// Bytes of the text at an offset, without the zero at its end.
  func text(at offset: UInt64) throws(HDF5Error) -> ArraySlice<UInt8> {
    guard let offset = Int(exactly: offset), offset < segment.count else {
      throw file.damaged("a name at offset \(offset) of a heap of \(segment.count) bytes")
    }
    let rest = segment.dropFirst(offset)
    guard let end = rest.firstIndex(of: 0) else { throw file.damaged("a name without an end") }
    return rest[..<end]
  }
}
