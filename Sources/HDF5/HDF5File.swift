internal import CHDF5
internal import Glibc
internal import Synchronization

/// An open HDF5 file; closed when the value goes.
///
/// Groups and datasets opened from a file that is read keep it open. It may be used from any
/// thread, the library taking turns. Opening a file runs nothing that is in it: filter plugins
/// are off, and other files it refers to are not opened.
public struct HDF5File: ~Copyable, HDF5Container, Sendable {
  private let id: Int64

  /// Checks of a file that is read.
  private let checked: CheckedFile?

  /// The path the file was opened by, or will have once it is complete.
  public let path: String

  /// Whether the file was made here, rather than opened for reading.
  private let isWritten: Bool

  /// Whether a file that was made here is still to be closed.
  private let isOpen = Atomic(true)

  /// The root of the file.
  public var location: HDF5Location { HDF5Location(file: path) }

  /// The library's name for the file.
  public var identifier: HDF5Identifier { HDF5Identifier(raw: id, checked: checked) }

  /// Opens a file for reading.
  ///
  /// - Throws: ``HDF5Error/missingFile(_:)``, ``HDF5Error/unreadableFile(_:reason:)``,
  ///   ``HDF5Error/emptyFile(_:)``, ``HDF5Error/notHDF5(_:found:)``,
  ///   ``HDF5Error/truncatedFile(_:expected:found:)``, ``HDF5Error/corruptFile(_:reason:)``.
  public init(reading path: String) throws(HDF5Error) {
    try self.init(reading: path, shownAs: path)
  }

  /// Opens a file for reading that errors call by another path, such as one that was unpacked.
  ///
  /// - Throws: as ``init(reading:)``.
  package init(reading path: String, shownAs shown: String) throws(HDF5Error) {
    let size = try FileProbe.checkStart(path, shownAs: shown)
    let id = HDF5Library.quietly { H5Fopen(path, cleave_hdf5_read_only(), 0) }
    guard id >= 0 else { throw FileProbe.openError(shown, size, HDF5Library.complaints()) }
    let file: RawFile
    do throws(HDF5Error) { file = try RawFile(of: id, at: HDF5Location(file: shown)) } catch {
      _ = HDF5Library.quietly { H5Idec_ref(id) }
      throw error
    }
    self.id = id
    self.path = shown
    checked = CheckedFile(file)
    isWritten = false
  }

  deinit {
    // There is nobody to tell; `close()` is for those who want to know.
    if isWritten {
      try? finish()
    } else {
      let id = id
      _ = HDF5Library.quietly { H5Idec_ref(id) }
    }
  }

  /// Makes a file for reading and writing, replacing one that exists.
  ///
  /// Its metadata carries checksums, and nothing in it depends on the time or the machine: the
  /// same calls make the same bytes. Use ``writeAtomically(to:_:)`` to replace a file that is
  /// worth keeping until the new one is complete.
  ///
  /// - Throws: ``HDF5Error/unwritableFile(_:reason:)``.
  public init(creating path: String) throws(HDF5Error) {
    try self.init(creating: path, shownAs: path, replacing: true)
  }

  /// Makes a file that errors call by another path.
  init(creating path: String, shownAs shown: String, replacing: Bool) throws(HDF5Error) {
    let place = HDF5Location(file: shown)
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
    let id = HDF5Library.quietly {
      H5Fcreate(
        path, replacing ? cleave_hdf5_truncate() : cleave_hdf5_exclusive(), creationID, accessID)
    }
    guard id >= 0 else {
      throw .unwritableFile(shown, reason: FileProbe.reason(HDF5Library.complaints()))
    }
    self.id = id
    self.path = shown
    checked = nil
    isWritten = true
  }

  /// Writes what is not written yet and closes the file, with the groups and datasets in it.
  ///
  /// - Throws: ``HDF5Error/unwritableFile(_:reason:)``, on a full disk for example; letting the
  ///   value go closes the file as well, but cannot report that.
  public consuming func close() throws(HDF5Error) { try finish() }

  /// Flushes and closes; the value must not be used any more.
  ///
  /// The library cannot close a file that it cannot write: it fails, keeps the identifier of a
  /// file that is no more, and crashes when it comes back to it. Such a file stays open until the
  /// process ends, which also keeps the system from giving its number to another file, which the
  /// library would take for this one.
  func finish() throws(HDF5Error) {
    guard isOpen.exchange(false, ordering: .relaxed) else { return }
    let id = id
    for step in [{ H5Fflush(id, H5F_SCOPE_GLOBAL) }, { HDF5File.unlock(id) }, { H5Fclose(id) }] {
      if HDF5Library.quietly(step) < 0 {
        throw .unwritableFile(path, reason: FileProbe.reason(HDF5Library.complaints()))
      }
    }
  }

  /// Gives up the lock the library holds on the file.
  ///
  /// Closing alone does not: a process that was started meanwhile has a copy of the descriptor and
  /// with it the lock, for as long as it runs.
  private static func unlock(_ id: Int64) -> Int32 {
    var descriptor: UnsafeMutableRawPointer?
    guard H5Fget_vfd_handle(id, 0, &descriptor) >= 0, let descriptor else { return -1 }
    // A file system without locks has none to give up.
    _ = flock(descriptor.load(as: Int32.self), LOCK_UN)
    return 0
  }
}
