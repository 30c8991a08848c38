internal import Files
internal import Foundation
internal import HDF5
internal import Networks
internal import Tensors

/// Reads the project's own layout, see ``NativeLayout``.
struct NativeReader: ~Copyable {
  private let file: HDF5File
  private var checks: [String: UInt32] = [:]

  init(_ file: consuming HDF5File) { self.file = file }

  /// Reads the file.
  ///
  /// - Throws: ``CheckpointError`` if anything is missing, left over, or not what was written.
  consuming func read() throws(CheckpointError) -> Checkpoint {
    try checkVersion()
    let objects = try storing { () throws(HDF5Error) in try file.datasetPaths() }
    let network = try text(NativeLayout.network)
    let metadata = try decodeMetadata(try text(NativeLayout.metadata))
    var parameters: [String: Tensor<Float>] = [:]
    var tensors: [String: Tensor<Float>] = [:]
    var documents: [String: String] = [:]
    var files: [String: [UInt8]] = [:]
    var unexpected: [String] = []
    for object in objects where object != NativeLayout.network && object != NativeLayout.metadata {
      let parts = object.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let name = NativeLayout.unescaped(String(parts[1])) else {
        unexpected.append(object)
        continue
      }
      switch String(parts[0]) {
      case NativeLayout.parameters: parameters[name] = try tensor(object)
      case NativeLayout.tensors: tensors[name] = try tensor(object)
      case NativeLayout.documents: documents[name] = try text(object)
      case NativeLayout.files: files[name] = try bytes(object)
      default: unexpected.append(object)
      }
    }
    let path = file.path
    guard unexpected.isEmpty else {
      throw .unexpectedParameters(file: path, .all(unexpected, among: []))
    }
    let graph = try decodeGraph(network)
    try compare(parameters, with: graph)
    try checkContents()
    do {
      return Checkpoint(
        network: try Network(graph, parameters: parameters),
        inputTransform: metadata.inputTransform, imageSizing: metadata.imageSizing,
        classNames: metadata.classNames,
        provenance: metadata.provenance, tensors: tensors, documents: documents,
        files: files)
    } catch {
      throw .network(file: path, error)
    }
  }

  /// Reads how images are brought to size, and nothing else.
  ///
  /// - Throws: ``CheckpointError`` if the metadata are missing or damaged.
  consuming func readImageSizing() throws(CheckpointError) -> ImageSizing? {
    try checkVersion()
    return try decodeMetadata(try text(NativeLayout.metadata)).imageSizing
  }

  private func checkVersion() throws(CheckpointError) {
    let version = try storing { () throws(HDF5Error) in
      try file.number(attribute: NativeLayout.versionAttribute, as: Int.self)
    }
    guard version >= 1 else {
      throw .damaged(file: file.path, object: "/", reason: "version \(version)")
    }
    guard version <= NativeLayout.version else {
      throw .newerVersion(file: file.path, found: version, supported: NativeLayout.version)
    }
  }

  /// Holds the parameters to the graph before a network is made, to report all names at once.
  private func compare(
    _ parameters: [String: Tensor<Float>], with graph: NetworkGraph
  ) throws(CheckpointError) {
    var expected: [String: Shape] = [:]
    for node in graph.nodes {
      for specification in node.layer.parameters {
        expected["\(node.name).\(specification.name)"] = specification.shape
      }
    }
    let left = parameters.keys.filter { expected[$0] == nil }.sorted()
    let missing = expected.keys.filter { parameters[$0] == nil }.sorted()
    guard missing.isEmpty else {
      throw .missingParameters(file: file.path, .all(missing, among: left))
    }
    guard left.isEmpty else {
      throw .unexpectedParameters(file: file.path, .all(left, among: expected.keys.sorted()))
    }
    for (name, shape) in expected.sorted(by: { $0.key < $1.key }) {
      guard let found = parameters[name]?.shape, found != shape else { continue }
      throw .shape(
        file: file.path, object: "/\(NativeLayout.parameters)/\(name)",
        expected: shape.dimensions, found: found.dimensions)
    }
  }

  private mutating func tensor(_ object: String) throws(CheckpointError) -> Tensor<Float> {
    let dataset = try storing { () throws(HDF5Error) in try file.dataset(object) }
    guard dataset.elementType == .float32 else {
      throw .elementType(
        file: file.path, object: "/\(object)", expected: "float32", found: "\(dataset.elementType)")
    }
    let tensor = try file.tensor(object)
    try note(NativeLayout.check(object, tensor), of: object)
    return tensor
  }

  private mutating func text(_ object: String) throws(CheckpointError) -> String {
    let text = try storing { () throws(HDF5Error) in try file.dataset(object).readString() }
    try note(NativeLayout.check(object, text), of: object)
    return text
  }

  private mutating func bytes(_ object: String) throws(CheckpointError) -> [UInt8] {
    let dataset = try storing { () throws(HDF5Error) in try file.dataset(object) }
    guard dataset.elementType == .uint8 else {
      throw .elementType(
        file: file.path, object: "/\(object)", expected: "uint8", found: "\(dataset.elementType)")
    }
    let bytes = try storing { () throws(HDF5Error) in try dataset.read(as: UInt8.self) }
    try note(NativeLayout.check(object, bytes), of: object)
    return bytes
  }

  /// Compares a check with the one that was written.
  private mutating func note(_ check: UInt32, of object: String) throws(CheckpointError) {
    let written = try storing { () throws(HDF5Error) in
      try file.dataset(object).number(attribute: NativeLayout.checkAttribute, as: UInt32.self)
    }
    guard check == written else {
      throw .damaged(
        file: file.path, object: "/\(object)", reason: "the checksum of its content is not its own")
    }
    checks[object] = check
  }

  private func checkContents() throws(CheckpointError) {
    let written = try storing { () throws(HDF5Error) in
      try file.number(attribute: NativeLayout.contentsAttribute, as: UInt32.self)
    }
    guard NativeLayout.contentsCheck(checks) == written else {
      throw .damaged(
        file: file.path, object: "/",
        reason: "the checksum over all objects differs: one was removed, renamed or replaced")
    }
  }

  private func decodeGraph(_ text: String) throws(CheckpointError) -> NetworkGraph {
    let place = "/\(NativeLayout.network)"
    do {
      try Plausibility.checkNumbers(of: text)
      let graph = try NetworkGraph.decoder.decode(NetworkGraph.self, from: Data(text.utf8))
      try Plausibility.checkShapes(inputs: graph.inputs, nodes: graph.nodes)
      return graph
    } catch let error as NetworkError {
      throw .network(file: file.path, error)
    } catch {
      throw .description(
        file: file.path, object: place, reason: "not a network: \(DecodingFlaw.words(error))")
    }
  }

  private func decodeMetadata(
    _ text: String
  ) throws(CheckpointError) -> NativeLayout.Metadata {
    do {
      return try NativeLayout.metadataDecoder.decode(
        NativeLayout.Metadata.self, from: Data(text.utf8))
    } catch {
      throw .description(
        file: file.path, object: "/\(NativeLayout.metadata)", reason: DecodingFlaw.words(error))
    }
  }
}

extension [CheckpointError.NamedParameter] {
  /// The names, each with the most similar one of others.
  static func all(_ names: [String], among others: [String]) -> Self {
    CheckpointError.NamedParameter.all(names, among: others)
  }
}
