internal import CHDF5

/// An open group; closed when the value goes.
///
/// It keeps its file open. It may be used from any thread, the library taking turns.
public struct HDF5Group: ~Copyable, HDF5Container, Sendable {
  private let handle: HDF5Handle
  private let checked: CheckedFile?

  /// Where the group is.
  public let location: HDF5Location

  /// The library's name for the group.
  public var identifier: HDF5Identifier { HDF5Identifier(raw: handle.id, checked: checked) }

  init(handle: consuming HDF5Handle, location: HDF5Location, checked: CheckedFile?) {
    self.handle = handle
    self.checked = checked
    self.location = location
  }
}

extension HDF5Container where Self: ~Copyable {
  /// Makes a group and those above it, as far as they are missing, and opens it.
  ///
  /// - Throws: ``HDF5Error/wrongKind(_:expected:found:)`` if a name on the way is not a group's.
  @discardableResult
  public func createGroup(_ path: String) throws(HDF5Error) -> HDF5Group {
    let list = try HDF5Library.handle("preparing a group", at: location) {
      H5Pcreate(cleave_hdf5_group_create())
    }
    let listID = list.id
    try HDF5Library.attempt("preparing a group", at: location) {
      H5Pset_obj_track_times(listID, false)
    }
    try HDF5Library.attempt("preparing a group", at: location) {
      H5Pset_link_creation_order(listID, cleave_hdf5_track_and_index())
    }
    var current = try group(path.hasPrefix("/") ? "/" : ".")
    for name in HDF5Location.components(of: path) {
      if try current.contains(name) {
        current = try current.group(name)
        continue
      }
      let place = current.location.appending(name)
      let parent = current.identifier.raw
      let made = try HDF5Library.handle("creating the group", at: place) {
        H5Gcreate2(parent, name, 0, listID, 0)
      }
      current = HDF5Group(handle: made, location: place, checked: nil)
    }
    return current
  }
}
