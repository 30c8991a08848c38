package import Configurations

/// What the value of a key is, by the type that decoding asks for.
package enum ValueKind {
  /// A value in one piece or a list of such, in words.
  case value(words: String, plural: String, choices: [String]?, unit: String?)
  /// A node, or a list of them.
  case node(any DescribedNode.Type, isList: Bool)
  /// A type that says nothing about itself.
  case unknown(any Any.Type)

  init(_ type: any Any.Type) {
    if let node = type as? any DescribedNode.Type {
      self = .node(node, isList: false)
    } else if let value = type as? any DescribedValue.Type {
      self = .value(
        words: value.words, plural: "values, each a \(value.words)", choices: nil,
        unit: value.writtenIn)
    } else if let names = Recipes.choices(of: type) {
      self = .value(words: "name", plural: "names", choices: names, unit: nil)
    } else if let list = type as? any ListOfValues.Type {
      self = ValueKind(list.elementType).listed
    } else if let mapping = type as? any MappingOfValues.Type {
      self = ValueKind(mapping.valueType).mapped
    } else if let words = ValueKind.words(of: type) {
      self = .value(words: words, plural: words + "s", choices: nil, unit: nil)
    } else {
      self = .unknown(type)
    }
  }

  private static func words(of type: any Any.Type) -> String? {
    switch type {
    case is Bool.Type: "true or false"
    case is String.Type: "text"
    case is any FixedWidthInteger.Type: "integer"
    case is any BinaryFloatingPoint.Type: "number"
    default: nil
    }
  }

  /// A list of values of the kind.
  private var listed: ValueKind {
    switch self {
    case .value(_, let plural, let choices, let unit):
      .value(
        words: "list of \(plural)", plural: "lists of \(plural)", choices: choices, unit: unit)
    case .node(let node, _): .node(node, isList: true)
    case .unknown: self
    }
  }

  /// A mapping from names to values of the kind.
  private var mapped: ValueKind {
    switch self {
    case .value(_, let plural, let choices, let unit):
      .value(
        words: "mapping of names to \(plural)", plural: "mappings of names to \(plural)",
        choices: choices, unit: unit)
    case .node, .unknown: self
    }
  }
}

private protocol ListOfValues {
  static var elementType: any Any.Type { get }
}

extension Array: ListOfValues {
  fileprivate static var elementType: any Any.Type { Element.self }
}

private protocol MappingOfValues {
  static var valueType: any Any.Type { get }
}

extension Dictionary: MappingOfValues {
  fileprivate static var valueType: any Any.Type { Value.self }
}
