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

  /// Reads text.
  func strings(
    memoryType: borrowing HDF5Handle, space: borrowing HDF5Handle,
    read: (UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    guard count > 0 else { return [] }
    switch type {
    case .variableString: return try variableStrings(memoryType, space, read)
    case .fixedString(let byteCount): return try fixedStrings(byteCount, memoryType, read)
    default: throw .wrongType(location, expected: "text", found: "\(type)")
    }
  }

  private func variableStrings(
    _ memoryType: borrowing HDF5Handle, _ space: borrowing HDF5Handle,
    _ read: (UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    let typeID = memoryType.id
    let spaceID = space.id
    let status = pointers.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { base in HDF5Library.quietly { read(base) } } ?? -1
    }
    if status < 0 { try HDF5Library.attempt("reading text", at: location) { status } }
    defer {
      pointers.withUnsafeMutableBytes { bytes in
        _ = HDF5Library.quietly { H5Dvlen_reclaim(typeID, spaceID, 0, bytes.baseAddress) }
      }
    }
    var result: [String] = []
    result.reserveCapacity(count)
    for pointer in pointers {
      guard let pointer else {
        result.append("")
        continue
      }
      guard let text = String(validatingCString: pointer) else { throw .notText(location) }
      result.append(text)
    }
    return result
  }

  private func fixedStrings(
    _ byteCount: Int, _ memoryType: borrowing HDF5Handle,
    _ read: (UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    var bytes = [UInt8](repeating: 0, count: count * byteCount)
    let typeID = memoryType.id
    let isSpacePadded = HDF5Library.quietly { H5Tget_strpad(typeID) } == H5T_STR_SPACEPAD
    let status = bytes.withUnsafeMutableBytes { buffer in
      buffer.baseAddress.map { base in HDF5Library.quietly { read(base) } } ?? -1
    }
    try HDF5Library.attempt("reading text", at: location) { status }
    var result: [String] = []
    result.reserveCapacity(count)
    for start in stride(from: 0, to: bytes.count, by: byteCount) {
      var slice = bytes[start..<start + byteCount].prefix { $0 != 0 }
      if isSpacePadded {
        slice = slice.prefix((slice.lastIndex { $0 != 0x20 } ?? start - 1) - start + 1)
      }
      guard let text = String(validating: slice, as: UTF8.self) else { throw .notText(location) }
      result.append(text)
    }
    return result
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
