internal import CHDF5
internal import Suggestions

extension HDF5Object where Self: ~Copyable {
  /// The names of the attributes, sorted by their bytes.
  public func attributeNames() throws(HDF5Error) -> [String] {
    var names: [String] = []
    let id = identifier.raw
    try withUnsafeMutablePointer(to: &names) { (context) throws(HDF5Error) in
      _ = try HDF5Library.attempt("listing attributes", at: location) {
        H5Aiterate2(
          id, H5_INDEX_NAME, H5_ITER_NATIVE, nil,
          { _, name, _, context in
            guard let name, let text = String(validatingCString: name) else { return -1 }
            context?.assumingMemoryBound(to: [String].self).pointee.append(text)
            return 0
          }, context)
      }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Whether there is an attribute of a name.
  public func hasAttribute(_ name: String) throws(HDF5Error) -> Bool {
    let id = identifier.raw
    return try HDF5Library.attempt("looking for attribute '\(name)'", at: location) {
      H5Aexists(id, name)
    } > 0
  }

  /// The shape of an attribute, empty for a scalar.
  public func attributeShape(_ name: String) throws(HDF5Error) -> [Int] {
    try OpenAttribute(name, of: self).shape
  }

  /// The type of the elements of an attribute as the file holds them.
  public func attributeType(_ name: String) throws(HDF5Error) -> HDF5ElementType {
    try OpenAttribute(name, of: self).reader.type
  }

  /// Reads an attribute that holds one text, of fixed or variable length.
  public func string(attribute name: String) throws(HDF5Error) -> String {
    let attribute = try OpenAttribute(name, of: self)
    return try attribute.only(try attribute.strings(), expected: "one text")
  }

  /// Reads an attribute that holds a list of texts; one text is a list of one.
  public func strings(attribute name: String) throws(HDF5Error) -> [String] {
    try OpenAttribute(name, of: self).strings()
  }

  /// Reads a list of texts that may be split over numbered attributes.
  ///
  /// Keras splits a list above 64 KiB: `weight_names` becomes `weight_names0`, `weight_names1`, ….
  public func splitStrings(attribute name: String) throws(HDF5Error) -> [String] {
    if try hasAttribute(name) { return try strings(attribute: name) }
    guard try hasAttribute(name + "0") else { throw try missingAttribute(name) }
    var result: [String] = []
    var part = 0
    while try hasAttribute("\(name)\(part)") {
      result += try strings(attribute: "\(name)\(part)")
      part += 1
    }
    return result
  }

  /// Reads an attribute that holds one number.
  ///
  /// - Throws: also if the number does not fit an integer type, or is not a whole one.
  public func number<Scalar: HDF5Scalar>(
    attribute name: String, as type: Scalar.Type = Scalar.self
  ) throws(HDF5Error) -> Scalar {
    let attribute = try OpenAttribute(name, of: self)
    return try attribute.only(try attribute.numbers(as: type), expected: "one number")
  }

  /// Reads an attribute that holds numbers, in row-major order.
  ///
  /// - Throws: also if a number does not fit an integer type, or is not a whole one.
  public func numbers<Scalar: HDF5Scalar>(
    attribute name: String, as type: Scalar.Type = Scalar.self
  ) throws(HDF5Error) -> [Scalar] {
    try OpenAttribute(name, of: self).numbers(as: type)
  }

  /// The error of an attribute that is not there.
  fileprivate func missingAttribute(_ name: String) throws(HDF5Error) -> HDF5Error {
    .missingAttribute(
      location, name: name, nearest: NearestName.of(name, among: try attributeNames()))
  }
}

/// An attribute while it is read.
private struct OpenAttribute: ~Copyable {
  let handle: HDF5Handle
  let type: HDF5Handle
  let shape: [Int]
  let reader: ElementReader

  init(_ name: String, of object: borrowing some HDF5Object & ~Copyable) throws(HDF5Error) {
    guard try object.hasAttribute(name) else { throw try object.missingAttribute(name) }
    let place = HDF5Location(
      file: object.location.file, object: "\(object.location.object)@\(name)")
    let objectID = object.identifier.raw
    let handle = try HDF5Library.handle("opening", at: place) { H5Aopen(objectID, name, 0) }
    let id = handle.id
    let type = try HDF5Library.handle("reading the type", at: place) { H5Aget_type(id) }
    let space = try HDF5Library.handle("reading the shape", at: place) { H5Aget_space(id) }
    let typeID = type.id
    let extents = try Extents(of: space, at: place)
    // Attributes are stored as they are, so none is larger than its file.
    let size = HDF5Library.quietly { H5Tget_size(typeID) }
    let claimed = try extents.byteCount(ofSize: size, at: place)
    let stored = try object.fileByteCount()
    guard claimed <= stored else {
      throw .implausibleSize(place, claimedBytes: claimed, storedBytes: stored)
    }
    let elementType = HDF5Library.quietly { HDF5ElementType.classify(typeID) }
    self.handle = handle
    self.type = type
    shape = extents.shape
    reader = ElementReader(type: elementType, count: extents.count, location: place)
  }

  func strings() throws(HDF5Error) -> [String] {
    let id = handle.id
    return try reader.strings(of: id, type: type) { H5Aread(id, $0, $1) }
  }

  func numbers<Scalar: HDF5Scalar>(as _: Scalar.Type) throws(HDF5Error) -> [Scalar] {
    try reader.checkReadable(as: Scalar.self)
    // Attributes are read without the list that could stop a lossy conversion, so they are read
    // as the widest number of their kind and converted here.
    switch reader.type {
    case .float16, .float32, .float64:
      return try converted(try wide(Double.self)) { Scalar(fitting: $0) }
    case .uint8, .uint16, .uint32, .uint64:
      return try converted(try wide(UInt64.self)) { Scalar(fitting: $0) }
    default:
      return try converted(try wide(Int64.self)) { Scalar(fitting: $0) }
    }
  }

  private func wide<Wide: HDF5Scalar>(_: Wide.Type) throws(HDF5Error) -> [Wide] {
    guard reader.count > 0, let memoryType = Wide.elementType.nativeType else { return [] }
    let id = handle.id
    var values = [Wide](repeating: .zero, count: reader.count)
    try HDF5Library.attempt("reading", at: reader.location) {
      H5Aread(id, memoryType, &values)
    }
    return values
  }

  private func converted<Wide, Scalar: HDF5Scalar>(
    _ values: [Wide], _ convert: (Wide) -> Scalar?
  ) throws(HDF5Error) -> [Scalar] {
    var result: [Scalar] = []
    result.reserveCapacity(values.count)
    for value in values {
      guard let converted = convert(value) else {
        throw .valueOutOfRange(reader.location, type: "\(Scalar.elementType)")
      }
      result.append(converted)
    }
    return result
  }

  func only<Element>(_ elements: [Element], expected: String) throws(HDF5Error) -> Element {
    guard elements.count == 1, let element = elements.first else {
      throw .wrongShape(reader.location, expected: expected, found: shape)
    }
    return element
  }
}
