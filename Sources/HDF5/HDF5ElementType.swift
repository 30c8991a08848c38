internal import CHDF5

/// The type of the elements of a dataset or attribute as the file holds them.
///
/// Byte order is not part of it: the library converts.
public enum HDF5ElementType: Hashable, Sendable {
  /// IEEE 754 floating point.
  case float16, float32, float64
  /// Signed integers.
  case int8, int16, int32, int64
  /// Unsigned integers.
  case uint8, uint16, uint32, uint64
  /// Text of a fixed number of bytes, padded.
  case fixedString(byteCount: Int)
  /// Text of any length.
  case variableString
  /// Anything else, described in words.
  case other(String)

  /// Whether the elements are numbers.
  public var isNumeric: Bool { isFloatingPoint || isInteger }

  /// Whether the elements are floating-point numbers.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .float32, .float64: true
    default: false
    }
  }

  /// Whether the elements are integers.
  public var isInteger: Bool {
    switch self {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: true
    default: false
    }
  }

  /// Whether the elements are text.
  public var isString: Bool {
    switch self {
    case .fixedString, .variableString: true
    default: false
    }
  }

  /// The type an identifier of the library stands for.
  static func classify(_ type: Int64) -> HDF5ElementType {
    let size = H5Tget_size(type)
    switch H5Tget_class(type) {
    case H5T_INTEGER: return integer(type, size)
    case H5T_FLOAT: return float(type, size)
    case H5T_STRING:
      return H5Tis_variable_str(type) > 0 ? .variableString : .fixedString(byteCount: size)
    case H5T_COMPOUND: return .other("compound")
    case H5T_ENUM: return .other("enumeration")
    case H5T_OPAQUE: return .other("opaque")
    case H5T_BITFIELD: return .other("bit field")
    case H5T_REFERENCE: return .other("reference")
    case H5T_VLEN: return .other("variable-length sequence")
    case H5T_ARRAY: return .other("array")
    case H5T_TIME: return .other("time")
    default: return .other("unknown type")
    }
  }

  private static func integer(_ type: Int64, _ size: Int) -> HDF5ElementType {
    let isSigned = H5Tget_sign(type) == H5T_SGN_2
    guard H5Tget_precision(type) == size * 8, H5Tget_offset(type) == 0 else {
      return .other("integer of unusual layout")
    }
    switch size {
    case 1: return isSigned ? .int8 : .uint8
    case 2: return isSigned ? .int16 : .uint16
    case 4: return isSigned ? .int32 : .uint32
    case 8: return isSigned ? .int64 : .uint64
    default: return .other("\(size)-byte integer")
    }
  }

  private static func float(_ type: Int64, _ size: Int) -> HDF5ElementType {
    var sign = 0
    var exponent = 0
    var exponentBits = 0
    var mantissa = 0
    var mantissaBits = 0
    guard
      H5Tget_fields(type, &sign, &exponent, &exponentBits, &mantissa, &mantissaBits) >= 0
    else { return .other("\(size)-byte float") }
    let layout = [sign, exponent, exponentBits, mantissa, mantissaBits]
    let bias = H5Tget_ebias(type)
    switch (size, layout, bias) {
    case (2, [15, 10, 5, 0, 10], 15): return .float16
    case (4, [31, 23, 8, 0, 23], 127): return .float32
    case (8, [63, 52, 11, 0, 52], 1023): return .float64
    case (2, [15, 7, 8, 0, 7], 127): return .other("bfloat16")
    default: return .other("\(size)-byte float of unusual layout")
    }
  }

  /// The library's type for numbers in this machine's memory; `nil` if there is none.
  var nativeType: Int64? {
    switch self {
    case .float32: cleave_hdf5_native_float32()
    case .float64: cleave_hdf5_native_float64()
    case .int8: cleave_hdf5_native_int8()
    case .int16: cleave_hdf5_native_int16()
    case .int32: cleave_hdf5_native_int32()
    case .int64: cleave_hdf5_native_int64()
    case .uint8: cleave_hdf5_native_uint8()
    case .uint16: cleave_hdf5_native_uint16()
    case .uint32: cleave_hdf5_native_uint32()
    case .uint64: cleave_hdf5_native_uint64()
    case .float16, .fixedString, .variableString, .other: nil
    }
  }

  /// The library's type for numbers in a file, little-endian; `nil` if there is none.
  var storedType: Int64? {
    switch self {
    case .float32: cleave_hdf5_stored_float32()
    case .float64: cleave_hdf5_stored_float64()
    case .int8: cleave_hdf5_stored_int8()
    case .int16: cleave_hdf5_stored_int16()
    case .int32: cleave_hdf5_stored_int32()
    case .int64: cleave_hdf5_stored_int64()
    case .uint8: cleave_hdf5_stored_uint8()
    case .uint16: cleave_hdf5_stored_uint16()
    case .uint32: cleave_hdf5_stored_uint32()
    case .uint64: cleave_hdf5_stored_uint64()
    case .float16, .fixedString, .variableString, .other: nil
    }
  }
}

extension HDF5ElementType: CustomStringConvertible {
  /// The type in the words of error messages, such as `float32` or `string of 12 bytes`.
  public var description: String {
    switch self {
    case .float16: "float16"
    case .float32: "float32"
    case .float64: "float64"
    case .int8: "int8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .uint8: "uint8"
    case .uint16: "uint16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .fixedString(let byteCount): "string of \(byteCount) bytes"
    case .variableString: "string"
    case .other(let words): words
    }
  }
}
