internal import Networks
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
    try translate(model, Use(prefix: "", places: [], arguments: nil, training: nil))
  }

  /// How a model is used inside another.
  private struct Use {
    /// What stands before the names of its nodes.
    let prefix: String
    /// Where it stands.
    let places: [Place]
    /// The values of its inputs; nil if it is the whole model.
    let arguments: [String]?
    /// What it is told about training.
    let training: Bool?
  }

  private mutating func translate(
    _ model: KerasModel, _ use: Use
  ) throws(CheckpointError) -> [String] {
    try KerasTranslator.models.check(
      KerasConfiguration(
        file: file, name: model.name, className: model.isSequential ? "Sequential" : "Functional",
        version: version, values: model.configuration))
    let places = places(of: model.layers).map { use.places + [$0] }
    return model.isSequential
      ? try translateChain(model, places, use) : try translateGraph(model, places, use)
  }

  /// What a model's own configuration may say.
  private static let models = KerasTranslation(
    "layers", "input_layers", "output_layers", "build_input_shape"
  ) { (_, _) throws(CheckpointError) in [] }

  /// What an input's configuration may say.
  private static let inputLayers = KerasTranslation(
    fixed: ["sparse": .bool(false), "ragged": .bool(false)]
  ) { (_, _) throws(CheckpointError) in [] }

  private mutating func translateChain(
    _ model: KerasModel, _ places: [[Place]], _ use: Use
  ) throws(CheckpointError) -> [String] {
    var values = use.arguments
    for (layer, place) in zip(model.layers, places) {
      if layer.className == "InputLayer" {
        if values == nil { values = [try addInput(layer, use.prefix)] }
        continue
      }
      if values == nil {
        let shape =
          layer.configuration["batch_input_shape"] ?? layer.configuration["batch_shape"]
          ?? model.buildInputShape
        values = [try addInput(use.prefix + "input", shape, configuration(of: layer))]
      }
      values = try add(layer, call: nil, places: place, inputs: values ?? [], in: use)
    }
    guard let values else { throw failure("the model '\(model.name)' has no layers") }
    return values
  }

  private mutating func translateGraph(
    _ model: KerasModel, _ places: [[Place]], _ use: Use
  ) throws(CheckpointError) -> [String] {
    var values: [String: [String]] = [:]
    // The order of a model's inputs is the model's own, not that of its layers.
    for (index, input) in model.inputs.enumerated() {
      guard let layer = model.layers.first(where: { $0.name == input.layer }) else {
        throw failure("the model '\(model.name)' has no input layer '\(input.layer)'")
      }
      if let arguments = use.arguments {
        guard index < arguments.count else {
          throw failure("the model '\(model.name)' is used with \(arguments.count) inputs")
        }
        values[layer.name] = [arguments[index]]
      } else {
        values[layer.name] = [try addInput(layer, use.prefix)]
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
        let references = call.references
        let inputs = references.compactMap { reference -> String? in
          guard let outputs = values[reference.layer], outputs.indices.contains(reference.output)
          else { return nil }
          return outputs[reference.output]
        }
        if inputs.count == references.count {
          values[layer.name] = try add(
            layer, call: call, places: place, inputs: inputs, in: use)
        } else {
          later.append((layer, place))
        }
      }
      guard later.count < waiting.count else {
        let names = Set(model.layers.map(\.name))
        let unknown = later.flatMap { $0.0.calls[0].references }.first { !names.contains($0.layer) }
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
  ///
  /// - Parameter call: what it is called with; nil if that is the value before it.
  private mutating func add(
    _ layer: KerasModel.Layer, call: KerasCall?, places: [Place], inputs: [String], in use: Use
  ) throws(CheckpointError) -> [String] {
    let configuration = configuration(of: layer)
    if let name = layer.operation(version: version) {
      guard let translation = KerasOperations.named(name) else {
        throw configuration.operation(name).failure("is not supported")
      }
      let binding = KerasBinding(
        call ?? KerasCall(reading: inputs.count), parameters: translation.parameters,
        aliases: KerasOperations.aliases)
      let operation = configuration.operation(name, binding)
      try binding.check(operation, parameters: translation.parameters)
      return try add(translation, operation, places: places, inputs: inputs, in: use)
    }
    let own = try call.map { (call) throws(CheckpointError) in
      try KerasBinding(call, parameters: KerasTranslation.layerParameters)
        .training(of: configuration)
    }
    let training = KerasTranslator.training(own ?? nil, in: use.training, version: version)
    if KerasModel.classNames.contains(layer.className) {
      let model: KerasModel
      do {
        model = try KerasModel(className: layer.className, configuration: layer.configuration)
      } catch {
        throw configuration.failure("cannot be read: \(error)")
      }
      return try translate(
        model,
        Use(
          prefix: "\(use.prefix)\(layer.name).", places: places, arguments: inputs,
          training: training))
    }
    guard let translation = KerasLayers.translations[layer.className], !layer.isCustom else {
      throw unknown(layer, configuration)
    }
    if training == true { try translation.checkTraining(configuration) }
    return try add(translation, configuration, places: places, inputs: inputs, in: use)
  }

  /// What a layer is told about training: in Keras 2 first by its own call, in Keras 3 first by that
  /// of the model it lies in.
  private static func training(_ own: Bool?, in model: Bool?, version: Int?) -> Bool? {
    switch version {
    case .some(..<3): own ?? model
    case .some: model ?? own
    case nil: own == true || model == true ? true : own ?? model
    }
  }

  /// Adds the nodes of a layer or an operation and returns the name of its value.
  private mutating func add(
    _ translation: KerasTranslation, _ configuration: KerasConfiguration, places: [Place],
    inputs: [String], in use: Use
  ) throws(CheckpointError) -> [String] {
    try translation.check(configuration)
    let inputShapes = inputs.compactMap { shapes[$0] }
    guard !inputShapes.isEmpty, inputShapes.count == inputs.count else {
      throw configuration.failure("is given no value that is computed")
    }
    var names: [String] = []
    var index = 0
    for part in try translation.make(configuration, inputShapes) {
      let name = use.prefix + configuration.name + (part.suffix.isEmpty ? "" : "." + part.suffix)
      let read = part.sources.map { sources in
        sources.map { source in
          switch source {
          case .input(let index): inputs[index]
          case .part(let index): names[index]
          }
        }
      }
      try add(Node(name, part.layer, inputs: read ?? names.last.map { [$0] } ?? inputs))
      for (weight, specification) in zip(part.weights, part.layer.parameters) {
        assignments.append(
          Assignment(
            places: places, path: "\(name).\(weight.parameter)", shape: specification.shape,
            weight: weight, index: index))
        index += 1
      }
      names.append(name)
    }
    return names.suffix(1)
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
    try KerasTranslator.inputLayers.check(configuration(of: layer))
    return try addInput(
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

  func configuration(of layer: KerasModel.Layer) -> KerasConfiguration {
    KerasConfiguration(
      file: file, name: layer.name, className: layer.className, version: version,
      values: layer.configuration)
  }

  private func failure(_ reason: String) -> CheckpointError {
    .description(file: file, object: KerasReader.place, reason: reason)
  }
}
