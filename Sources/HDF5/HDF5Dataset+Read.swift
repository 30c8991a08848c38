internal import CHDF5

extension HDF5Dataset {
  /// Reads all elements in row-major order.
  ///
  /// - Throws: ``HDF5Error/wrongType(_:expected:found:)`` for text,
  ///   ``HDF5Error/valueOutOfRange(_:type:)``, ``HDF5Error/implausibleSize(_:claimedBytes:storedBytes:)``,
  ///   ``HDF5Error/unsupportedStorage(_:found:)``, ``HDF5Error/failed(_:action:reason:)``.
  public func read<Scalar: HDF5Scalar>(
    as _: Scalar.Type = Scalar.self
  ) throws(HDF5Error) -> [Scalar] {
    let reader = try checkedReader(as: Scalar.self)
    return try readArray(count) { (buffer) throws(HDF5Error) in try readAll(reader, into: buffer) }
  }

  /// Reads all elements in row-major order into memory of the caller's, which may be
  /// uninitialised.
  ///
  /// - Precondition: the buffer has as many elements as the dataset.
  /// - Throws: what ``read(as:)`` throws.
  public func read<Scalar: HDF5Scalar>(
    into buffer: UnsafeMutableBufferPointer<Scalar>
  ) throws(HDF5Error) {
    precondition(
      buffer.count == count, "HDF5Dataset.read: \(buffer.count) elements for \(count)")
    try readAll(try checkedReader(as: Scalar.self), into: buffer)
  }

  /// Reads the elements of a range along the first axis in row-major order.
  ///
  /// - Throws: ``HDF5Error/wrongShape(_:expected:found:)`` for a scalar and for rows the dataset
  ///   does not have, and what ``read(as:)`` throws.
  public func read<Scalar: HDF5Scalar>(
    rows: Range<Int>, as _: Scalar.Type = Scalar.self
  ) throws(HDF5Error) -> [Scalar] {
    let reader = try checkedReader(as: Scalar.self)
    let selection = try RowSelection(rows, of: self)
    return try readArray(selection.count) { (buffer) throws(HDF5Error) in
      try read(selection, reader, into: buffer)
    }
  }

  /// Reads the elements of a range along the first axis in row-major order into memory of the
  /// caller's, which may be uninitialised.
  ///
  /// - Precondition: the buffer has as many elements as the rows.
  /// - Throws: what ``read(rows:as:)`` throws.
  public func read<Scalar: HDF5Scalar>(
    rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Scalar>
  ) throws(HDF5Error) {
    let reader = try checkedReader(as: Scalar.self)
    let selection = try RowSelection(rows, of: self)
    precondition(
      buffer.count == selection.count,
      "HDF5Dataset.read: \(buffer.count) elements for \(selection.count)")
    try read(selection, reader, into: buffer)
  }

  /// Reads a dataset that holds one text.
  ///
  /// - Throws: ``HDF5Error/wrongType(_:expected:found:)``,
  ///   ``HDF5Error/wrongShape(_:expected:found:)``, ``HDF5Error/notText(_:)``.
  public func readString() throws(HDF5Error) -> String {
    let texts = try readStrings()
    guard texts.count == 1, let text = texts.first else {
      throw .wrongShape(location, expected: "one text", found: shape)
    }
    return text
  }

  /// Reads a dataset that holds texts, in row-major order.
  ///
  /// - Throws: ``HDF5Error/wrongType(_:expected:found:)``, ``HDF5Error/notText(_:)``.
  public func readStrings() throws(HDF5Error) -> [String] {
    try checkPlausible()
    let id = handle.id
    let type = try HDF5Library.handle("reading the type", at: location) { H5Dget_type(id) }
    return try ElementReader(type: elementType, count: count, location: location)
      .strings(of: id, type: type) { (memory, base) throws(HDF5Error) in
        guard let chunkReader else { return H5Dread(id, memory, 0, 0, 0, base) }
        try chunkReader.read(
          rows: 0..<(shape.first ?? 0),
          into: UnsafeMutableRawBufferPointer(start: base, count: count * chunkReader.elementSize))
        return 0
      }
  }

  private func checkedReader<Scalar: HDF5Scalar>(
    as type: Scalar.Type
  ) throws(HDF5Error) -> ElementReader {
    let reader = ElementReader(type: elementType, count: count, location: location)
    try reader.checkReadable(as: type)
    try checkPlausible()
    return reader
  }

