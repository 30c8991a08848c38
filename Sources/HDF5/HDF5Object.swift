internal import CHDF5

/// An open file, group or dataset: something with a path and attributes.
public protocol HDF5Object: ~Copyable {
  /// Where this is, for error messages.
  var location: HDF5Location { get }

  /// The library's name for this.
  var identifier: HDF5Identifier { get }
}

/// The extents of a dataset or attribute.
struct Extents {
  /// The extents, outermost first; `[0]` for a null space.
  let shape: [Int]
  /// The product of the extents.
  let count: Int

  /// Reads and checks the extents of a data space.
  init(of space: borrowing HDF5Handle, at location: HDF5Location) throws(HDF5Error) {
    let id = space.id
    guard HDF5Library.quietly({ H5Sget_simple_extent_type(id) }) != H5S_NULL else {
      shape = [0]
      count = 0
      return
    }
    let rank = try HDF5Library.attempt("reading the shape", at: location) {
      H5Sget_simple_extent_ndims(id)
    }
    var extents = [hsize_t](repeating: 0, count: Int(rank))
    try HDF5Library.attempt("reading the shape", at: location) {
      H5Sget_simple_extent_dims(id, &extents, nil)
    }
    var shape: [Int] = []
    var product = 1
    for extent in extents {
      guard let extent = Int(exactly: extent) else {
        throw .implausibleSize(location, claimedBytes: nil, storedBytes: 0)
      }
      shape.append(extent)
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow else {
        throw .implausibleSize(location, claimedBytes: nil, storedBytes: 0)
      }
      product = next
    }
    self.shape = shape
    count = product
  }

  /// The bytes that many elements of a size take.
  func byteCount(ofSize size: Int, at location: HDF5Location) throws(HDF5Error) -> Int {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow else { throw .implausibleSize(location, claimedBytes: nil, storedBytes: 0) }
    return bytes
  }

  /// A new data space of a shape; a scalar one for no extents.
  static func space(
    _ shape: [Int], at location: HDF5Location
  ) throws(HDF5Error) -> HDF5Handle {
    let extents = shape.map { hsize_t($0) }
    return try HDF5Library.handle("describing the shape", at: location) {
      extents.isEmpty
        ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(extents.count), extents, nil)
    }
  }
}

extension HDF5Object where Self: ~Copyable {
  /// The bytes of the file that holds this, as the library sees it now.
  func fileByteCount() throws(HDF5Error) -> Int {
    let id = identifier.raw
    let file = try HDF5Library.handle("finding the file", at: location) { H5Iget_file_id(id) }
    let fileID = file.id
    var size: hsize_t = 0
    try HDF5Library.attempt("asking the file's size", at: location) {
      H5Fget_filesize(fileID, &size)
    }
    return Int(clamping: size)
  }
}
