internal import HDF5
internal import Networks
public import Tensors

extension Checkpoint {
  /// Reads a checkpoint, recognising its layout by what the file holds.
  ///
  /// - The project's own layout, as ``write(to:)`` writes it.
  /// - Keras full models (`model.save("….h5")` and `model.save("….keras")` of Keras 2 and 3).
  /// - Keras weights of either version, with the model's JSON beside them: the file named by
  ///   `configuration`, or `config.json`, or the weights' name with `.json`, in the same directory.
  /// - PyTorch state dictionaries, the dots of their names as groups or as they are, with the name
  ///   of an architecture.
  ///
  /// - Parameters:
  ///   - path: the HDF5 or `.keras` file.
  ///   - architecture: a name of ``Networks/Architecture``; only a state dictionary needs it.
  ///   - classes: the length of a state dictionary's logits; that of its last linear layer unless
  ///     given.
  ///   - inputShape: `[height, width, channels]` of a state dictionary's network, the published
  ///     one unless given; or of the input a Keras model leaves open.
  ///   - configuration: the JSON of a Keras model whose file holds weights only.
  /// - Throws: ``CheckpointError``.
  public static func read(
    _ path: String, architecture: String? = nil, classes: Int? = nil, inputShape: Shape? = nil,
    configuration: String? = nil
  ) throws(CheckpointError) -> Checkpoint {
    if ZipArchive.isOne(path), let archive = KerasArchive(try ZipArchive(path)) {
      return try archive.read(configuration: configuration, inputShape: inputShape)
    }
    let file = try storing { () throws(HDF5Error) in try HDF5File(reading: path) }
    switch try CheckpointLayout(of: file) {
    case .native: return try NativeReader(file).read()
    case .keras(let naming):
      return try KerasReader(file, naming: naming)
        .read(configuration: configuration, inputShape: inputShape)
    case .stateDict:
      return try StateDictReader(file)
        .read(architecture: architecture, classes: classes, inputShape: inputShape)
    }
  }
}
