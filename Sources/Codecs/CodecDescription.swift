/// A codec by its name and settings: everything an encoder on another machine has to know.
public struct CodecDescription: Codable, Hashable, Sendable {
  /// The value of a setting.
  public enum Setting: Codable, Hashable, Sendable, CustomStringConvertible {
    /// A count, such as bits.
    case integer(Int)
    /// A quantity.
    case number(Double)
    /// One of several words.
    case word(String)

    /// Reads a JSON number or string.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Int.self) {
        self = .integer(value)
      } else if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else {
        self = .word(try container.decode(String.self))
      }
    }

    /// Writes a JSON number or string.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .integer(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .word(let value): try container.encode(value)
      }
    }

    /// The value as text.
    public var description: String {
      switch self {
      case .integer(let value): "\(value)"
      case .number(let value): "\(value)"
      case .word(let value): value
      }
    }
  }

  /// The name of the codec, see ``LatentCodec/name``.
  public var name: String
  /// The number of the codec in streams, see ``LatentCodec/number``.
  public var number: Int
  /// The settings by name.
  public var settings: [String: Setting]

  /// Describes a codec.
  public init(_ codec: some LatentCodec) {
    name = type(of: codec).name
    number = Int(type(of: codec).number)
    settings = codec.settings
  }
}
