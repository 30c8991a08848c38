internal import CHDF5

extension HDF5Container where Self: ~Copyable {
  /// Makes a dataset of zeros, and the groups above it as far as they are missing, and opens it.
  ///
  /// - Parameters:
  ///   - path: where, relative to this.
  ///   - type: the type of its numbers.
  ///   - shape: the extents, outermost first; empty for a scalar.
  ///   - storage: how it is laid out.
  /// - Throws: ``HDF5Error/alreadyExists(_:)``, ``HDF5Error/failed(_:action:reason:)``.
  public func createDataset<Scalar: HDF5Scalar>(
    _ path: String, of type: Scalar.Type, shape: [Int], storage: HDF5Storage = .contiguous
  ) throws(HDF5Error) -> HDF5Dataset {
    guard let stored = Scalar.elementType.storedType else {
      throw .wrongType(
        location.appending(path), expected: "numbers", found: "\(Scalar.elementType)")
    }
    return try createDataset(
      path, type: stored, elementSize: MemoryLayout<Scalar>.size, shape: shape, storage: storage)
  }

  /// Writes numbers as a new dataset, making the groups above it as far as they are missing.
  ///
  /// - Parameters:
  ///   - values: the elements in row-major order.
  ///   - path: where, relative to this.
  ///   - shape: the extents, outermost first; empty for a scalar.
  ///   - storage: how it is laid out.
  /// - Precondition: as many values as the shape has elements.
  /// - Throws: ``HDF5Error/alreadyExists(_:)``, ``HDF5Error/failed(_:action:reason:)``.
  public func write<Scalar: HDF5Scalar>(
    _ values: [Scalar], to path: String, shape: [Int], storage: HDF5Storage = .contiguous
  ) throws(HDF5Error) {
    try values.withUnsafeBufferPointer { (buffer) throws(HDF5Error) in
      try write(buffer, to: path, shape: shape, storage: storage)
    }
  }

  /// Writes numbers as a new dataset, making the groups above it as far as they are missing.
  ///
  /// - Parameters:
  ///   - values: the elements in row-major order.
  ///   - path: where, relative to this.
  ///   - shape: the extents, outermost first; empty for a scalar.
  ///   - storage: how it is laid out.
  /// - Precondition: as many values as the shape has elements.
  /// - Throws: ``HDF5Error/alreadyExists(_:)``, ``HDF5Error/failed(_:action:reason:)``.
  public func write<Scalar: HDF5Scalar>(
    _ values: UnsafeBufferPointer<Scalar>, to path: String, shape: [Int],
    storage: HDF5Storage = .contiguous
  ) throws(HDF5Error) {
    precondition(
      values.count == shape.reduce(1, *),
      "HDF5: \(values.count) values for shape \(HDF5Error.text(shape))")
    let dataset = try createDataset(path, of: Scalar.self, shape: shape, storage: storage)
    guard values.count > 0, let native = Scalar.elementType.nativeType else { return }
    let id = dataset.handle.id
    try HDF5Library.attempt("writing", at: dataset.location) {
      H5Dwrite(id, native, 0, 0, 0, values.baseAddress)
    }
  }

  /// Writes a text of any length as a new dataset of one fixed-length UTF-8 string, making the
  /// groups above it as far as they are missing.
  ///
  /// For texts that are large or that other objects should not be slowed down by; zero characters
  /// at its end are not kept.
  ///
  /// - Throws: ``HDF5Error/alreadyExists(_:)``, ``HDF5Error/failed(_:action:reason:)``.
  public func write(text: String, to path: String) throws(HDF5Error) {
    let place = location.appending(path)
    let bytes = Array(text.utf8)
    let type = try HDF5Library.handle("describing text", at: place) {
      H5Tcopy(cleave_hdf5_c_string())
    }
    let typeID = type.id
    for set in [
      { H5Tset_size(typeID, max(1, bytes.count)) }, { H5Tset_cset(typeID, H5T_CSET_UTF8) },
      { H5Tset_strpad(typeID, H5T_STR_NULLPAD) },
    ] {
      try HDF5Library.attempt("describing text", at: place, set)
    }
    let dataset = try createDataset(
      path, type: typeID, elementSize: max(1, bytes.count), shape: [], storage: .contiguous)
    let id = dataset.handle.id
    let content = bytes.isEmpty ? [0] : bytes
    try HDF5Library.attempt("writing", at: place) { H5Dwrite(id, typeID, 0, 0, 0, content) }
  }

