package import Files

/// The words for a file that is no checkpoint, with what makes one of it.
package enum ForeignFile {
  /// The message for a file that is something else than what was expected.
  ///
  /// - Parameter expected: what the file was to be, as in "expected …".
  package static func message(
    _ path: String, _ content: FileContent, expected: String
  ) -> String {
    "\(path) is \(content), expected \(expected)" + (remedy(path, content).map { "; \($0)" } ?? "")
  }

  /// What to do with a file of another program; nil where there is nothing to advise.
  package static func remedy(_ path: String, _ content: FileContent) -> String? {
    let name = shown(path)
    switch content {
    case .torch:
      return "store its state dictionary as HDF5 and name the architecture: "
        + converter("torch", "torch.load('\(name)', weights_only=True)", value: "t.numpy()", path)
    case .safetensors:
      return "store its tensors as HDF5 and name the architecture: "
        + converter("safetensors.numpy", "safetensors.numpy.load_file('\(name)')", path)
    case .numpyArchive:
      return "if it holds a state dictionary, store it as HDF5 and name the architecture: "
        + converter("numpy", "numpy.load('\(name)')", path)
    case .torchScript:
      return "give the state dictionary of the model it was made of, stored as HDF5"
    case .kerasArchive, .folder(isSavedModel: true):
      return "save the model as HDF5: python3 -c \"import keras; "
        + "keras.models.load_model('\(name)').save('\(hdf5Name(path))')\""
    case .onnx, .tensorFlowLite, .tensorFlowGraph, .gguf:
      return "give the Keras model it was made of, saved as HDF5, or a PyTorch state dictionary "
        + "stored as HDF5"
    case .kerasDescription:
      return "give the file of its weights, and this one as --configuration"
    default: return nil
    }
  }

  /// The line that writes parameters into an HDF5 file as a state dictionary is read from one.
  private static func converter(
    _ module: String, _ parameters: String, value: String = "t", _ path: String
  ) -> String {
    "python3 -c \"import h5py, \(module); f = h5py.File('\(hdf5Name(path))', 'w'); "
      + "[f.create_dataset('/'.join(n.split('.')), data=\(value)) "
      + "for n, t in \(parameters).items()]\""
  }

  /// The path as it can stand in quotes; a placeholder for one that cannot.
  private static func shown(_ path: String) -> String {
    path.contains(where: { "'\"\\$`\n".contains($0) }) ? "FILE" : path
  }

  /// The name of an HDF5 file beside the working directory.
  private static func hdf5Name(_ path: String) -> String {
    let name = shown(path).split(separator: "/").last.map(String.init) ?? ""
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    return "\(stem.isEmpty ? "net" : stem).h5"
  }
}
