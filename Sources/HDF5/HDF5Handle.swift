internal import CHDF5

/// An identifier of the library, given back when the handle goes.
///
/// Files, groups, datasets, attributes, types, data spaces and property lists alike.
struct HDF5Handle: ~Copyable, Sendable {
  let id: Int64

  init(adopting id: Int64) { self.id = id }

  /// Whether an object belongs to a file that was opened for reading.
  private static func isReadOnly(_ id: Int64) -> Bool {
    let file = H5Iget_file_id(id)
    defer { H5Idec_ref(file) }
    var intent: UInt32 = 0
    return H5Fget_intent(file, &intent) >= 0 && intent == cleave_hdf5_read_only()
  }

  deinit {
    let id = id
    HDF5Library.quietly {
      guard H5Iis_valid(id) > 0 else { return }
      // A dataset that cannot be written, on a full disk, is left open: closing it would fail
      // halfway, and the library would come back to what is left.
      guard H5Iget_type(id) != H5I_DATASET || HDF5Handle.isReadOnly(id) || H5Dflush(id) >= 0 else {
        return
      }
      H5Idec_ref(id)
    }
  }
}
