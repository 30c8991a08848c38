/// A node of a recipe as help shows it.
public struct NodeReference: Encodable, Sendable {
  /// A key of a node.
  public struct Key: Encodable, Sendable {
    /// The key, as it is written.
    public let key: String
    /// What its value is, such as `number` or `list of integers`.
    public let type: String
    /// The names that it takes, if it is one of several.
    public let choices: [String]?
    /// Whether it must be there.
    public let isRequired: Bool
    /// What holds without it, as a recipe would have it or in words; nil if it must be there.
    public let standard: String?
    /// The unit of a number, or the units it may be written in.
    public let unit: String?
    /// What it is for.
    public let sentence: String
    /// The kinds of the node that know it; nil for all.
    public let variants: [String]?

    private enum CodingKeys: String, CodingKey {
      case key, type, choices
      case isRequired = "required"
      case standard = "default"
      case unit
      case sentence = "description"
      case variants = "only_for"
    }

    init(
      key: String, type: String, choices: [String]? = nil, isRequired: Bool,
      standard: String? = nil, unit: String? = nil, sentence: String, variants: [String]? = nil
    ) {
      self.key = key
      self.type = type
      self.choices = choices
      self.isRequired = isRequired
      self.standard = standard
      self.unit = unit
      self.sentence = sentence
      self.variants = variants
    }
  }

  /// The keys that lead to it, such as `train.optimizer`.
  public let path: String
  /// What it is about, in a sentence.
  public let summary: String
  /// Whether it is an entry of a list.
  public let isList: Bool
  /// The keys, required ones first.
  public let keys: [Key]

  private enum CodingKeys: String, CodingKey {
    case path
    case summary = "description"
    case isList = "is_list_entry"
    case keys
  }

  init(path: [String], summary: String, isList: Bool, keys: [Key]) {
    self.path = path.joined(separator: ".")
    self.summary = summary
    self.isList = isList
    self.keys = keys
  }

  /// The node with one of its keys alone.
  func only(_ key: String) -> NodeReference {
    NodeReference(
      path: [path], summary: summary, isList: isList, keys: keys.filter { $0.key == key })
  }
}
