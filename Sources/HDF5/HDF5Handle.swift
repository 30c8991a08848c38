internal import CHDF5

/// An identifier of the library, given back when the handle goes.
///
/// Files, groups, datasets, attributes, types, data spaces and property lists alike.
struct HDF5Handle: ~Copyable, Sendable {
  let id: Int64

  init(adopting id: Int64) { self.id = id }

  deinit {
    let id = id
    _ = HDF5Library.quietly { H5Iis_valid(id) > 0 ? H5Idec_ref(id) : 0 }
  }
}
