/// A Keras model as its JSON describes it: layers and what each reads.
struct KerasModel {
  /// One output of a layer.
  struct Reference: Hashable {
    let layer: String
    let output: Int
  }

  /// A layer, or a model used as one.
  struct Layer {
    let name: String
    let className: String
    /// The Python module of the class, where the file says it.
    let module: String?
    /// The name under which the class is registered, where the file says one.
    let registeredName: String?
    let configuration: JSONValue
    /// What each use of the layer is called with.
    let calls: [KerasCall]
  }

  /// The classes in which Keras 2 keeps operations of TensorFlow.
  fileprivate static let operationClasses: Set<String> = ["SlicingOpLambda", "TFOpLambda"]

  /// Where Keras 3 defines operations.
  fileprivate static let operationModules = [
    "keras.src.ops", "keras.ops", "keras.src.activations", "keras.activations",
  ]

  /// The packages whose classes are Keras's own.
  fileprivate static let packages: Set<String> = ["keras", "tf_keras", "tensorflow"]

  /// The classes of models.
  static let classNames: Set<String> = ["Functional", "Model", "Sequential"]

  let name: String
  let layers: [Layer]
  /// The layers the model's inputs are; none for a sequential model, whose first layer says so.
  let inputs: [Reference]
  let outputs: [Reference]
  let isSequential: Bool
  /// The shape of a sequential model's batches, where no layer says it.
  let buildInputShape: JSONValue?
  /// The settings of the model itself.
  let configuration: JSONValue

  /// Why a text is not a model.
  struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
  }

  /// Reads the model from its class and configuration.
  init(className: String?, configuration: JSONValue?) throws(Failure) {
    guard let className, let configuration else {
      throw Failure("expected a model with class_name and config")
    }
    guard KerasModel.classNames.contains(className) else {
      throw Failure(
        "a model of class '\(className)' is not a graph of layers; only functional and "
          + "sequential models can be read")
    }
    isSequential = className == "Sequential"
    // The first versions wrote a sequential model's layers without anything around them.
    guard let entries = configuration["layers"]?.array ?? configuration.array else {
      throw Failure("the model has no list of layers")
    }
    name = configuration["name"]?.string ?? "model"
    buildInputShape = configuration["build_input_shape"]
    self.configuration = configuration
    var layers: [Layer] = []
    for (index, entry) in entries.enumerated() {
      layers.append(try KerasModel.layer(entry, index: index))
    }
    self.layers = layers
    if isSequential {
      inputs = []
      outputs = []
    } else {
      inputs = try KerasModel.references(configuration["input_layers"], "input_layers")
      outputs = try KerasModel.references(configuration["output_layers"], "output_layers")
    }
  }

  private static func layer(_ entry: JSONValue, index: Int) throws(Failure) -> Layer {
    guard let className = entry["class_name"]?.string, let configuration = entry["config"] else {
      throw Failure("layer \(index) has no class_name or no config")
    }
    guard let name = entry["name"]?.string ?? configuration["name"]?.string, !name.isEmpty else {
      throw Failure("layer \(index) (\(className)) has no name")
    }
    var calls: [KerasCall] = []
    for entry in entry["inbound_nodes"]?.array ?? [] {
      guard let call = KerasCall(entry) else {
        throw Failure("layer '\(name)' (\(className)) is called with \(entry.words)")
      }
      calls.append(call)
    }
    return Layer(
      name: name, className: className, module: entry["module"]?.string,
      registeredName: entry["registered_name"]?.string, configuration: configuration, calls: calls)
  }

  /// Reads `["name", 0, 0]`, a list of such, or an object of such.
  private static func references(
    _ value: JSONValue?, _ key: String
  ) throws(Failure) -> [Reference] {
    guard let value else { throw Failure("the model has no \(key)") }
    if let layer = value[0]?.string {
      return [Reference(layer: layer, output: value[2]?.integer ?? 0)]
    }
    let elements: [JSONValue] =
      switch value {
      case .array(let elements): elements
      case .object(let members): members.keys.sorted().compactMap { members[$0] }
      default: throw Failure("\(key) is \(value.words), expected names of layers")
      }
    var result: [Reference] = []
    for element in elements { result += try references(element, key) }
    return result
  }
}

extension KerasModel.Layer {
  /// What the file calls the operation, if this is one and not a layer.
  ///
  /// HDF5 files of Keras 3 leave out the module; operations then lack what every layer has.
  func operation(version: Int?) -> String? {
    if KerasModel.operationClasses.contains(className) {
      return "tf." + (configuration["function"]?.string ?? name)
    }
    if let module {
      return KerasModel.operationModules.contains { module.hasPrefix($0) } ? className : nil
    }
    guard version ?? 3 >= 3, className != "InputLayer", configuration["trainable"] == nil,
      !KerasModel.classNames.contains(className)
    else { return nil }
    let isLayer = KerasLayers.translations[className] != nil
    return isLayer && configuration["dtype"] != nil ? nil : className
  }

  /// Whether the class is defined outside Keras, whatever it is called.
  var isCustom: Bool {
    if let registeredName, registeredName.contains(">") { return true }
    guard let module else { return false }
    return !KerasModel.packages.contains(String(module.prefix { $0 != "." }))
  }
}
