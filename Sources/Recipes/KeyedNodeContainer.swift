/// The entries of a mapping by the keys of a type.
///
/// A value that is missing or unusable is recorded, and a stand-in takes its place where there is
/// one, so that the type goes on to ask for its other keys.
struct KeyedNodeContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: NodeDecoder

  var codingPath: [any CodingKey] { decoder.codingPath }

  var allKeys: [Key] { decoder.entries.compactMap { Key(stringValue: $0.key) } }

  func contains(_ key: Key) -> Bool { decoder.entry(key.stringValue) != nil }

  func decodeNil(forKey key: Key) throws -> Bool {
    decoder.entry(key.stringValue)?.value.isNull ?? true
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    decoder.note(key.stringValue, type, isRequired: true)
    do {
      return try value(type, of: try present(key), key: key)
    } catch {
      // Inside a stand-in the path limits how deep it goes; elsewhere a new one begins.
      let path = decoder.isPlaceholder ? codingPath + [key] : []
      guard let value = Placeholder.value(type, codingPath: path) else { throw error }
      return value
    }
  }

  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    decoder.note(key.stringValue, type, isRequired: false)
    guard let entry = decoder.entry(key.stringValue), !entry.value.isNull else { return nil }
    // The caller takes its default for a value that cannot be read; the problem is recorded.
    return try? value(type, of: entry, key: key)
  }

  private func value<Value: Decodable>(
    _ type: Value.Type, of entry: RecipeNode.Entry, key: Key
  ) throws -> Value {
    try decoder.log.decode(
      type, from: entry.value, keyLocation: entry.keyLocation, codingPath: codingPath + [key])
  }

  /// The entry of a key that must be there.
  private func present(_ key: Key) throws -> RecipeNode.Entry {
    if let entry = decoder.entry(key.stringValue) { return entry }
    decoder.log.record(
      RecipeProblem(
        "\(decoder.path.name) lacks the key '\(key.stringValue)'", at: decoder.keyLocation,
        path: decoder.path.appending(.key(key.stringValue))))
    throw ProblemRecorded()
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try nestedDecoder(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try nestedDecoder(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { decoder }

  func superDecoder(forKey key: Key) throws -> any Decoder { try nestedDecoder(key) }

  private func nestedDecoder(_ key: Key) throws -> NodeDecoder {
    let entry = try present(key)
    return decoder.nestedDecoder(
      for: entry.value, keyLocation: entry.keyLocation, key: key)
  }
}

// The protocol's own `decodeIfPresent` for primitives, which the compiler prefers over the generic
// one, would give stand-ins where the caller has defaults.
extension KeyedNodeContainer {
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { optional(key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { optional(key) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { optional(key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { optional(key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { optional(key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { optional(key) }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { optional(key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { optional(key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { optional(key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { optional(key) }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { optional(key) }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { optional(key) }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { optional(key) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { optional(key) }

  private func optional<Value: PrimitiveDecodable>(_ key: Key) -> Value? {
    decoder.note(key.stringValue, Value.self, isRequired: false)
    guard let entry = decoder.entry(key.stringValue), !entry.value.isNull else { return nil }
    return try? value(Value.self, of: entry, key: key)
  }
}