  private func readAll<Scalar: HDF5Scalar>(
    _ reader: ElementReader, into buffer: UnsafeMutableBufferPointer<Scalar>
  ) throws(HDF5Error) {
    if let chunkReader, let rows = shape.first {
      try readChunks(chunkReader, rows: 0..<rows, reader, into: buffer)
    } else {
      try reader.numbers(into: buffer) { memory, transfer, base in
        H5Dread(handle.id, memory, 0, 0, transfer, base)
      }
    }
  }

  private func read<Scalar: HDF5Scalar>(
    _ selection: borrowing RowSelection, _ reader: ElementReader,
    into buffer: UnsafeMutableBufferPointer<Scalar>
  ) throws(HDF5Error) {
    guard selection.count > 0 else { return }
    if let chunkReader {
      try readChunks(chunkReader, rows: selection.rows, reader, into: buffer)
    } else {
      let (memoryID, fileID) = (selection.memory.id, selection.file.id)
      try reader.numbers(into: buffer) { memory, transfer, base in
        H5Dread(handle.id, memory, memoryID, fileID, transfer, base)
      }
    }
  }

  /// Bytes that are converted at once.
  private static let pieceSize = 1 << 22

  /// Reads rows of a dataset in chunks, some at a time where their type is another.
  private func readChunks<Scalar: HDF5Scalar>(
    _ chunkReader: ChunkReader, rows: Range<Int>, _ reader: ElementReader,
    into buffer: UnsafeMutableBufferPointer<Scalar>
  ) throws(HDF5Error) {
    let rowCount = shape.dropFirst().reduce(1, *)
    guard rowCount > 0, !rows.isEmpty else { return }
    let id = handle.id
    let type = try HDF5Library.handle("reading the type", at: location) { H5Dget_type(id) }
    let typeID = type.id
    guard let native = Scalar.elementType.nativeType else { return }
    guard HDF5Library.quietly({ H5Tequal(typeID, native) }) <= 0 else {
      return try chunkReader.read(rows: rows, into: UnsafeMutableRawBufferPointer(buffer))
    }
    let width = max(MemoryLayout<Scalar>.size, chunkReader.elementSize)
    let step = max(1, HDF5Dataset.pieceSize / (rowCount * width))
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(step, rows.count) * rowCount * width, alignment: 16)
    defer { piece.deallocate() }
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
      let some = start..<min(start + step, rows.upperBound)
      let count = some.count * rowCount
      try chunkReader.read(
        rows: some,
        into: UnsafeMutableRawBufferPointer(rebasing: piece[..<(count * chunkReader.elementSize)]))
      let first = (start - rows.lowerBound) * rowCount
      let target = UnsafeMutableBufferPointer(rebasing: buffer[first..<first + count])
      try reader.numbers(into: target) { memory, transfer, base in
        let status = H5Tconvert(typeID, memory, count, piece.baseAddress, nil, transfer)
        if status >= 0, let source = piece.baseAddress {
          base.copyMemory(from: source, byteCount: count * MemoryLayout<Scalar>.size)
        }
        return status
      }
    }
  }

  private func readArray<Scalar: HDF5Scalar>(
    _ count: Int, _ read: (UnsafeMutableBufferPointer<Scalar>) throws(HDF5Error) -> Void
  ) throws(HDF5Error) -> [Scalar] {
    guard count > 0 else { return [] }
    var failure: HDF5Error?
    let values = [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(HDF5Error) {
        try read(UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }
}

/// A range along the first axis, as the library selects it.
struct RowSelection: ~Copyable {
  let file: HDF5Handle
  let memory: HDF5Handle
  let rows: Range<Int>
  let count: Int

  init(_ rows: Range<Int>, of dataset: borrowing HDF5Dataset) throws(HDF5Error) {
    let location = dataset.location
    let shape = dataset.shape
    guard let rowCount = shape.first, rows.lowerBound >= 0, rows.upperBound <= rowCount else {
      throw .wrongShape(
        location, expected: "rows \(rows.lowerBound) to \(rows.upperBound)", found: shape)
    }
    let datasetID = dataset.handle.id
    let start = [hsize_t(rows.lowerBound)] + shape.dropFirst().map { _ in 0 }
    let extents = [hsize_t(rows.count)] + shape.dropFirst().map(hsize_t.init)
    let count = rows.count * shape.dropFirst().reduce(1, *)
    let file = try HDF5Library.handle("selecting rows", at: location) { H5Dget_space(datasetID) }
    let fileID = file.id
    if count > 0 {
      try HDF5Library.attempt("selecting rows", at: location) {
        H5Sselect_hyperslab(fileID, H5S_SELECT_SET, start, nil, extents, nil)
      }
    }
    let memory = try Extents.space([count], at: location)
    self.file = file
    self.memory = memory
    self.rows = rows
    self.count = count
  }
}
