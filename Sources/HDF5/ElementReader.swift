internal import CHDF5

/// Turns the elements of a dataset or attribute into Swift values.
///
/// `read` calls the library with a memory type and a buffer of `count` elements of it.
struct ElementReader {
  let type: HDF5ElementType
  let count: Int
  let location: HDF5Location

  /// Reads numbers, after checking that the conversion loses nothing but precision.
  func numbers<Scalar: HDF5Scalar>(
    into buffer: UnsafeMutableBufferPointer<Scalar>,
    read: (_ memoryType: Int64, _ transfer: Int64, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) {
    try checkReadable(as: Scalar.self)
    guard count > 0, let base = buffer.baseAddress else { return }
    guard let memoryType = Scalar.elementType.nativeType else { return }
    let transfer = try HDF5Library.handle("preparing to read", at: location) {
      H5Pcreate(cleave_hdf5_dataset_transfer())
    }
    let transferID = transfer.id
    var misfit = false
    let status = withUnsafeMutablePointer(to: &misfit) { misfit in
      HDF5Library.quietly {
        if Scalar.elementType.isInteger, Scalar.elementType != type {
          H5Pset_type_conv_cb(transferID, abortOnMisfit, misfit)
        }
        return read(memoryType, transferID, base)
      }
    }
    if misfit { throw .valueOutOfRange(location, type: "\(Scalar.elementType)") }
    try HDF5Library.attempt("reading", at: location) { status }
  }

  /// Throws unless the elements are numbers that a Swift type can stand for.
  func checkReadable<Scalar: HDF5Scalar>(as _: Scalar.Type) throws(HDF5Error) {
    // An empty list has no type of its own: writers leave whatever their default is.
    guard type.isNumeric || count == 0 else {
      throw .wrongType(location, expected: "numbers", found: "\(type)")
    }
  }

  /// Reads text of an open object.
  func strings(
    of object: Int64, type: borrowing HDF5Handle,
    read: (_ memoryType: Int64, UnsafeMutableRawPointer) throws(HDF5Error) -> herr_t
  ) throws(HDF5Error) -> [String] {
    guard count > 0 else { return [] }
    switch self.type {
    case .variableString: return try variableStrings(try RawFile(of: object, at: location), read)
    case .fixedString(let byteCount): return try fixedStrings(byteCount, type, read)
    default: throw .wrongType(location, expected: "text", found: "\(self.type)")
    }
  }

  /// Reads the references to texts through the library, and the texts from the file itself.
  private func variableStrings(
    _ file: RawFile, _ read: (Int64, UnsafeMutableRawPointer) throws(HDF5Error) -> herr_t
  ) throws(HDF5Error) -> [String] {
    let size = GlobalHeap.referenceSize(in: file)
    let opaque = try HDF5Library.handle("reading text", at: location) {
      H5Tcreate(H5T_OPAQUE, size)
    }
    var references = RawBytes(try rawBytes(count * size, opaque.id, read)[...], of: file)
    var heap = GlobalHeap(of: file)
    var result: [String] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(try text(try heap.object(&references))) }
    return result
  }

  private func fixedStrings(
    _ byteCount: Int, _ memoryType: borrowing HDF5Handle,
    _ read: (Int64, UnsafeMutableRawPointer) throws(HDF5Error) -> herr_t
  ) throws(HDF5Error) -> [String] {
    let typeID = memoryType.id
    let isSpacePadded = HDF5Library.quietly { H5Tget_strpad(typeID) } == H5T_STR_SPACEPAD
    let bytes = try rawBytes(count * byteCount, typeID, read)
    var result: [String] = []
    result.reserveCapacity(count)
    for start in stride(from: 0, to: bytes.count, by: byteCount) {
      var slice = bytes[start..<start + byteCount]
      while isSpacePadded, slice.last == 0x20 { slice.removeLast() }
      result.append(try text(slice))
    }
    return result
  }

  private func rawBytes(
    _ byteCount: Int, _ memoryType: Int64,
    _ read: (Int64, UnsafeMutableRawPointer) throws(HDF5Error) -> herr_t
  ) throws(HDF5Error) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    var failure: HDF5Error?
    let status = bytes.withUnsafeMutableBytes { buffer -> herr_t in
      guard let base = buffer.baseAddress else { return -1 }
      return HDF5Library.quietly {
        do throws(HDF5Error) { return try read(memoryType, base) } catch {
          failure = error
          return -1
        }
      }
    }
    if let failure { throw failure }
    try HDF5Library.attempt("reading text", at: location) { status }
    return bytes
  }

  /// The text in some bytes, up to the first zero.
  private func text(_ bytes: ArraySlice<UInt8>) throws(HDF5Error) -> String {
    guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
      throw .notText(location)
    }
    return text
  }
}

/// Stops a conversion at a number that does not fit, and notes it for the caller.
private let abortOnMisfit: H5T_conv_except_func_t = { exception, _, _, _, _, context in
  switch exception {
  case H5T_CONV_EXCEPT_PRECISION: return H5T_CONV_UNHANDLED
  default:
    context?.assumingMemoryBound(to: Bool.self).pointee = true
    return H5T_CONV_ABORT
  }
}
