internal import Networks
internal import Suggestions
internal import Tensors

/// Turns a Keras model into the nodes of a network, and remembers where their parameters are.
///
/// Node names are the names of the Keras layers; a model used as a layer is taken apart, its
/// layers named `<model>.<layer>`.
struct KerasTranslator {
  /// A layer among those of its model, as files refer to it.
  struct Place: Hashable {
    /// The layer's name.
    let name: String
    /// The name Keras 3 makes of its class and how many of that class came before it.
    let numberedClass: String
  }

  /// A parameter of the network and the weight it comes from.
  struct Assignment {
    /// The layer, behind the models it lies in.
    let places: [Place]
    /// The path of the parameter in the network.
    let path: String
    /// The shape of the parameter in the network.
    let shape: Shape
    let weight: KerasWeight
    /// Which of the layer's weights it is.
    let index: Int
  }

  let file: String
  let version: Int?
  /// The shape to give the model's only input, if the file leaves it open.
  let inputShape: Shape?

  private(set) var inputs: [Network.Input] = []
  private(set) var nodes: [Node] = []
  private(set) var assignments: [Assignment] = []
  private var shapes: [String: Shape] = [:]

  init(file: String, version: Int?, inputShape: Shape?) {
    self.file = file
    self.version = version
    self.inputShape = inputShape
  }

  /// Translates a whole model and returns the names of its outputs.
  mutating func translate(_ model: KerasModel) throws(CheckpointError) -> [String] {
    try translate(model, prefix: "", places: [], arguments: nil)
  }

  /// Translates a model; `arguments` are the values of its inputs if it is used as a layer.
  private mutating func translate(
    _ model: KerasModel, prefix: String, places: [Place], arguments: [String]?
  ) throws(CheckpointError) -> [String] {
    let places = KerasTranslator.places(of: model.layers).map { places + [$0] }
    return model.isSequential
      ? try translateChain(model, prefix, places, arguments)
      : try translateGraph(model, prefix, places, arguments)
  }

  private mutating func translateChain(
    _ model: KerasModel, _ prefix: String, _ places: [[Place]], _ arguments: [String]?
  ) throws(CheckpointError) -> [String] {
    var values = arguments
    for (layer, place) in zip(model.layers, places) {
      if layer.className == "InputLayer" {
        if values == nil { values = [try addInput(layer, prefix)] }
        continue
      }
      if values == nil {
        let shape =
          layer.configuration["batch_input_shape"] ?? layer.configuration["batch_shape"]
          ?? model.buildInputShape
        values = [try addInput(prefix + "input", shape, configuration(of: layer))]
      }
      values = try add(layer, prefix: prefix, places: place, inputs: values ?? [])
    }
    guard let values else { throw failure("the model '\(model.name)' has no layers") }
    return values
  }

  private mutating func translateGraph(
    _ model: KerasModel, _ prefix: String, _ places: [[Place]], _ arguments: [String]?
  ) throws(CheckpointError) -> [String] {
    var values: [String: [String]] = [:]
    // The order of a model's inputs is the model's own, not that of its layers.
    for (index, input) in model.inputs.enumerated() {
      guard let layer = model.layers.first(where: { $0.name == input.layer }) else {
        throw failure("the model '\(model.name)' has no input layer '\(input.layer)'")
      }
      if let arguments {
        guard index < arguments.count else {
          throw failure("the model '\(model.name)' is used with \(arguments.count) inputs")
        }
        values[layer.name] = [arguments[index]]
      } else {
        values[layer.name] = [try addInput(layer, prefix)]
      }
    }
    var waiting = zip(model.layers, places).filter { values[$0.0.name] == nil }
    while !waiting.isEmpty {
      var later: [(KerasModel.Layer, [Place])] = []
      for (layer, place) in waiting {
        guard layer.calls.count == 1, let call = layer.calls.first else {
          throw configuration(of: layer).failure(
            layer.calls.isEmpty
              ? "reads nothing"
              : "is used \(layer.calls.count) times; shared layers are not "
                + "supported")
        }
        let inputs = call.compactMap { reference -> String? in
          guard let outputs = values[reference.layer], outputs.indices.contains(reference.output)
          else { return nil }
          return outputs[reference.output]
        }
        if inputs.count == call.count {
          values[layer.name] = try add(layer, prefix: prefix, places: place, inputs: inputs)
        } else {
          later.append((layer, place))
        }
      }
      guard later.count < waiting.count else {
        let names = Set(model.layers.map(\.name))
        let unknown = later.flatMap { $0.0.calls[0] }.first { !names.contains($0.layer) }
        throw configuration(of: later[0].0).failure(
          unknown.map { "reads '\($0.layer)', which does not exist" }
            ?? "reads a value that is computed from its own")
      }
      waiting = later
    }
    var outputs: [String] = []
    for output in model.outputs {
      guard let made = values[output.layer], made.indices.contains(output.output) else {
        throw failure("the model '\(model.name)' has no output '\(output.layer)'")
      }
      outputs.append(made[output.output])
    }
    return outputs
  }

