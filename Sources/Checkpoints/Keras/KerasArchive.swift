internal import Files
internal import HDF5
internal import Tensors

/// A `.keras` file: a zip archive of the model's JSON, the version that wrote it, and its weights.
struct KerasArchive: ~Copyable {
  private let archive: ZipArchive

  /// What is in the archive.
  private enum Part {
    static let configuration = "config.json"
    static let metadata = "metadata.json"
    static let weights = "model.weights.h5"
  }

  /// The most bytes of a text.
  private static let largestText = 1 << 26
  /// The most bytes of the weights, and how many from which they may not be packed too well to be
  /// any network's.
  private static let (largestWeights, suspiciousWeights) = (0xffff_fffe, 1 << 26)
  /// How well weights may be packed.
  private static let largestRatio = 200

  /// Takes an archive, or nothing if it is no Keras model's.
  init?(_ archive: consuming ZipArchive) {
    guard archive.entries[Part.configuration] != nil, archive.entries[Part.weights] != nil else {
      return nil
    }
    self.archive = archive
  }

  /// Reads the model.
  ///
  /// - Parameters:
  ///   - configuration: the path of the model's JSON, instead of the one in the archive.
  ///   - inputShape: the shape of the model's first input, instead of the one in the JSON.
  consuming func read(
    configuration: String?, inputShape: Shape?
  ) throws(CheckpointError) -> Checkpoint {
    guard let entry = archive.entries[Part.weights] else {
      throw .damaged(file: archive.path, object: Part.weights, reason: "missing")
    }
    let name = "\(archive.path):\(Part.weights)"
    let limit =
      entry.count > KerasArchive.suspiciousWeights
      ? min(KerasArchive.largestWeights, entry.packedCount * KerasArchive.largestRatio)
      : KerasArchive.largestWeights
    let file = try UnpackedFile(entry, of: archive, limit: limit).open(shownAs: name)
    guard case .keras(let naming) = try CheckpointLayout(of: file) else {
      throw .description(file: name, object: "", reason: "expected Keras weights")
    }
    let metadata = try text(Part.metadata).map { (text) throws(CheckpointError) in
      try parse(text, Part.metadata)
    }
    let description = KerasDescription(
      text: try text(Part.configuration) ?? "", source: archive.path, object: Part.configuration,
      version: metadata?["keras_version"]?.string)
    return try KerasReader(file, naming: naming)
      .read(
        configuration: configuration, description: description, inputShape: inputShape)
  }

  private func text(_ name: String) throws(CheckpointError) -> String? {
    guard let entry = archive.entries[name] else { return nil }
    let bytes = try archive.bytes(of: entry, limit: KerasArchive.largestText)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .description(file: archive.path, object: name, reason: "not UTF-8 text")
    }
    return text
  }

  private func parse(_ text: String, _ name: String) throws(CheckpointError) -> JSONValue {
    do { return try JSONParser.parse(text) } catch {
      throw .description(file: archive.path, object: name, reason: DecodingFlaw.words(error))
    }
  }
}
