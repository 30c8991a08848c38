internal import Files
internal import Foundation
internal import HDF5
internal import Networks
internal import Tensors

/// Reads Keras models: the graph from the model's JSON, the weights from the file.
struct KerasReader: ~Copyable {
  private let file: HDF5File
  private let naming: KerasWeights.Naming

  /// Where a full model keeps its JSON.
  static let place = "/@model_config"

  init(_ file: consuming HDF5File, naming: KerasWeights.Naming) {
    self.file = file
    self.naming = naming
  }

  /// Reads the model.
  ///
  /// - Parameters:
  ///   - configuration: the path of the model's JSON, instead of the one in the file or beside it.
  ///   - description: the model's JSON where it is neither, but known already.
  ///   - input: what the model's first input is, as far as the JSON leaves it open or not.
  consuming func read(
    configuration: String?, description: KerasDescription? = nil, input: KerasInput
  ) throws(CheckpointError) -> Checkpoint {
    let path = file.path
    let description = try self.description(configuration, description)
    let model: KerasModel
    let json: JSONValue
    do {
      json = try JSONParser.parse(description.text)
      model = try KerasModel(
        className: json["class_name"]?.string, configuration: json["config"])
    } catch {
      throw .description(
        file: description.source, object: description.object, reason: DecodingFlaw.words(error))
    }
    var translator = KerasTranslator(
      file: description.source, version: try version(json, description), input: input)
    let outputs = try translator.translate(model)
    var weights = try KerasWeights(
      file, naming: naming, layers: translator.assignments.map(\.places))
    var parameters: [String: Tensor<Float>] = [:]
    for assignment in translator.assignments {
      do throws(CheckpointError) {
        parameters[assignment.path] = try weights.tensor(for: assignment, in: file)
      } catch {
        throw translator.isShapeGiven ? error.ofImages(translator.inputs, model.name) : error
      }
    }
    try weights.requireAllUsed(in: file)
    do {
      return Checkpoint(
        network: try Network(
          name: model.name, inputs: translator.inputs, nodes: translator.nodes,
          outputs: outputs, parameters: parameters), imageSizing: .keras)
    } catch {
      throw .network(file: path, error)
    }
  }

  /// The major version of the Keras that wrote the model, if it is known.
  private func version(
    _ json: JSONValue, _ description: KerasDescription
  ) throws(CheckpointError) -> Int? {
    var text = description.version ?? json["keras_version"]?.string
    for object in ["/", "/model_weights"] where text == nil {
      text = try storing { () throws(HDF5Error) -> String? in
        guard try file.contains(object) else { return nil }
        let group = try file.group(object)
        guard try group.hasAttribute("keras_version") else { return nil }
        return try group.string(attribute: "keras_version")
      }
    }
    if let text { return Int(text.prefix { $0 != "." }) }
    // Only Keras 3 names the module of a class.
    return json["module"] == nil ? nil : 3
  }

  /// The model's JSON and where it is.
  private func description(
    _ configuration: String?, _ known: KerasDescription?
  ) throws(CheckpointError) -> KerasDescription {
    let hasOwn = try storing { () throws(HDF5Error) in
      try file.hasAttribute("model_config")
    }
    if configuration == nil, let known { return known }
    if configuration == nil, hasOwn {
      let text = try storing { () throws(HDF5Error) in
        try file.string(attribute: "model_config")
      }
      return KerasDescription(text: text, source: file.path, object: KerasReader.place)
    }
    let candidates = configuration.map { [$0] } ?? besides
    for candidate in candidates where FileManager.default.fileExists(atPath: candidate) {
      do throws(FileError) {
        return KerasDescription(
          text: try TextFile.read(candidate), source: candidate, object: "",
          version: known?.version)
      } catch {
        throw .storage(.unreadableFile(candidate, reason: error.reason))
      }
    }
    throw .configurationNeeded(file: file.path, searched: candidates)
  }

  /// Where the JSON of a file of weights is looked for.
  private var besides: [String] {
    let url = URL(fileURLWithPath: file.path)
    let directory = url.deletingLastPathComponent()
    var name = url.lastPathComponent
    for ending in [".h5", ".hdf5", ".weights"] where name.hasSuffix(ending) {
      name = String(name.dropLast(ending.count))
    }
    return ["\(name).json", "config.json"].map { directory.appendingPathComponent($0).path }
  }
}

extension CheckpointError {
  /// The error of a weight's shape where that follows from a size that was asked for.
  fileprivate func ofImages(_ inputs: [Network.Input], _ model: String) -> CheckpointError {
    guard case .shape(let file, let object, let expected, let found) = self,
      let images = inputs.first?.shape
    else { return self }
    return .imageSize(
      file: file, object: object, expected: expected, found: found, architecture: model,
      images: images)
  }
}
