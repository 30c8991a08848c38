internal import CHDF5

/// What a link of a group says, without following it.
enum LinkValue {
  /// A hard link, with the address of the object's header.
  case hard(address: Int)
  case soft(target: String)
  case external(file: String)
  case other
}

extension HDF5Handle {
  /// The library's word for what this is.
  var kind: H5I_type_t {
    let id = id
    return HDF5Library.quietly { H5Iget_type(id) }
  }

  /// The kind in the words of error messages.
  var kindName: String {
    switch kind {
    case H5I_GROUP, H5I_FILE: "a group"
    case H5I_DATASET: "a dataset"
    case H5I_DATATYPE: "a named type"
    default: "another object"
    }
  }

  /// Opens what a hard link of this group leads to, after checking its header.
  func child(
    _ name: String, address: Int, checked: CheckedFile?, at location: HDF5Location
  ) throws(HDF5Error) -> HDF5Handle {
    let id = id
    try checked?.check(at: address)
    return try HDF5Library.handle("opening", at: location) { H5Oopen(id, name, 0) }
  }

  /// Whether this group has a link of a name, wherever it leads.
  func hasLink(_ name: String, at location: HDF5Location) throws(HDF5Error) -> Bool {
    let id = id
    return try HDF5Library.attempt("looking up", at: location) { H5Lexists(id, name, 0) } > 0
  }

  /// What a link of this group says.
  func link(_ name: String, at location: HDF5Location) throws(HDF5Error) -> LinkValue {
    let id = id
    var type = H5L_TYPE_ERROR
    var size = 0
    var address: haddr_t = 0
    try HDF5Library.attempt("reading the link", at: location) {
      cleave_hdf5_link_info(id, name, &type, &size, &address)
    }
    switch type {
    case H5L_TYPE_HARD: return .hard(address: Int(clamping: address))
    case H5L_TYPE_SOFT:
      let bytes = try linkBytes(name, size, at: location)
      guard let target = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
        throw .notText(location)
      }
      return .soft(target: target)
    case H5L_TYPE_EXTERNAL:
      // One byte of flags, then the file's name and the path in it, each with a zero at its end.
      let bytes = try linkBytes(name, size, at: location)
      return .external(
        file: String(decoding: bytes.dropFirst().prefix { $0 != 0 }, as: UTF8.self))
    default: return .other
    }
  }

  private func linkBytes(
    _ name: String, _ size: Int, at location: HDF5Location
  ) throws(HDF5Error) -> [UInt8] {
    guard size <= 1 << 20 else {
      throw .implausibleSize(location, claimedBytes: size, storedBytes: 1 << 20)
    }
    let id = id
    var bytes = [UInt8](repeating: 0, count: size)
    try HDF5Library.attempt("reading the link", at: location) {
      H5Lget_val(id, name, &bytes, size, 0)
    }
    return bytes
  }

  /// The names of this group's links, by their bytes or by when they were made.
  func linkNames(byCreation: Bool, at location: HDF5Location) throws(HDF5Error) -> [String] {
    let id = id
    var names: [String] = []
    try withUnsafeMutablePointer(to: &names) { (context) throws(HDF5Error) in
      _ = try HDF5Library.attempt("listing the group", at: location) {
        cleave_hdf5_visit_links(
          id, byCreation ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME,
          { _, name, _, context in
            guard let name, let text = String(validatingCString: name) else { return -1 }
            context?.assumingMemoryBound(to: [String].self).pointee.append(text)
            return 0
          }, context)
      }
    }
    return byCreation ? names : names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
