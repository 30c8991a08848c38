internal import HDF5
internal import Networks
internal import Tensors

extension Checkpoint {
  /// Writes the parameters as a PyTorch `state_dict`: one dataset for each, the dots of the names
  /// as groups, convolutions as `[out, in, height, width]`, linear layers as `[out, in]`.
  ///
  /// In Python, `{k.replace("/", "."): torch.from_numpy(v[()]) …}` over the file's datasets is
  /// what `load_state_dict` takes. Nothing but the parameters is written.
  ///
  /// - Throws: ``CheckpointError/storage(_:)`` if the file cannot be written, and
  ///   ``CheckpointError/unwritable(file:object:reason:)`` if the network has no counterpart in
  ///   PyTorch's order of axes.
  public func writeStateDict(to path: String) throws(CheckpointError) {
    let mapping = StateDictMapping(network)
    if let node = mapping.unsupported.first {
      throw .unwritable(
        file: path, object: "node \(node)",
        reason: "it mixes flattened images, whose order cannot be converted")
    }
    try storing { () throws(HDF5Error) in
      try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
        for name in network.parameterPaths {
          guard let tensor = network.parameters[name], let conversion = mapping.conversions[name]
          else { continue }
          let object = name.split(separator: ".").joined(separator: "/")
          try file.write(conversion.toFile(tensor), to: object)
        }
      }
    }
  }
}