  /// Adds the nodes of a layer and returns the names of its values.
  private mutating func add(
    _ layer: KerasModel.Layer, prefix: String, places: [Place], inputs: [String]
  ) throws(CheckpointError) -> [String] {
    if KerasModel.classNames.contains(layer.className) {
      let model: KerasModel
      do {
        model = try KerasModel(className: layer.className, configuration: layer.configuration)
      } catch {
        throw configuration(of: layer).failure("cannot be read: \(error)")
      }
      return try translate(
        model, prefix: "\(prefix)\(layer.name).", places: places, arguments: inputs)
    }
    let configuration = configuration(of: layer)
    guard let translation = KerasLayers.translations[layer.className] else {
      throw unknown(configuration)
    }
    let inputShapes = inputs.compactMap { shapes[$0] }
    guard !inputShapes.isEmpty, inputShapes.count == inputs.count else {
      throw configuration.failure("reads nothing")
    }
    var value = inputs
    var index = 0
    for part in try translation(configuration, inputShapes) {
      let name = prefix + layer.name + (part.suffix.isEmpty ? "" : "." + part.suffix)
      try add(Node(name, part.layer, inputs: value))
      for (weight, specification) in zip(part.weights, part.layer.parameters) {
        assignments.append(
          Assignment(
            places: places, path: "\(name).\(weight.parameter)", shape: specification.shape,
            weight: weight, index: index))
        if weight.fileShape != nil { index += 1 }
      }
      value = [name]
    }
    return value
  }

  /// Adds a node and computes the shape of its value.
  private mutating func add(_ node: Node) throws(CheckpointError) {
    let inputs = node.inputs.compactMap { shapes[$0] }
    do {
      if let shape = try Plausibility.outputShape(of: node, inputs: inputs) {
        shapes[node.name] = shape
        nodes.append(node)
        return
      }
    } catch {
      throw failure("\(error)")
    }
    do {
      guard node.layer.inputCount.contains(inputs.count) else {
        throw LayerError.inputCount(expected: node.layer.inputCount, found: inputs.count)
      }
      _ = try node.layer.outputShape(inputs)
      throw failure("the value of \(node.name) has no shape")
    } catch let error as LayerError {
      throw .network(file: file, .layer(node: node.name, kind: node.kind, error))
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw failure("\(error)")
    }
  }

  private mutating func addInput(
    _ layer: KerasModel.Layer, _ prefix: String
  ) throws(CheckpointError) -> String {
    try addInput(
      prefix + layer.name,
      layer.configuration["batch_input_shape"] ?? layer.configuration["batch_shape"],
      configuration(of: layer))
  }

  /// Adds an input of the network; the shape in the file has the batch in front.
  private mutating func addInput(
    _ name: String, _ batchShape: JSONValue?, _ layer: KerasConfiguration
  ) throws(CheckpointError) -> String {
    let extents = (batchShape?.array ?? []).dropFirst().map(\.integer)
    let known = extents.compactMap { $0 }
    let range = 1...Plausibility.largestExtent
    let shape: Shape
    if let inputShape, inputs.isEmpty {
      shape = inputShape
    } else if !extents.isEmpty, known.count == extents.count, known.count <= Shape.maximumRank,
      known.allSatisfy(range.contains)
    {
      shape = Shape(known)
    } else {
      throw layer.failure(
        "takes a batch of shape \(batchShape?.words ?? "unknown"), expected fixed extents: give "
          + "the input's shape")
    }
    do { try Plausibility.check(shape, "input \(name)") } catch { throw failure("\(error)") }
    inputs.append(Network.Input(name, shape))
    shapes[name] = shape
    return name
  }

  private func configuration(of layer: KerasModel.Layer) -> KerasConfiguration {
    KerasConfiguration(
      file: file, name: layer.name, className: layer.className, version: version,
      values: layer.configuration)
  }

  private func failure(_ reason: String) -> CheckpointError {
    .description(file: file, object: KerasReader.place, reason: reason)
  }

  private func unknown(_ layer: KerasConfiguration) -> CheckpointError {
    if ["Lambda", "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"].contains(layer.className) {
      return layer.failure("would run code of the file, which loading never does")
    }
    let known = KerasLayers.translations.keys
    return layer.failure(
      "is of a class this toolkit does not know",
      nearest: NearestName.of(layer.className, among: known))
  }

  /// What Keras 3 calls the layers of a model in its weights files.
  private static func places(of layers: [KerasModel.Layer]) -> [Place] {
    var counts: [String: Int] = [:]
    return layers.map { layer in
      let base = snakeCase(layer.className)
      let count = counts[base, default: 0]
      counts[base] = count + 1
      return Place(name: layer.name, numberedClass: count == 0 ? base : "\(base)_\(count)")
    }
  }

  /// `Conv2DTranspose` as `conv2d_transpose`: an underscore before each capital that starts a word
  /// of small letters, and between a small letter and a capital.
  static func snakeCase(_ name: String) -> String {
    let letters = Array(name)
    var result = ""
    for (index, letter) in letters.enumerated() {
      let startsWord = index + 1 < letters.count && letters[index + 1].isLowercase
      if index > 0, letter.isUppercase, startsWord || letters[index - 1].isLowercase {
        result += "_"
      }
      result += letter.lowercased()
    }
    return result
  }
}
