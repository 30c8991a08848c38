/// A figure that may not be defined: written as `null` where a synthesized key would be left out.
///
///     @NullCoded public var accuracy: Double?
@propertyWrapper
public struct NullCoded: Hashable, Sendable {
  /// The figure; nil if it is not defined.
  public var wrappedValue: Double?

  /// Wraps a figure.
  public init(wrappedValue: Double?) { self.wrappedValue = wrappedValue }
}

extension NullCoded: Codable {
  /// Reads a number, or `null`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Double.self)
  }

  /// Writes a number, or `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

extension KeyedDecodingContainer {
  /// Reads a figure; a key that is missing is a figure that is not defined.
  public func decode(_ type: NullCoded.Type, forKey key: Key) throws -> NullCoded {
    try decodeIfPresent(NullCoded.self, forKey: key) ?? NullCoded(wrappedValue: nil)
  }
}
