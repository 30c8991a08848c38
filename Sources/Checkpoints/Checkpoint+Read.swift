internal import Files
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
  ///   - inputShape: `[height, width, channels]` of the network's input, in place of what the file
  ///     says or leaves open.
  ///   - imageShape: the shape of the images that are to go in. It is taken for what a Keras model
  ///     leaves open, and a state dictionary's network is built for its size if its parameters
  ///     allow; else, and unless given, for the published size. The channels are always the
  ///     parameters'.
  ///   - adaptsSize: whether a network whose size is fixed is to take those images all the same.
  ///   - configuration: the JSON of a Keras model whose file holds weights only.
  /// - Throws: ``CheckpointError``.
  public static func read(
    _ path: String, architecture: String? = nil, classes: Int? = nil, inputShape: Shape? = nil,
    imageShape: Shape? = nil, adaptsSize: Bool = false, configuration: String? = nil
  ) throws(CheckpointError) -> Checkpoint {
    let adapted = adaptsSize ? imageShape : nil
    var checkpoint = try content(
      of: path, architecture: architecture, classes: classes, inputShape: inputShape,
      imageShape: imageShape, adapted: adapted, configuration: configuration)
    try checkpoint.checkParameters(file: path)
    if let shape = adapted ?? inputShape { try checkpoint.take(shape, file: path) }
    return checkpoint
  }

  /// Way of sizing images for a checkpoint's input, read without its parameters.
  ///
  /// - Returns: nil if the file does not say.
  /// - Throws: ``CheckpointError`` if it is no checkpoint or damaged.
  public static func imageSizing(of path: String) throws(CheckpointError) -> ImageSizing? {
    if try checkContent(of: path) == .kerasArchive { return .keras }
    let file = try storing { () throws(HDF5Error) in try HDF5File(reading: path) }
    switch try CheckpointLayout(of: file) {
    case .native: return try NativeReader(file).readImageSizing()
    case .keras: return .keras
    case .stateDict: return nil
    }
  }

  /// Makes the network one for images of a shape.
  private mutating func take(_ shape: Shape, file: String) throws(CheckpointError) {
    guard network.inputs.count == 1, network.inputs[0].shape != shape else { return }
    do { network = try network.taking(shape) } catch { throw .network(file: file, error) }
  }

  private static func content(
    of path: String, architecture: String?, classes: Int?, inputShape: Shape?, imageShape: Shape?,
    adapted: Shape?, configuration: String?
  ) throws(CheckpointError) -> Checkpoint {
    let kerasInput = KerasInput(shape: adapted ?? inputShape, openShape: imageShape)
    if try checkContent(of: path) == .kerasArchive {
      return try KerasArchive(ZipArchive(path))
        .read(configuration: configuration, input: kerasInput)
    }
    let file = try storing { () throws(HDF5Error) in try HDF5File(reading: path) }
    switch try CheckpointLayout(of: file) {
    case .native: return try NativeReader(file).read()
    case .keras(let naming):
      return try KerasReader(file, naming: naming)
        .read(configuration: configuration, input: kerasInput)
    case .stateDict:
      return try StateDictReader(file)
        .read(
          architecture: architecture, classes: classes, inputShape: inputShape,
          imageShape: imageShape)
    }
  }

  /// Refuses parameters that hold a NaN or an infinity, of which a network makes no answer.
  private func checkParameters(file: String) throws(CheckpointError) {
    let odd = network.parameterPaths.compactMap { path -> CheckpointError.OddParameter? in
      guard let tensor = network.parameters[path], !tensor.isFinite else { return nil }
      return CheckpointError.OddParameter(
        name: path, count: tensor.scalars.count { !$0.isFinite }, of: tensor.count)
    }
    guard odd.isEmpty else { throw .notFinite(file: file, odd) }
  }

  /// Tells what a file is, and refuses one of another program with what makes a checkpoint of it.
  private static func checkContent(of path: String) throws(CheckpointError) -> FileContent {
    let content = FileContent(of: path)
    switch content {
    // What keeps such a file from being read is the system's to say.
    case .hdf5, .kerasArchive, .missing, .unreadable, .empty, .device,
      .folder(isSavedModel: false):
      return content
    default:
      throw .foreign(
        file: path,
        message: ForeignFile.message(
          path, content, expected: "a checkpoint in HDF5 or a .keras file"))
    }
  }
}

extension Checkpoint {
  /// The most rows or columns of images that a network may be built for.
  private static let mostPixels = 1024
  /// The most channels.
  private static let mostChannels = 4096

  /// What an input shape has to be, as in "expected …".
  package static let inputShapeWords =
    "height and width of 1 to \(mostPixels) and 1 to \(mostChannels) channels"

  /// Whether extents are those of images that a network can be built for.
  package static func isInputShape(_ extents: [Int]) -> Bool {
    extents.count == 3 && extents.prefix(2).allSatisfy { (1...mostPixels).contains($0) }
      && (1...mostChannels).contains(extents[2])
  }
}
