internal import CHDF5

extension HDF5Object where Self: ~Copyable {
  /// Writes an attribute that holds one text (UTF-8 of variable length), replacing what is there.
  public func setAttribute(_ name: String, to text: String) throws(HDF5Error) {
    try writeStrings(name, [text], shape: [])
  }

  /// Writes an attribute that holds a list of texts, replacing what is there.
  public func setAttribute(_ name: String, to texts: [String]) throws(HDF5Error) {
    try writeStrings(name, texts, shape: [texts.count])
  }

  /// Writes an attribute that holds one number, replacing what is there.
  public func setAttribute<Scalar: HDF5Scalar>(
    _ name: String, to number: Scalar
  ) throws(HDF5Error) {
    try writeNumbers(name, [number], shape: [])
  }

  /// Writes an attribute that holds a list of numbers, replacing what is there.
  public func setAttribute<Scalar: HDF5Scalar>(
    _ name: String, to numbers: [Scalar]
  ) throws(HDF5Error) {
    try writeNumbers(name, numbers, shape: [numbers.count])
  }

  private func writeNumbers<Scalar: HDF5Scalar>(
    _ name: String, _ numbers: [Scalar], shape: [Int]
  ) throws(HDF5Error) {
    guard let stored = Scalar.elementType.storedType, let native = Scalar.elementType.nativeType
    else { return }
    let attribute = try createAttribute(name, type: stored, shape: shape)
    let id = attribute.id
    try HDF5Library.attempt("writing attribute '\(name)'", at: location) {
      H5Awrite(id, native, numbers)
    }
  }

  private func writeStrings(
    _ name: String, _ texts: [String], shape: [Int]
  ) throws(HDF5Error) {
    let type = try HDF5Library.handle("describing text", at: location) {
      H5Tcopy(cleave_hdf5_c_string())
    }
    let typeID = type.id
    try HDF5Library.attempt("describing text", at: location) {
      H5Tset_size(typeID, cleave_hdf5_variable_size())
    }
    try HDF5Library.attempt("describing text", at: location) {
      H5Tset_cset(typeID, H5T_CSET_UTF8)
    }
    let attribute = try createAttribute(name, type: typeID, shape: shape)
    let id = attribute.id
    // One block holds all texts with their terminators; the library is given a pointer to each.
    let block = texts.flatMap { $0.utf8CString }
    let status = block.withUnsafeBufferPointer { block in
      var next = block.baseAddress
      let pointers = texts.map { text in
        defer { next = next.map { $0 + text.utf8.count + 1 } }
        return next
      }
      return HDF5Library.quietly { H5Awrite(id, typeID, pointers) }
    }
    try HDF5Library.attempt("writing attribute '\(name)'", at: location) { status }
  }

  private func createAttribute(
    _ name: String, type: Int64, shape: [Int]
  ) throws(HDF5Error) -> HDF5Handle {
    let id = identifier.raw
    if try hasAttribute(name) {
      try HDF5Library.attempt("replacing attribute '\(name)'", at: location) {
        H5Adelete(id, name)
      }
    }
    let space = try Extents.space(shape, at: location)
    let spaceID = space.id
    return try HDF5Library.handle("creating attribute '\(name)'", at: location) {
      H5Acreate2(id, name, type, spaceID, 0, 0)
    }
  }
}
