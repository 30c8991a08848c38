public import Configurations

/// A value of a recipe that may be anything, as it is written.
public struct RecipeValue: Hashable, Sendable, Decodable, PlaceholderProviding {
  /// The value as JSON.
  public let json: String
  /// The text of a scalar, without quotes; nil for a list or a mapping.
  public let text: String?
  /// The elements of a list, or the values of a mapping; nil for a scalar.
  public let elements: [RecipeValue]?
  /// The keys of a mapping, in the order of its values; nil for anything else.
  public let names: [String]?

  /// Stands for nothing.
  public static var placeholder: RecipeValue { RecipeValue() }

  private init() {
    json = "null"
    text = ""
    elements = nil
    names = nil
  }

  init(_ node: RecipeNode) {
    json = RecipeDocument.json(node)
    switch node.content {
    case .scalar(let scalar):
      text = scalar.text
      elements = nil
      names = nil
    case .list(let nodes):
      text = nil
      elements = nodes.map(RecipeValue.init)
      names = nil
    case .mapping(let entries):
      text = nil
      elements = entries.map { RecipeValue($0.value) }
      names = entries.map(\.key)
    }
  }

  /// Takes the value as it stands; only a recipe's own decoder has one.
  public init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? NodeDecoder else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath, debugDescription: "this is not the value of a recipe"))
    }
    self.init(decoder.node)
  }
}

/// A mapping of key paths of a recipe, such as `train.epochs`, to values, in the order it is written.
public struct RecipeValues: Hashable, Sendable, Decodable, PlaceholderProviding {
  /// A key path and its value.
  public struct Entry: Hashable, Sendable {
    /// The keys that lead to the value.
    public let path: String
    /// The value.
    public let value: RecipeValue
  }

  /// The entries.
  public let entries: [Entry]

  /// Nothing.
  public static var placeholder: RecipeValues { RecipeValues() }

  /// Creates a mapping without entries.
  public init() { self.init([]) }

  private init(_ entries: [Entry]) { self.entries = entries }

  /// Takes the mapping as it stands; only a recipe's own decoder has one.
  public init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? NodeDecoder else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath, debugDescription: "this is not a part of a recipe"))
    }
    guard !decoder.node.isNull else {
      self.init()
      return
    }
    guard case .mapping(let entries) = decoder.node.content else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription:
            "expects a mapping of key paths to values, found \(decoder.node.summary)"))
    }
    self.init(entries.map { Entry(path: $0.key, value: RecipeValue($0.value)) })
  }

  /// The entries as arguments of `--set`.
  public var overrides: [String] { entries.map { "\($0.path)=\($0.value.json)" } }
}
