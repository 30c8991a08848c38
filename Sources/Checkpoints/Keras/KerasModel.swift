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
    let configuration: JSONValue
    /// What each use of the layer reads.
    let calls: [[Reference]]
  }

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
    var calls: [[Reference]] = []
    for call in entry["inbound_nodes"]?.array ?? [] {
      var found: [Reference] = []
      if let arguments = call["args"] {
        collect(arguments, &found)
        var others: [Reference] = []
        collect(call["kwargs"] ?? .null, &others)
        guard others.isEmpty else {
          throw Failure("layer '\(name)' (\(className)) takes a value by keyword")
        }
      } else {
        for reference in call.array ?? [] {
          guard let source = reference[0]?.string else {
            throw Failure("layer '\(name)' (\(className)) reads \(reference.words)")
          }
          found.append(Reference(layer: source, output: reference[2]?.integer ?? 0))
        }
      }
      calls.append(found)
    }
    return Layer(name: name, className: className, configuration: configuration, calls: calls)
  }

  /// Finds the values in the arguments of a call of Keras 3, in order.
  private static func collect(_ value: JSONValue, _ found: inout [Reference]) {
    switch value {
    case .array(let elements):
      for element in elements { collect(element, &found) }
    case .object(let members):
      if members["class_name"]?.string == "__keras_tensor__" {
        let history = members["config"]?["keras_history"]
        if let layer = history?[0]?.string {
          found.append(Reference(layer: layer, output: history?[2]?.integer ?? 0))
        }
      } else {
        for key in members.keys.sorted() { collect(members[key] ?? .null, &found) }
      }
    default: return
    }
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
