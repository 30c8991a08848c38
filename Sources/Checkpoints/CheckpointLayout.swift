internal import HDF5

/// How a file lays out a network and its parameters.
enum CheckpointLayout {
  /// The project's own, see ``NativeLayout``.
  case native
  /// A Keras model, or only its weights, see ``KerasReader``.
  case keras(KerasWeights.Naming)
  /// PyTorch's names, see ``StateDictReader``.
  case stateDict

  /// Recognises the layout of a file by what is in it.
  ///
  /// - Throws: ``CheckpointError/unknownLayout(file:found:)``, or
  ///   ``CheckpointError/storage(_:)`` if the file cannot be read.
  init(of file: borrowing HDF5File) throws(CheckpointError) {
    let attributes = try storing { () throws(HDF5Error) in Set(try file.attributeNames()) }
    let paths = try storing { () throws(HDF5Error) in try file.datasetPaths() }
    if attributes.contains(NativeLayout.versionAttribute) {
      self = .native
    } else if try storing({ () throws(HDF5Error) in try file.contains("model_weights") }) {
      self = .keras(.listed(root: "model_weights/"))
    } else if attributes.contains("layer_names") || attributes.contains("layer_names0") {
      self = .keras(.listed(root: ""))
    } else if KerasWeights.isNumbered(paths) {
      self = .keras(.numbered)
    } else if StateDictReader.recognises(paths) {
      self = .stateDict
    } else {
      let links = try storing { () throws(HDF5Error) in try file.links() }
      throw .unknownLayout(
        file: file.path, found: links.map(\.name) + attributes.sorted().map { "@" + $0 })
    }
  }
}
