/// The arguments of a call by the names of the parameters they are given for.
struct KerasBinding {
  /// Which of the values that the call reads are given for a parameter.
  private(set) var operands: [String: [Int]] = [:]
  /// What is given otherwise.
  private(set) var constants: [String: JSONValue] = [:]
  /// A parameter that is given a list in which values and constants are mixed.
  private(set) var mixed: String?

  /// Names the arguments of a call.
  ///
  /// - Parameters:
  ///   - parameters: the names of positional arguments, in order.
  ///   - aliases: names for keywords that are called otherwise.
  init(_ call: KerasCall, parameters: [String], aliases: [String: String] = [:]) {
    var count = 0
    for (index, argument) in call.arguments.enumerated() {
      let name = parameters.indices.contains(index) ? parameters[index] : "argument \(index + 1)"
      bind(name, argument, &count)
    }
    for (key, argument) in call.keywords.sorted(by: { $0.key < $1.key }) {
      bind(parameters.contains(key) ? key : aliases[key] ?? key, argument, &count)
    }
  }

  private mutating func bind(_ name: String, _ argument: KerasCall.Argument, _ count: inout Int) {
    let references = argument.references.count
    if references > 0 {
      operands[name] = Array(count..<count + references)
      count += references
      if !argument.isOfValues { mixed = name }
    } else if case .constant(let value) = argument, value != .null {
      constants[name] = value
    }
  }
}

extension KerasCall.Argument {
  /// Whether all that it holds are outputs of layers.
  fileprivate var isOfValues: Bool {
    switch self {
    case .value: true
    case .list(let elements): elements.allSatisfy(\.isOfValues)
    case .constant: false
    }
  }
}

extension KerasBinding {
  /// Checks the arguments of a layer's call, and returns that for `training`.
  ///
  /// - Throws: ``CheckpointError/layer(file:name:className:reason:nearest:)`` for an argument that
  ///   would be dropped.
  func training(of layer: KerasConfiguration) throws(CheckpointError) -> Bool? {
    try check(layer, parameters: ["inputs"])
    for (name, value) in constants.sorted(by: { $0.key < $1.key }) where name != "training" {
      throw layer.failure("is called with \(name) = \(value.words), which is not supported")
    }
    guard let value = constants["training"] else { return nil }
    switch (value.bool, value.integer) {
    case (let training?, _): return training
    case (_, 0): return false
    case (_, 1): return true
    default:
      throw layer.failure(
        "is called with training = \(value.words), expected true or false")
    }
  }

  /// Refuses values for any but the parameters, and lists in which there are constants as well.
  func check(_ layer: KerasConfiguration, parameters: [String]) throws(CheckpointError) {
    if let name = operands.keys.sorted().first(where: { !parameters.contains($0) }) {
      throw layer.failure(
        name == "mask"
          ? "is called with a mask, which is not supported"
          : "is called with a value as '\(name)', which is not supported")
    }
    guard mixed == nil else {
      throw layer.failure("is called with constants among its values, which is not supported")
    }
  }
}
