internal import CHDF5

/// An open dataset, an array of numbers or texts; closed when the value goes.
///
/// It keeps its file open. It may be used from any thread, the library taking turns. What a
/// damaged or hostile file claims is checked before memory is taken for it.
public struct HDF5Dataset: ~Copyable, HDF5Object, Sendable {
  let handle: HDF5Handle
  let extents: Extents
  let elementSize: Int
  private let checked: CheckedFile?
  /// Reader of a dataset in chunks in a file that is read.
  let chunkReader: ChunkReader?

  /// Where the dataset is.
  public let location: HDF5Location

  /// The type of the elements as the file holds them.
  public let elementType: HDF5ElementType

  /// The extents of a chunk; `nil` if the dataset is stored in one block.
  public let chunkShape: [Int]?

  /// The filters each chunk went through, in the order they were applied.
  public let filters: [HDF5Filter]

  /// The library's name for the dataset.
  public var identifier: HDF5Identifier { HDF5Identifier(raw: handle.id, checked: checked) }

  /// The extents, outermost first; empty for a scalar.
  public var shape: [Int] { extents.shape }

  /// The number of elements, the product of the extents; 1 for a scalar.
  public var count: Int { extents.count }

  init(
    handle: consuming HDF5Handle, location: HDF5Location, checked: CheckedFile?
  ) throws(HDF5Error) {
    let id = handle.id
    let space = try HDF5Library.handle("reading the shape", at: location) { H5Dget_space(id) }
    let type = try HDF5Library.handle("reading the type", at: location) { H5Dget_type(id) }
    let list = try HDF5Library.handle("reading the storage", at: location) {
      H5Dget_create_plist(id)
    }
    let typeID = type.id
    let extents = try Extents(of: space, at: location)
    let chunkShape = try HDF5Dataset.chunkShape(list, rank: extents.shape.count, at: location)
    let filters = try HDF5Filter.all(of: list, at: location)
    let chunkReader =
      chunkShape == nil
      ? nil
      : try HDF5Dataset.chunkReader(
        of: id, type: typeID, list: list, extents, checked, at: location)
    elementType = HDF5Library.quietly { .classify(typeID) }
    elementSize = HDF5Library.quietly { H5Tget_size(typeID) }
    self.checked = checked
    self.chunkReader = chunkReader
    self.chunkShape = chunkShape
    self.filters = filters
    self.extents = extents
    self.handle = handle
    self.location = location
  }

  private static func chunkShape(
    _ list: borrowing HDF5Handle, rank: Int, at location: HDF5Location
  ) throws(HDF5Error) -> [Int]? {
    let id = list.id
    switch HDF5Library.quietly({ H5Pget_layout(id) }) {
    case H5D_CONTIGUOUS:
      guard HDF5Library.quietly({ H5Pget_external_count(id) }) == 0 else {
        throw .externalLink(location, target: "elements in a file of their own")
      }
      return nil
    case H5D_COMPACT: return nil
    case H5D_CHUNKED:
      var chunk = [hsize_t](repeating: 0, count: 32)
      let chunkRank = try HDF5Library.attempt("reading the storage", at: location) {
        H5Pget_chunk(id, 32, &chunk)
      }
      guard chunkRank == rank, rank > 0 else {
        throw .unsupportedStorage(location, found: "chunks of \(chunkRank) extents")
      }
      return chunk.prefix(rank).map { Int(clamping: $0) }
    case H5D_VIRTUAL:
      throw .externalLink(location, target: "a virtual dataset")
    default:
      throw .unsupportedStorage(location, found: "an unknown layout")
    }
  }

  private static func chunkReader(
    of id: Int64, type: Int64, list: borrowing HDF5Handle, _ extents: Extents,
    _ checked: CheckedFile?, at location: HDF5Location
  ) throws(HDF5Error) -> ChunkReader? {
    guard let checked else { return nil }
    var address: haddr_t = 0
    try HDF5Library.attempt("finding the chunks", at: location) {
      cleave_hdf5_object_address(id, &address)
    }
    let (file, dataset) = checked.chunks(at: Int(clamping: address))
    guard let dataset else {
      throw .failed(location, action: "finding the chunks", reason: "they were not checked")
    }
    var fill = [UInt8](repeating: 0, count: dataset.layout.elementSize)
    var kind = H5D_FILL_VALUE_ERROR
    let listID = list.id
    try HDF5Library.attempt("reading the fill value", at: location) {
      H5Pfill_value_defined(listID, &kind)
    }
    if kind == H5D_FILL_VALUE_USER_DEFINED, HDF5Library.quietly({ H5Tget_size(type) }) == fill.count
    {
      try HDF5Library.attempt("reading the fill value", at: location) {
        H5Pget_fill_value(listID, type, &fill)
      }
    }
    return ChunkReader(
      file: file, dataset: dataset, shape: extents.shape, fill: fill, location: location)
  }

  /// The bytes the elements take in the file, after compression.
  public var storedByteCount: Int {
    if let chunkReader { return chunkReader.storedByteCount }
    let id = handle.id
    return Int(clamping: HDF5Library.quietly { H5Dget_storage_size(id) })
  }

  /// Gzip makes at most 1032 bytes of one.
  private static let largestExpansion = 1032

  /// Refuses a dataset whose claims cannot be true, before memory is taken for them.
  ///
  /// Files may leave out elements that were never written; up to a mebibyte is allowed for those.
  func checkPlausible() throws(HDF5Error) {
    for filter in filters where !filter.isSupported {
      throw .unsupportedStorage(location, found: "filter \(filter)")
    }
    guard filters.count(where: { $0 == .gzip }) <= 1 else {
      throw .unsupportedStorage(location, found: "gzip applied more than once")
    }
    let claimed = try extents.byteCount(ofSize: elementSize, at: location)
    let stored = storedByteCount
    let fileSize = try fileByteCount()
    guard stored <= fileSize else {
      throw .implausibleSize(location, claimedBytes: stored, storedBytes: fileSize)
    }
    let expansion = filters.contains(.gzip) ? HDF5Dataset.largestExpansion : 1
    let (product, overflow) = stored.multipliedReportingOverflow(by: expansion)
    let limit = overflow ? .max : max(product, 1 << 20)
    guard claimed <= limit else {
      throw .implausibleSize(location, claimedBytes: claimed, storedBytes: stored)
    }
    guard let chunkShape else { return }
    var chunk = elementSize
    for extent in chunkShape {
      let (next, overflow) = chunk.multipliedReportingOverflow(by: extent)
      guard !overflow, next <= limit else {
        throw .implausibleSize(
          location, claimedBytes: overflow ? nil : next, storedBytes: stored)
      }
      chunk = next
    }
  }
}
