/// One use of a layer in a model: what it is called with.
///
/// Keras 2 writes `["name", node, output, {keywords}]`, one for each value; Keras 3 writes
/// positional arguments and keywords as they stood in the call.
struct KerasCall {
  /// An argument of a call.
  indirect enum Argument {
    /// One output of a layer.
    case value(KerasModel.Reference)
    /// A list in which there are outputs of layers.
    case list([Argument])
    /// Anything else.
    case constant(JSONValue)

    /// The outputs of layers, in order.
    var references: [KerasModel.Reference] {
      switch self {
      case .value(let reference): [reference]
      case .list(let elements): elements.flatMap(\.references)
      case .constant: []
      }
    }
  }

  /// Positional arguments.
  let arguments: [Argument]
  /// Keyword arguments that are not null.
  let keywords: [String: Argument]

  /// Every output of a layer that the call reads.
  var references: [KerasModel.Reference] {
    (arguments + keywords.sorted { $0.key < $1.key }.map(\.value)).flatMap(\.references)
  }

  /// A call with values alone, as in a sequential model.
  init(reading count: Int) {
    let values = (0..<count).map {
      Argument.value(KerasModel.Reference(layer: "", output: $0))
    }
    arguments = [values.count == 1 ? values[0] : .list(values)]
    keywords = [:]
  }

  /// Reads a call, or nothing if it is none.
  init?(_ call: JSONValue) {
    if let positional = call["args"]?.array {
      arguments = positional.map(KerasCall.argument)
      guard case .object(let keywords) = call["kwargs"] ?? .object([:]) else { return nil }
      self.keywords = keywords.filter { $0.value != .null }.mapValues(KerasCall.argument)
      return
    }
    guard call.array != nil else { return nil }
    var keywords: [String: Argument] = [:]
    guard let first = KerasCall.firstArgument(call, &keywords) else { return nil }
    arguments = [first]
    self.keywords = keywords
  }

  /// What Keras 2 writes in place of a layer's name for a constant.
  private static let constantName = "_CONSTANT_VALUE"

  /// The first argument of a call of Keras 2, which carries the keywords.
  private static func firstArgument(
    _ value: JSONValue, _ keywords: inout [String: Argument]
  ) -> Argument? {
    guard let name = value[0]?.string else {
      var elements: [Argument] = []
      for element in value.array ?? [] {
        guard let argument = firstArgument(element, &keywords) else { return nil }
        elements.append(argument)
      }
      return value.array == nil ? nil : elements.count == 1 ? elements[0] : .list(elements)
    }
    if case .object(let members)? = value[3] {
      for (key, member) in members where member != .null {
        keywords[key] = reference(member)
      }
    }
    if name == constantName { return value[2].map(Argument.constant) }
    return .value(KerasModel.Reference(layer: name, output: value[2]?.integer ?? 0))
  }

  /// An argument as Keras 2 writes it among keywords.
  private static func reference(_ value: JSONValue) -> Argument {
    if let elements = value.array {
      if elements.count == 3, let name = elements[0].string, elements[1].integer != nil,
        let output = elements[2].integer
      {
        return .value(KerasModel.Reference(layer: name, output: output))
      }
      let arguments = elements.map(reference)
      if arguments.contains(where: { !$0.references.isEmpty }) { return .list(arguments) }
    }
    return .constant(value)
  }

  /// An argument as Keras 3 writes it.
  private static func argument(_ value: JSONValue) -> Argument {
    switch value {
    case .array(let elements):
      let arguments = elements.map(argument)
      return arguments.contains { !$0.references.isEmpty } ? .list(arguments) : .constant(value)
    case .object(let members):
      switch members["class_name"]?.string {
      case "__keras_tensor__":
        let history = members["config"]?["keras_history"]
        guard let layer = history?[0]?.string else { return .constant(value) }
        return .value(KerasModel.Reference(layer: layer, output: history?[2]?.integer ?? 0))
      case "__numpy__", "__tensor__":
        return .constant(members["config"]?["value"] ?? value)
      default:
        let arguments = members.keys.sorted().compactMap { members[$0].map(argument) }
        return arguments.contains { !$0.references.isEmpty } ? .list(arguments) : .constant(value)
      }
    default: return .constant(value)
    }
  }
}
