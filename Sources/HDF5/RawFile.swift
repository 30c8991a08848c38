internal import CHDF5
internal import Glibc

/// The bytes of a file, read with every offset and length checked.
///
/// The library trusts some of what it finds in a file, up to crashing on it. What it trusts is
/// read and checked through this first.
struct RawFile: Sendable {
  private let descriptor: Int32
  let byteCount: Int
  let path: String

  /// Where addresses in the file count from; above 0 if other content comes first.
  var base = 0
  /// The bytes of an address, and of a length.
  var offsetSize = 8
  var lengthSize = 8
  /// Half of the links of a node, and of the children of one, in the index of a group.
  var groupLeafRank = 4
  var groupNodeRank = 16

  /// A file by its descriptor, which stays the caller's.
  init(descriptor: Int32, byteCount: Int, path: String) {
    self.descriptor = descriptor
    self.byteCount = byteCount
    self.path = path
  }

  /// The file behind an open object, with what was written to it so far.
  ///
  /// The descriptor is the library's own: the path may lead to another file by now.
  init(of object: Int64, at location: HDF5Location) throws(HDF5Error) {
    let file = try HDF5Library.handle("finding the file", at: location) { H5Iget_file_id(object) }
    let fileID = file.id
    var intent: UInt32 = 0
    try HDF5Library.attempt("finding the file", at: location) { H5Fget_intent(fileID, &intent) }
    if intent != cleave_hdf5_read_only() {
      try HDF5Library.attempt("flushing the file", at: location) {
        H5Fflush(fileID, H5F_SCOPE_GLOBAL)
      }
    }
    var handle: UnsafeMutableRawPointer?
    try HDF5Library.attempt("finding the file", at: location) {
      H5Fget_vfd_handle(fileID, 0, &handle)
    }
    let list = try HDF5Library.handle("finding the file", at: location) {
      H5Fget_create_plist(fileID)
    }
    let listID = list.id
    var userBlock: hsize_t = 0
    try HDF5Library.attempt("finding the file", at: location) {
      H5Pget_userblock(listID, &userBlock)
    }
    var sizes = (offset: 0, length: 0)
    try HDF5Library.attempt("finding the file", at: location) {
      H5Pget_sizes(listID, &sizes.offset, &sizes.length)
    }
    guard let handle else {
      throw .failed(location, action: "finding the file", reason: "no descriptor")
    }
    descriptor = handle.load(as: Int32.self)
    var status = stat()
    byteCount = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    base = Int(clamping: userBlock)
    (offsetSize, lengthSize) = sizes
    var ranks = (node: UInt32(0), leaf: UInt32(0))
    try HDF5Library.attempt("finding the file", at: location) {
      H5Pget_sym_k(listID, &ranks.node, &ranks.leaf)
    }
    (groupNodeRank, groupLeafRank) = (Int(ranks.node), Int(ranks.leaf))
    path = location.file
  }

  /// The error of a file that contradicts itself.
  func damaged(_ reason: String) -> HDF5Error { .corruptFile(path, reason: reason) }

  /// The bytes at an address.
  func bytes(at address: Int, count: Int) throws(HDF5Error) -> RawBytes {
    let (start, overflow) = base.addingReportingOverflow(address)
    guard !overflow, address >= 0, count >= 0, start <= byteCount, count <= byteCount - start
    else { throw damaged("\(count) bytes at address \(address) are outside the file") }
    var content = [UInt8](repeating: 0, count: count)
    guard count == 0 || pread(descriptor, &content, count, off_t(start)) == count else {
      throw damaged("\(count) bytes at address \(address) cannot be read")
    }
    return RawBytes(content[...], of: self)
  }

  /// Whether an address is the one that stands for none.
  func isUndefined(_ address: UInt64) -> Bool {
    address == (offsetSize == 8 ? .max : 1 << (8 * UInt64(offsetSize)) - 1)
  }

  /// Whether a length is the one that stands for none.
  func isUndefinedLength(_ length: UInt64) -> Bool {
    length == (lengthSize == 8 ? .max : 1 << (8 * UInt64(lengthSize)) - 1)
  }
}

/// A run of bytes that is read from its front, never past its end.
struct RawBytes {
  private(set) var rest: ArraySlice<UInt8>
  private let file: RawFile

  init(_ content: ArraySlice<UInt8>, of file: RawFile) {
    rest = content
    self.file = file
  }

  /// How many bytes are left.
  var count: Int { rest.count }

  /// Takes a number of bytes.
  mutating func take(_ count: Int) throws(HDF5Error) -> RawBytes {
    guard count >= 0, count <= rest.count else {
      throw file.damaged("\(count) bytes were expected where \(rest.count) are left")
    }
    defer { rest = rest.dropFirst(count) }
    return RawBytes(rest.prefix(count), of: file)
  }

  /// Passes over a number of bytes.
  mutating func skip(_ count: Int) throws(HDF5Error) { _ = try take(count) }

  /// Takes a little-endian number of up to eight bytes.
  mutating func number(_ size: Int) throws(HDF5Error) -> UInt64 {
    try take(size).rest.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Takes a little-endian number that must be a byte count or address in this file.
  mutating func size(_ size: Int) throws(HDF5Error) -> Int {
    let value = try number(size)
    guard value <= UInt64(file.byteCount) else {
      throw file.damaged("a size or address of \(value) in a file of \(file.byteCount) bytes")
    }
    return Int(value)
  }

  /// Takes an address, `nil` for the one that stands for none.
  mutating func address() throws(HDF5Error) -> Int? {
    var ahead = self
    if file.isUndefined(try ahead.number(file.offsetSize)) {
      self = ahead
      return nil
    }
    return try size(file.offsetSize)
  }

  /// Takes one byte.
  mutating func byte() throws(HDF5Error) -> UInt8 { UInt8(truncatingIfNeeded: try number(1)) }
}
