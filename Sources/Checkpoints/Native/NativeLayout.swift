internal import Files
internal import Foundation
internal import Networks
internal import Tensors

/// The names in a file of the project's own layout.
///
/// ```
/// /             attributes cleave_checkpoint (the version), contents_crc32c
/// /network      the graph as JSON
/// /metadata     input transform, class names and provenance as JSON
/// /parameters/… one float32 dataset for each parameter path, in the engine's layout;
///               attribute role
/// /tensors/…    further float32 datasets
/// /documents/…  further texts
/// /files/…      further bytes, uint8; from version 2 on
/// ```
///
/// Every dataset has an attribute `crc32c` over its name, shape and content; `contents_crc32c` is
/// over all names and checks, so that nothing can be lost, renamed or changed unnoticed.
enum NativeLayout {
  /// The latest version this toolkit reads.
  static let version = 2

  /// The version of a file, which is the first that has all it needs.
  static func version(hasFiles: Bool) -> Int { hasFiles ? 2 : 1 }

  static let versionAttribute = "cleave_checkpoint"
  static let contentsAttribute = "contents_crc32c"
  static let checkAttribute = "crc32c"
  static let roleAttribute = "role"
  static let network = "network"
  static let metadata = "metadata"
  static let parameters = "parameters"
  static let tensors = "tensors"
  static let documents = "documents"
  static let files = "files"

  /// What stands in ``metadata``.
  struct Metadata: Codable {
    var inputTransform: InputTransform?
    var imageSizing: ImageSizing?
    var classNames: [String]?
    var provenance: Provenance?

    private enum CodingKeys: String, CodingKey {
      case inputTransform = "input_transform"
      case imageSizing = "image_sizing"
      case classNames = "class_names"
      case provenance
    }
  }

  static var metadataEncoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }

  static var metadataDecoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }

  /// The word for a role.
  static func word(_ role: ParameterSpecification.Role) -> String {
    switch role {
    case .weight: "weight"
    case .offset: "offset"
    case .statistic: "statistic"
    }
  }

  /// A name as one component of an HDF5 path: what would be understood as part of a path, or end
  /// it, is written as `%` and two digits.
  static func escaped(_ name: String) -> String {
    if name == "." { return "%2E" }
    var bytes: [UInt8] = []
    for byte in name.utf8 {
      if byte < 0x20 || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "%") {
        let digits = Array("0123456789ABCDEF".utf8)
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The name an escaped one stands for; `nil` if it stands for none.
  static func unescaped(_ name: String) -> String? { name.removingPercentEncoding }

  /// The check of a tensor under a path.
  static func check(_ path: String, _ tensor: Tensor<Float>) -> UInt32 {
    var check = CRC32C()
    check.update(path)
    check.update(tensor.shape.rank)
    for extent in tensor.shape.dimensions { check.update(extent) }
    tensor.withUnsafeBufferPointer { check.update(UnsafeRawBufferPointer($0)) }
    return check.value
  }

  /// The check of a text under a path.
  static func check(_ path: String, _ text: String) -> UInt32 {
    var check = CRC32C()
    check.update(path)
    check.update(text)
    return check.value
  }

  /// The check of bytes under a path.
  static func check(_ path: String, _ bytes: [UInt8]) -> UInt32 {
    var check = CRC32C()
    check.update(path)
    check.update(bytes.count)
    bytes.withUnsafeBytes { check.update($0) }
    return check.value
  }

  /// The check of all names and checks of a file.
  static func contentsCheck(_ checks: [String: UInt32]) -> UInt32 {
    var check = CRC32C()
    for (path, value) in checks.sorted(by: { $0.key < $1.key }) {
      check.update(path)
      check.update(value)
    }
    return check.value
  }
}
