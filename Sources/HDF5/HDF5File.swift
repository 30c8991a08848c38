internal import CHDF5

/// An open HDF5 file; closed when the value goes.
///
/// Groups and datasets opened from a file that is read keep it open. It may be used from any
/// thread, the library taking turns. Opening a file runs nothing that is in it: filter plugins
/// are off, and other files it refers to are not opened.
public struct HDF5File: ~Copyable, HDF5Container, Sendable {
  private let handle: HDF5Handle

  /// The path the file was opened by.
  public let path: String

  /// The root of the file.
  public var location: HDF5Location { HDF5Location(file: path) }

  /// The library's name for the file.
  public var identifier: HDF5Identifier { HDF5Identifier(raw: handle.id) }

  /// Opens a file for reading.
  ///
  /// - Throws: ``HDF5Error/missingFile(_:)``, ``HDF5Error/unreadableFile(_:reason:)``,
  ///   ``HDF5Error/emptyFile(_:)``, ``HDF5Error/notHDF5(_:found:)``,
  ///   ``HDF5Error/truncatedFile(_:expected:found:)``, ``HDF5Error/corruptFile(_:reason:)``.
  public init(reading path: String) throws(HDF5Error) {
    let size = try FileProbe.checkSignature(path)
    let id = HDF5Library.quietly { H5Fopen(path, cleave_hdf5_read_only(), 0) }
    guard id >= 0 else { throw FileProbe.openError(path, size, HDF5Library.complaints()) }
    handle = HDF5Handle(adopting: id)
    self.path = path
  }

  /// Makes a file for reading and writing, replacing one that exists.
  ///
  /// Its metadata carries checksums, and nothing in it depends on the time or the machine: the
  /// same calls make the same bytes. Use ``writeAtomically(to:_:)`` to replace a file that is
  /// worth keeping until the new one is complete.
  ///
  /// - Throws: ``HDF5Error/unwritableFile(_:reason:)``.
  public init(creating path: String) throws(HDF5Error) {
    try self.init(creating: path, flags: cleave_hdf5_truncate())
  }

  init(creating path: String, flags: UInt32) throws(HDF5Error) {
    let place = HDF5Location(file: path)
    let creation = try HDF5Library.handle("preparing the file", at: place) {
      H5Pcreate(cleave_hdf5_file_create())
    }
    let access = try HDF5Library.handle("preparing the file", at: place) {
      H5Pcreate(cleave_hdf5_file_access())
    }
    let creationID = creation.id
    let accessID = access.id
    try HDF5Library.attempt("preparing the file", at: place) {
      H5Pset_obj_track_times(creationID, false)
    }
    try HDF5Library.attempt("preparing the file", at: place) {
      H5Pset_link_creation_order(creationID, cleave_hdf5_track_and_index())
    }
    // The format of 1.10 has checksums on all metadata and keeps attributes above 64 KiB.
    try HDF5Library.attempt("preparing the file", at: place) {
      H5Pset_libver_bounds(accessID, H5F_LIBVER_V110, H5F_LIBVER_V110)
    }
    // Closing a file that was written closes what is open in it, so that it is complete.
    try HDF5Library.attempt("preparing the file", at: place) {
      H5Pset_fclose_degree(accessID, H5F_CLOSE_STRONG)
    }
    let id = HDF5Library.quietly { H5Fcreate(path, flags, creationID, accessID) }
    guard id >= 0 else {
      throw .unwritableFile(path, reason: FileProbe.reason(HDF5Library.complaints()))
    }
    handle = HDF5Handle(adopting: id)
    self.path = path
  }

  /// Writes what is not written yet and closes the file, with the groups and datasets in it.
  ///
  /// - Throws: ``HDF5Error/unwritableFile(_:reason:)``, on a full disk for example; letting the
  ///   value go closes the file as well, but cannot report that.
  public consuming func close() throws(HDF5Error) { try finish() }

  /// Flushes and closes; the value must not be used any more.
  func finish() throws(HDF5Error) {
    let id = handle.id
    let flushed = HDF5Library.quietly { H5Fflush(id, H5F_SCOPE_GLOBAL) }
    let flushComplaints = flushed < 0 ? HDF5Library.complaints() : []
    let closed = HDF5Library.quietly { H5Fclose(id) }
    if flushed < 0 { throw .unwritableFile(path, reason: FileProbe.reason(flushComplaints)) }
    if closed < 0 {
      throw .unwritableFile(path, reason: FileProbe.reason(HDF5Library.complaints()))
    }
  }
}
