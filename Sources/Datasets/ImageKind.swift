internal import Foundation

/// The kinds of image files that are read, told by their first bytes.
enum ImageKind: String, CaseIterable {
  case jpeg = "JPEG"
  case png = "PNG"
  case webp = "WebP"
  case gif = "GIF"
  case bmp = "BMP"
  case tiff = "TIFF"
  case netpbm = "PNM"
  case avif = "AVIF"
  case heif = "HEIC"

  /// Number of bytes of a file that tell its kind.
  static let headLength = 64

  /// The endings of the names of image files, in lower case.
  static let endings: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "dib", "tif", "tiff", "ppm", "pgm",
    "pbm", "pnm", "avif", "heic", "heif",
  ]

  /// The kinds in words.
  static let list = allCases.dropLast().map(\.rawValue).joined(separator: ", ") + " or HEIC"

  /// The kind of a file that begins with some bytes; nil: none that is read.
  init?(_ head: [UInt8]) {
    func begins(_ bytes: UInt8...) -> Bool { head.starts(with: bytes) }
    if begins(0xff, 0xd8, 0xff) {
      self = .jpeg
    } else if begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) {
      self = .png
    } else if head.has("RIFF", at: 0), head.has("WEBP", at: 8) {
      self = .webp
    } else if head.has("GIF87a", at: 0) || head.has("GIF89a", at: 0) {
      self = .gif
    } else if BMPHeader.begins(head) {
      self = .bmp
    } else if begins(0x49, 0x49, 42, 0) || begins(0x4d, 0x4d, 0, 42) || begins(0x49, 0x49, 43, 0)
      || begins(0x4d, 0x4d, 0, 43)
    {
      self = .tiff
    } else if NetpbmImage.begins(head) {
      self = .netpbm
    } else if let kind = ImageKind.container(head) {
      self = kind
    } else {
      return nil
    }
  }

  /// The kind of an ISO base media file, by its major and its compatible brands.
  private static func container(_ head: [UInt8]) -> ImageKind? {
    guard head.has("ftyp", at: 4), let size = head.number(at: 0, bytes: 4, .big) else { return nil }
    let brands = stride(from: 8, to: Swift.min(size, head.count) - 3, by: 4)
      .filter { $0 != 12 }.map { String(decoding: head[$0..<$0 + 4], as: UTF8.self) }
    if brands.contains(where: { ["avif", "avis"].contains($0) }) { return .avif }
    let known: Set = ["heic", "heix", "hevc", "heim", "heis", "hevm", "hevs", "mif1", "msf1"]
    return brands.contains(where: known.contains) ? .heif : nil
  }

  /// Indicates whether a file's name ends as that of an image does.
  static func isNamed(_ file: String) -> Bool {
    endings.contains((file as NSString).pathExtension.lowercased())
  }

  /// Description of a file that is of none of the kinds.
  static func describe(_ bytes: [UInt8]) -> String {
    func begins(_ head: UInt8...) -> Bool { bytes.starts(with: head) }
    if bytes.isEmpty { return "an empty file" }
    if begins(0, 0, 0, 12, 0x6a, 0x50) { return "JPEG 2000" }
    if begins(0xff, 0x0a) || begins(0, 0, 0, 12, 0x4a, 0x58) { return "JPEG XL" }
    if bytes.has("8BPS", at: 0) { return "a document of Photoshop" }
    if bytes.has("%PDF", at: 0) { return "PDF" }
    if bytes.has("PK", at: 0) { return "a zip archive" }
    if begins(0x1f, 0x8b) { return "a gzip file" }
    if bytes.has("DICM", at: 128) { return "DICOM" }
    let head = bytes.prefix(headLength)
    if head.allSatisfy({ $0 == 0 }) { return "zeros" }
    guard head.allSatisfy({ $0 >= 0x20 && $0 < 0x7f || (9...13).contains($0) }) else {
      return "another format, or damage at its beginning"
    }
    let text = String(decoding: head, as: UTF8.self)
    let line = text.split(whereSeparator: \.isNewline).first ?? ""
    return "text beginning '\(line.prefix(40))'"
  }
}
