internal import Foundation
internal import HDF5
internal import Networks
internal import Tensors

extension Checkpoint {
  /// Writes the checkpoint in the project's own layout.
  ///
  /// The path holds either the whole of the file or what was there before, and equal checkpoints
  /// give equal bytes.
  ///
  /// - Throws: ``CheckpointError/storage(_:)`` if the file cannot be written, and
  ///   ``CheckpointError/unwritable(file:object:reason:)`` for an attachment without a name or a
  ///   document with a zero character.
  public func write(to path: String) throws(CheckpointError) {
    let texts = try texts(for: path)
    try storing { () throws(HDF5Error) in
      try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
        var writer = NativeWriter()
        try file.setAttribute(
          NativeLayout.versionAttribute, to: NativeLayout.version(hasFiles: !files.isEmpty))
        for (object, text) in texts.sorted(by: { $0.key < $1.key }) {
          try writer.write(text, to: object, in: file)
        }
        let specifications = network.specifications
        for (name, tensor) in network.parameters.sorted(by: { $0.key < $1.key }) {
          let object = "\(NativeLayout.parameters)/\(NativeLayout.escaped(name))"
          try writer.write(tensor, to: object, in: file)
          if let role = specifications[name]?.role {
            try file.dataset(object)
              .setAttribute(NativeLayout.roleAttribute, to: NativeLayout.word(role))
          }
        }
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
          try writer.write(
            tensor, to: "\(NativeLayout.tensors)/\(NativeLayout.escaped(name))", in: file)
        }
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
          try writer.write(
            bytes, to: "\(NativeLayout.files)/\(NativeLayout.escaped(name))", in: file)
        }
        try file.setAttribute(
          NativeLayout.contentsAttribute, to: NativeLayout.contentsCheck(writer.checks))
      }
    }
  }

  /// The texts of the file by the path of their dataset.
  private func texts(for path: String) throws(CheckpointError) -> [String: String] {
    var texts: [String: String] = [:]
    for (name, text) in documents {
      guard !name.isEmpty else {
        throw .unwritable(file: path, object: "a document", reason: "it has no name")
      }
      guard !text.utf8.contains(0) else {
        throw .unwritable(
          file: path, object: "document '\(name)'", reason: "it has a zero character")
      }
      texts["\(NativeLayout.documents)/\(NativeLayout.escaped(name))"] = text
    }
    guard !tensors.keys.contains("") else {
      throw .unwritable(file: path, object: "a tensor", reason: "it has no name")
    }
    guard !files.keys.contains("") else {
      throw .unwritable(file: path, object: "a file", reason: "it has no name")
    }
    let metadata = NativeLayout.Metadata(
      inputTransform: inputTransform, imageSizing: imageSizing, classNames: classNames,
      provenance: provenance)
    do {
      texts[NativeLayout.network] = String(
        decoding: try NetworkGraph.encoder.encode(network.graph), as: UTF8.self)
      texts[NativeLayout.metadata] = String(
        decoding: try NativeLayout.metadataEncoder.encode(metadata), as: UTF8.self)
    } catch {
      throw .unwritable(file: path, object: "the network", reason: "\(error)")
    }
    return texts
  }
}

/// Writes datasets with their checks and remembers those.
private struct NativeWriter {
  private(set) var checks: [String: UInt32] = [:]

  mutating func write(
    _ tensor: Tensor<Float>, to object: String, in file: borrowing HDF5File
  ) throws(HDF5Error) {
    try file.write(tensor, to: object)
    try set(NativeLayout.check(object, tensor), of: object, in: file)
  }

  mutating func write(
    _ text: String, to object: String, in file: borrowing HDF5File
  ) throws(HDF5Error) {
    try file.write(text: text, to: object)
    try set(NativeLayout.check(object, text), of: object, in: file)
  }

  mutating func write(
    _ bytes: [UInt8], to object: String, in file: borrowing HDF5File
  ) throws(HDF5Error) {
    try file.write(bytes, to: object, shape: [bytes.count])
    try set(NativeLayout.check(object, bytes), of: object, in: file)
  }

  private mutating func set(
    _ check: UInt32, of object: String, in file: borrowing HDF5File
  ) throws(HDF5Error) {
    try file.dataset(object).setAttribute(NativeLayout.checkAttribute, to: check)
    checks[object] = check
  }
}