  private func createDataset(
    _ path: String, type: Int64, elementSize: Int, shape: [Int], storage: HDF5Storage
  ) throws(HDF5Error) -> HDF5Dataset {
    let place = location.appending(path)
    var components = HDF5Location.components(of: path)
    guard let name = components.popLast() else { throw .alreadyExists(place) }
    let prefix = path.hasPrefix("/") ? "/" : ""
    let parent = try createGroup(prefix + components.joined(separator: "/"))
    let parentID = parent.identifier.raw
    let taken = try HDF5Library.attempt("looking up", at: place) { H5Lexists(parentID, name, 0) }
    guard taken == 0 else { throw .alreadyExists(place) }
    let list = try storage.properties(for: shape, elementSize: elementSize, at: place)
    let space = try Extents.space(shape, at: place)
    let listID = list.id
    let spaceID = space.id
    let handle = try HDF5Library.handle("creating the dataset", at: place) {
      H5Dcreate2(parentID, name, type, spaceID, 0, listID, 0)
    }
    return try HDF5Dataset(handle: handle, location: place, checked: nil)
  }
}

extension HDF5Storage {
  /// The library's list of these properties.
  func properties(
    for shape: [Int], elementSize: Int, at location: HDF5Location
  ) throws(HDF5Error) -> HDF5Handle {
    let list = try HDF5Library.handle("preparing a dataset", at: location) {
      H5Pcreate(cleave_hdf5_dataset_create())
    }
    let id = list.id
    var steps: [() -> herr_t] = [{ H5Pset_obj_track_times(id, false) }]
    if let chunk = chunk(for: shape, elementSize: elementSize) {
      guard chunk.count == shape.count, chunk.allSatisfy({ $0 > 0 }) else {
        throw .wrongShape(location, expected: "a chunk of \(shape.count) extents", found: chunk)
      }
      let extents = zip(chunk, shape).map { hsize_t(min($0, $1)) }
      steps.append { H5Pset_chunk(id, Int32(extents.count), extents) }
      if shuffles { steps.append { H5Pset_shuffle(id) } }
      if let gzipLevel {
        steps.append { H5Pset_deflate(id, UInt32(clamping: min(gzipLevel, 9))) }
      }
      if hasChecksum { steps.append { H5Pset_fletcher32(id) } }
    }
    for step in steps { try HDF5Library.attempt("preparing a dataset", at: location, step) }
    return list
  }
}

extension HDF5Dataset {
  /// Writes the elements of a range along the first axis, in row-major order.
  ///
  /// - Precondition: as many values as the rows have elements.
  /// - Throws: ``HDF5Error/wrongShape(_:expected:found:)`` for rows the dataset does not have,
  ///   ``HDF5Error/failed(_:action:reason:)``.
  public func write<Scalar: HDF5Scalar>(
    _ values: [Scalar], rows: Range<Int>
  ) throws(HDF5Error) {
    try values.withUnsafeBufferPointer { (buffer) throws(HDF5Error) in
      try write(buffer, rows: rows)
    }
  }

  /// Writes the elements of a range along the first axis, in row-major order.
  ///
  /// - Precondition: as many values as the rows have elements.
  /// - Throws: ``HDF5Error/wrongShape(_:expected:found:)`` for rows the dataset does not have,
  ///   ``HDF5Error/failed(_:action:reason:)``.
  public func write<Scalar: HDF5Scalar>(
    _ values: UnsafeBufferPointer<Scalar>, rows: Range<Int>
  ) throws(HDF5Error) {
    let selection = try RowSelection(rows, of: self)
    precondition(
      values.count == selection.count,
      "HDF5Dataset.write: \(values.count) values for \(selection.count)")
    guard values.count > 0, let native = Scalar.elementType.nativeType else { return }
    let id = handle.id
    let memory = selection.memory.id
    let file = selection.file.id
    try HDF5Library.attempt("writing", at: location) {
      H5Dwrite(id, native, memory, file, 0, values.baseAddress)
    }
  }
}
