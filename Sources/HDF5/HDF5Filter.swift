internal import CHDF5

/// What the bytes of a chunk went through on their way into the file.
public enum HDF5Filter: Hashable, Sendable {
  /// Compression with zlib's deflate.
  case gzip
  /// Bytes of the elements grouped by significance.
  case shuffle
  /// A checksum, verified on reading.
  case checksum
  /// A filter this module does not undo, with its registered number and its name if it has one.
  case other(number: Int, name: String)

  /// Whether elements behind this filter can be read.
  public var isSupported: Bool {
    switch self {
    case .gzip, .shuffle, .checksum: true
    case .other: false
    }
  }

  /// The filters in a property list, in order.
  static func all(
    of list: borrowing HDF5Handle, at location: HDF5Location
  ) throws(HDF5Error) -> [HDF5Filter] {
    let id = list.id
    let count = try HDF5Library.attempt("reading the filters", at: location) {
      H5Pget_nfilters(id)
    }
    var filters: [HDF5Filter] = []
    for index in 0..<UInt32(count) {
      var flags: UInt32 = 0
      var parameterCount = 0
      var name = [CChar](repeating: 0, count: 128)
      let number = try HDF5Library.attempt("reading the filters", at: location) {
        H5Pget_filter2(id, index, &flags, &parameterCount, nil, 127, &name, nil)
      }
      switch Int32(number) {
      case cleave_hdf5_filter_deflate(): filters.append(.gzip)
      case cleave_hdf5_filter_shuffle(): filters.append(.shuffle)
      case cleave_hdf5_filter_fletcher32(): filters.append(.checksum)
      default:
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        filters.append(.other(number: Int(number), name: String(decoding: bytes, as: UTF8.self)))
      }
    }
    return filters
  }
}

extension HDF5Filter: CustomStringConvertible {
  /// The filter in the words of error messages, such as `lzf (number 32000)`.
  public var description: String {
    switch self {
    case .gzip: "gzip"
    case .shuffle: "shuffle"
    case .checksum: "checksum"
    case .other(let number, let name):
      name.isEmpty ? "number \(number)" : "\(name) (number \(number))"
    }
  }
}
