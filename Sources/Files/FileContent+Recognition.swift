internal import Foundation

extension FileContent {
  /// How many bytes of a file are looked at.
  private static let headSize = 4096
  /// How many first bytes are shown of what is not known.
  private static let shownBytes = 8

  /// Looks at a file, at little more than its first bytes.
  package init(of path: String) {
    // Without waiting for the other end of a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      self = errno == ENOENT ? .missing : .unreadable(SystemReason.last)
      return
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      self = .unreadable(SystemReason.last)
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self.init(ReadableFile(descriptor: descriptor, byteCount: Int(status.st_size)))
    case S_IFDIR:
      let isSaved = ["saved_model.pb", "saved_model.pbtxt"].contains {
        FileManager.default.fileExists(atPath: "\(path)/\($0)")
      }
      self = .folder(isSavedModel: isSaved)
    default: self = .device
    }
  }

  private init(_ file: ReadableFile) {
    let head = file.bytes(at: 0, count: FileContent.headSize)
    guard !head.isEmpty else {
      self = file.byteCount > 0 ? .unreadable("no byte of it can be read") : .empty
      return
    }
    if FileContent.isHDF5(file) {
      self = .hdf5
    } else if head.starts(with: ZipNames.signature) {
      self = FileContent.archive(ZipNames.all(in: file))
    } else {
      self =
        FileContent.text(head) ?? FileContent.model(head, file.byteCount)
        ?? FileContent.marked(head) ?? .unknown(Array(head.prefix(FileContent.shownBytes)))
    }
  }

  /// Other content may come first; then the signature is at 512 bytes or a later power of two.
  private static func isHDF5(_ file: ReadableFile) -> Bool {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    var offset = 0
    while offset <= file.byteCount - signature.count {
      if file.bytes(at: offset, count: signature.count) == signature { return true }
      offset = max(512, offset * 2)
    }
    // The beginning of a file that was cut off.
    let head = file.bytes(at: 0, count: signature.count)
    return head.count >= 4 && signature.starts(with: head)
  }

  /// The kind of a zip archive by the names in it.
  private static func archive(_ names: [String]) -> FileContent {
    func has(_ ending: String) -> Bool {
      names.contains { $0 == ending || $0.hasSuffix("/" + ending) }
    }
    if names.contains("model.weights.h5") || names.contains("metadata.json") && has("config.json") {
      return .kerasArchive
    }
    // Scripts hold their code beside the tensors.
    if has("constants.pkl") { return .torchScript }
    if has("data.pkl") { return .torch(isArchive: true) }
    return !names.isEmpty && names.allSatisfy { $0.hasSuffix(".npy") } ? .numpyArchive : .zip
  }

  /// A model or tensors of another program.
  private static func model(_ head: [UInt8], _ byteCount: Int) -> FileContent? {
    if head.count >= 8, Array(head[4..<8]) == Array("TFL3".utf8) { return .tensorFlowLite }
    if head.starts(with: "GGUF".utf8) { return .gguf }
    if head.starts(with: [0x93] + Array("NUMPY".utf8)) { return .numpyArray }
    if head.count >= 2, head[0] == 0x80, (2...5).contains(head[1]) {
      // Versions of PyTorch before 1.6 begin with a number of ten bytes of their own.
      let mark: [UInt8] = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
      return head.dropFirst(2).starts(with: mark) ? .torch(isArchive: false) : .pickle
    }
    if head.count > 8, head[8] == UInt8(ascii: "{") {
      let length = head[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if length >= 2, length <= UInt64(max(0, byteCount - 8)) { return .safetensors }
    }
    return protocolBuffer(head)
  }

  /// A model whose messages begin with a version, or with the first node of a graph.
  private static func protocolBuffer(_ head: [UInt8]) -> FileContent? {
    guard head.count >= 4 else { return nil }
    if head[0] == 0x08 {
      // Field 1 is the version, field 2 the name of a producer (ONNX) or a graph (SavedModel).
      if head[1] == 1, head[2] == 0x12 { return .tensorFlowGraph }
      let next: Set<UInt8> = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72]
      return (3...64).contains(head[1]) && next.contains(head[2]) ? .onnx : nil
    }
    // A node, and the name in it.
    guard head[0] == 0x0a, let name = head.dropFirst().firstIndex(of: 0x0a), name <= 3,
      name + 1 < head.count
    else { return nil }
    let length = Int(head[name + 1])
    let text = head.dropFirst(name + 2).prefix(length)
    return length > 0 && text.count == length && text.allSatisfy { (0x21...0x7e).contains($0) }
      ? .tensorFlowGraph : nil
  }

  /// A compressed file, a picture, or what this toolkit wrote.
  private static func marked(_ head: [UInt8]) -> FileContent? {
    let marks: [(mark: [UInt8], content: FileContent)] = [
      ([0x1f, 0x8b], .compressed("gzip")), (Array("BZh".utf8), .compressed("bzip2")),
      ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], .compressed("xz")),
      ([0x28, 0xb5, 0x2f, 0xfd], .compressed("Zstandard")),
      ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], .compressed("7z")),
      ([0x89, 0x50, 0x4e, 0x47], .image("PNG")), ([0xff, 0xd8, 0xff], .image("JPEG")),
      (Array("GIF8".utf8), .image("GIF")), (Array("BM".utf8), .image("BMP")),
      ([0x49, 0x49, 0x2a, 0], .image("TIFF")), ([0x4d, 0x4d, 0, 0x2a], .image("TIFF")),
      (Array("CLVL".utf8), .own("a latent that was coded")),
      (Array("CLVT".utf8), .own("the tables of a codec")),
      (Array("CLVF".utf8), .own("the tables of a codec")),
      (Array("CLVH".utf8), .own("the tables of a codec")),
      ([0, 0, 8, 1], .own("an IDX file of labels")), ([0, 0, 8, 3], .own("an IDX file of images")),
      ([0, 0, 8, 4], .own("an IDX file of images")),
    ]
    if let found = marks.first(where: { head.starts(with: $0.mark) }) { return found.content }
    if head.count >= 12, head.starts(with: "RIFF".utf8),
      Array(head[8..<12]) == Array("WEBP".utf8)
    {
      return .image("WebP")
    }
    if head.count >= 12, Array(head[4..<8]) == Array("ftyp".utf8) {
      let brand = String(decoding: head[8..<12], as: UTF8.self)
      let names = ["avif": "AVIF", "heic": "HEIC", "heix": "HEIC", "mif1": "HEIC"]
      if let name = names[brand] { return .image(name) }
    }
    if head.count >= 262, Array(head[257..<262]) == Array("ustar".utf8) {
      return .compressed("tar")
    }
    return nil
  }

  /// Text by its first bytes.
  private static func text(_ head: [UInt8]) -> FileContent? {
    if head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) { return .wideText }
    let content = head.starts(with: [0xef, 0xbb, 0xbf]) ? head.dropFirst(3) : head[...]
    if isWide(content) { return .wideText }
    // A character may be cut off where the head ends.
    let text = (0...3).lazy.filter { $0 <= content.count }
      .compactMap { String(validating: content.dropLast($0), as: UTF8.self) }.first
    guard let text, !text.unicodeScalars.contains(where: isControl) else { return nil }
    let start = text.drop(while: \.isWhitespace)
    let lowercase = start.prefix(16).lowercased()
    if lowercase.hasPrefix("<!doctype") || lowercase.hasPrefix("<html") { return .webPage }
    if start.hasPrefix("version https://git-lfs") { return .gitPointer }
    if let opening = start.first, opening == "{" || opening == "[" {
      // Keys of JSON are in quotes, which a mapping of YAML in braces rarely has.
      let next = start.dropFirst().drop(while: \.isWhitespace).first
      if let next, next == "\"" || next == "{" || next == "[" || next == "}" || next == "]" {
        return start.contains("\"class_name\"") ? .kerasDescription : .json
      }
    }
    return .text(String(start.prefix { !$0.isNewline }.prefix(40)))
  }

  /// Letters with a zero before or after each.
  private static func isWide(_ content: ArraySlice<UInt8>) -> Bool {
    let pairs = stride(from: content.startIndex, to: content.endIndex - 1, by: 2)
      .map { (content[$0], content[$0 + 1]) }
    guard pairs.count >= 2 else { return false }
    func isLetter(_ byte: UInt8) -> Bool { (0x20...0x7e).contains(byte) || (9...13).contains(byte) }
    return pairs.allSatisfy { isLetter($0.0) && $0.1 == 0 }
      || pairs.allSatisfy { $0.0 == 0 && isLetter($0.1) }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 && !(9...13).contains(scalar.value) && scalar.value != 0x1b
      || scalar.value == 0x7f
  }
}

/// An open file, of which some bytes are read.
struct ReadableFile {
  let descriptor: Int32
  let byteCount: Int

  /// The bytes at an offset, fewer where the file ends.
  func bytes(at offset: Int, count: Int) -> [UInt8] {
    guard offset >= 0, count > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: count)
    let found = pread(descriptor, &buffer, count, off_t(offset))
    return Array(buffer.prefix(max(0, found)))
  }
}
