/// The texts of variable length in a file.
///
/// A dataset or attribute holds references to them: a length, the address of a collection, and an
/// index in it. The library follows these without comparing the length with what is stored, so
/// they are followed here. Format: "HDF5 File Format Specification 3.0", III.E,
/// https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html.
struct GlobalHeap {
  private let file: RawFile
  private var collections: [Int: [UInt64: ArraySlice<UInt8>]] = [:]

  init(of file: RawFile) { self.file = file }

  /// The bytes of a reference in a file.
  static func referenceSize(in file: RawFile) -> Int { 4 + file.offsetSize + 4 }

  /// The bytes that a reference leads to.
  mutating func object(_ reference: inout RawBytes) throws(HDF5Error) -> ArraySlice<UInt8> {
    let length = try reference.size(4)
    let address = try reference.size(file.offsetSize)
    let index = try reference.number(4)
    guard length > 0, address > 0 else { return [] }
    guard let object = try collection(at: address)[index], object.count >= length else {
      throw file.damaged("a text of \(length) bytes is not in the collection at \(address)")
    }
    return object.prefix(length)
  }

  private mutating func collection(
    at address: Int
  ) throws(HDF5Error) -> [UInt64: ArraySlice<UInt8>] {
    if let known = collections[address] { return known }
    var head = try file.bytes(at: address, count: 8 + file.lengthSize)
    guard try head.take(4).rest.elementsEqual("GCOL".utf8), try head.byte() == 1 else {
      throw file.damaged("no collection of texts at address \(address)")
    }
    try head.skip(3)
    let size = try head.size(file.lengthSize)
    var body = try file.bytes(at: address, count: size)
    try body.skip(8 + file.lengthSize)
    var objects: [UInt64: ArraySlice<UInt8>] = [:]
    while body.count >= 8 + file.lengthSize {
      let index = try body.number(2)
      // Index 0 is the space that is left.
      guard index > 0 else { break }
      try body.skip(6)
      let length = try body.size(file.lengthSize)
      objects[index] = try body.take(length).rest
      try body.skip(min(body.count, (8 - length % 8) % 8))
    }
    collections[address] = objects
    return objects
  }
}
