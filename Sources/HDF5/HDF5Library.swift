internal import CHDF5

/// The way every call into the library goes: silenced, checked, and its complaint kept.
///
/// The library prints an error trace to stderr unless each thread asks it not to; and it would
/// load filter plugins, which are programs, from a directory: both are turned off here.
enum HDF5Library {
  /// Whether the library is set up, which happens once.
  ///
  /// The library's constants start the library, so none may be named before this.
  private static let configured: Bool = {
    // At exit the library would close files once more that it could not write, and crash.
    H5dont_atexit()
    H5open()
    H5Eset_auto2(0, nil, nil)
    return H5PLset_loading_state(0) >= 0 && allowReadingReferences()
  }()

  /// Lets the references behind texts of variable length be read as the bytes they are in the
  /// file, into an opaque type, where ``GlobalHeap`` follows them.
  private static func allowReadingReferences() -> Bool {
    let text = H5Tcopy(cleave_hdf5_c_string())
    let opaque = H5Tcreate(H5T_OPAQUE, 16)
    defer {
      H5Tclose(text)
      H5Tclose(opaque)
    }
    return H5Tset_size(text, cleave_hdf5_variable_size()) >= 0
      && H5Tregister(
        H5T_PERS_SOFT, "text reference", text, opaque,
        { source, _, state, _, _, _, _, _, _ in
          guard state?.pointee.command == H5T_CONV_INIT else { return 0 }
          state?.pointee.need_bkg = H5T_BKG_NO
          return H5Tis_variable_str(source) > 0 ? 0 : -1
        }) >= 0
  }

  /// Calls the library without a trace on stderr, whatever the outcome.
  static func quietly<Value>(_ call: () -> Value) -> Value {
    _ = configured
    H5Eset_auto2(0, nil, nil)
    return call()
  }

  /// Calls the library and throws ``HDF5Error/failed(_:action:reason:)`` for a negative result.
  @discardableResult
  static func attempt<Value: SignedInteger>(
    _ action: String, at location: HDF5Location, _ call: () -> Value
  ) throws(HDF5Error) -> Value {
    let result = quietly(call)
    guard result >= 0 else {
      let complaints = complaints()
      if complaints.first?.hasPrefix("file write failed") == true {
        throw .unwritableFile(location.file, reason: FileProbe.reason(complaints))
      }
      throw .failed(location, action: action, reason: complaints.first ?? "unknown reason")
    }
    return result
  }

  /// Calls the library for an identifier, which the handle then owns.
  static func handle(
    _ action: String, at location: HDF5Location, _ call: () -> hid_t
  ) throws(HDF5Error) -> HDF5Handle {
    HDF5Handle(adopting: try attempt(action, at: location, call))
  }

  /// What the library had to say about the last failed call on this thread, innermost first.
  static func complaints() -> [String] {
    var found: [String] = []
    withUnsafeMutablePointer(to: &found) { pointer in
      _ = H5Ewalk2(
        0, H5E_WALK_UPWARD,
        { _, entry, context in
          if let text = entry?.pointee.desc {
            context?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
          }
          return 0
        }, pointer)
    }
    return found
  }
}
