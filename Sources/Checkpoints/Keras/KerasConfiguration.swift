internal import Suggestions
internal import Tensors

/// The configuration of one Keras layer, read with types, bounds and defaults.
///
/// Defaults are Keras's own, which older versions leave out of the file.
struct KerasConfiguration {
  /// The checkpoint, for messages.
  let file: String
  /// The layer's name.
  let name: String
  /// The layer's class.
  let className: String
  /// The major version of the Keras that wrote the model, if it is known.
  let version: Int?
  /// The members of the configuration; of an operation also the constants it is called with.
  let values: JSONValue
  /// What the file calls the operation, if it is one and not a layer.
  var operation: String?
  /// Which of the values that are read stand for which argument of an operation.
  var operands: [String: [Int]] = [:]

  /// The error of this layer for a reason.
  func failure(_ reason: String, nearest: String? = nil) -> CheckpointError {
    if let operation {
      return .operation(file: file, layer: name, name: operation, reason: reason)
    }
    return .layer(file: file, name: name, className: className, reason: reason, nearest: nearest)
  }

  /// The configuration of an operation: its settings and the constants it is called with.
  func operation(_ operation: String, _ binding: KerasBinding? = nil) -> KerasConfiguration {
    var members: [String: JSONValue] = [:]
    if case .object(let own) = values { members = own }
    members["function"] = nil
    for (old, new) in KerasOperations.aliases {
      if let value = members.removeValue(forKey: old) { members[new] = value }
    }
    members.merge(binding?.constants ?? [:]) { $1 }
    var result = KerasConfiguration(
      file: file, name: name, className: className, version: version, values: .object(members))
    result.operation = operation
    result.operands = binding?.operands ?? [:]
    return result
  }

  private func failure(_ key: String, _ value: JSONValue?, expected: String) -> CheckpointError {
    failure("has \(key) \(value.map(\.words) ?? "missing"), expected \(expected)")
  }

  /// A member, `nil` if it is missing or null.
  subscript(key: String) -> JSONValue? { values[key].flatMap { $0 == .null ? nil : $0 } }

  func integer(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int>
  ) throws(CheckpointError) -> Int {
    let value = self[key]
    guard let number = value.map(\.integer) ?? fallback, range.contains(number) else {
      throw failure(key, value, expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func number(_ key: String, default fallback: Double? = nil) throws(CheckpointError) -> Double {
    let value = self[key]
    guard let number = value.map(\.number) ?? fallback, number.isFinite else {
      throw failure(key, value, expected: "one number")
    }
    return number
  }

  func bool(_ key: String, default fallback: Bool) throws(CheckpointError) -> Bool {
    let value = self[key]
    guard let bool = value.map(\.bool) ?? fallback else {
      throw failure(key, value, expected: "true or false")
    }
    return bool
  }

  /// A size of a window or a step: one number for both axes, or two.
  func window(_ key: String, default fallback: Extent2D? = nil) throws(CheckpointError) -> Extent2D
  {
    let value = self[key]
    guard let value else {
      guard let fallback else { throw failure(key, value, expected: "two numbers") }
      return fallback
    }
    let range = 1...Plausibility.largestWindow
    if let side = value.integer, range.contains(side) { return Extent2D(side) }
    guard let elements = value.array, elements.count == 2, let height = elements[0].integer,
      let width = elements[1].integer, range.contains(height), range.contains(width)
    else {
      throw failure(key, value, expected: "two numbers from 1 to \(range.upperBound)")
    }
    return Extent2D(height: height, width: width)
  }

  /// Rows and columns at each edge: `[[top, bottom], [left, right]]`, `[vertical, horizontal]`,
  /// or one number for all.
  func edges(_ key: String) throws(CheckpointError) -> EdgePadding {
    let value = self[key]
    let range = 0...Plausibility.largestWindow
    func pair(_ value: JSONValue?) -> (Int, Int)? {
      guard let value else { return nil }
      if let both = value.integer, range.contains(both) { return (both, both) }
      guard value.array?.count == 2, let first = value[0]?.integer, range.contains(first),
        let second = value[1]?.integer, range.contains(second)
      else { return nil }
      return (first, second)
    }
    let isNested = value?.array != nil
    guard let vertical = pair(isNested ? value?[0] : value),
      let horizontal = pair(isNested ? value?[1] : value),
      !isNested || value?.array?.count == 2
    else { throw failure(key, value, expected: "two pairs of numbers") }
    return EdgePadding(
      top: vertical.0, bottom: vertical.1, left: horizontal.0, right: horizontal.1)
  }

  /// Whether the padding is `same`; otherwise it is `valid`.
  func isPaddedSame() throws(CheckpointError) -> Bool {
    let value = self["padding"]
    switch value?.string ?? (value == nil ? "valid" : "") {
    case "same": return true
    case "valid": return false
    default: throw failure("padding", value, expected: "'same' or 'valid'")
    }
  }

  /// Refuses images whose channels come first.
  func requireChannelsLast() throws(CheckpointError) {
    guard let format = self["data_format"] else { return }
    guard format.string == "channels_last" else {
      throw failure(
        "has data_format \(format.words); only 'channels_last' is supported: save the model in "
          + "that format")
    }
  }

  /// Refuses computation in another precision than the engine's.
  func requireSinglePrecision() throws(CheckpointError) {
    guard let type = self["dtype"] else { return }
    // A policy is an object that holds its name.
    let name = type.string ?? type["config"]?["name"]?.string
    guard name == "float32" else {
      throw failure(
        "computes in \(name ?? type.words); only float32 is supported: set the model's dtype "
          + "policy to 'float32' and save it again")
    }
  }

  /// Numbers in one list, or one number alone; nil if the key is missing.
  func numbers(_ key: String) throws(CheckpointError) -> [Double]? {
    guard let value = self[key] else { return nil }
    var numbers: [Double] = []
    guard KerasConfiguration.collect(value, &numbers), !numbers.isEmpty else {
      throw failure(key, value, expected: "numbers")
    }
    return numbers
  }

  /// Collects the numbers of nested lists of which at most the innermost have several elements.
  private static func collect(_ value: JSONValue, _ numbers: inout [Double]) -> Bool {
    if let number = value.number, number.isFinite {
      numbers.append(number)
      return true
    }
    guard let elements = value.array else { return false }
    if elements.count == 1 { return collect(elements[0], &numbers) }
    numbers = elements.compactMap(\.number).filter(\.isFinite)
    return numbers.count == elements.count
  }

  /// An axis that has to be the last one of a value.
  func requireLastAxis(_ key: String, of shape: Shape) throws(CheckpointError) {
    guard let value = self[key] else { return }
    let axis = value.array?.count == 1 ? value[0]?.integer : value.integer
    guard axis == -1 || axis == shape.rank else {
      throw failure(key, value, expected: "the last, \(shape.rank)")
    }
  }

  /// The name of the activation, in `activation`; `linear` if there is none.
  func activationName() throws(CheckpointError) -> String {
    let value = self["activation"]
    guard let value else { return "linear" }
    if let name = value.string { return name }
    // Keras 3 may write a function of its own as an object that holds its name.
    if value["registered_name"]?.string == "function" || value["class_name"]?.string == "function",
      let name = value["config"]?.string
    {
      return name
    }
    throw failure("activation", value, expected: "the name of a function")
  }
}
