internal import Configurations

/// Finds stand-ins for values that could not be read.
enum Placeholder {
  /// How deep values are made of stand-ins for what they contain.
  private static let depth = 8

  /// A value of a type, no matter which; nil if none can be made.
  static func value<Value: Decodable>(
    _ type: Value.Type, codingPath: [any CodingKey] = []
  ) -> Value? {
    if let primitive = type as? any PrimitiveDecodable.Type { return primitive.blank as? Value }
    if let provider = type as? any PlaceholderProviding.Type {
      return provider.placeholder as? Value
    }
    if let choice = type as? any (RawRepresentable & CaseIterable).Type {
      return firstCase(choice) as? Value
    }
    if let optional = type as? any ExpressibleByNilLiteral.Type {
      return optional.init(nilLiteral: ()) as? Value
    }
    if let list = type as? any RangeReplaceableCollection.Type { return list.init() as? Value }
    return structure(type, codingPath: codingPath)
  }

  private static func firstCase<Value: CaseIterable>(_: Value.Type) -> Any? {
    Value.allCases.first
  }

  /// Decodes a mapping without entries; what that lacks is nobody's concern.
  private static func structure<Value: Decodable>(
    _ type: Value.Type, codingPath: [any CodingKey]
  ) -> Value? {
    guard codingPath.count < depth else { return nil }
    let nothing = RecipeNode(content: .mapping([]), location: .file(""))
    let decoder = NodeDecoder(
      node: nothing, keyLocation: nothing.location, codingPath: codingPath,
      log: DecodingLog(root: nothing), isPlaceholder: true)
    return try? Value(from: decoder)
  }
}
