/// Which layers of a network become sparse, and how.
///
/// ```yaml
/// sparsity:
///   - {layers: fc1, out_degree: 2, pad_inputs: 800}
///   - {layers: fc2, density: 0.25, pattern: clash_free_1, memories: 20, dither: true}
///   - {layers: "layer3.*", density: 0.5, stored: index}
/// ```
public struct SparsityRule: Hashable, Codable, Sendable {
  /// How a pattern is stored.
  public enum Storage: String, Codable, CaseIterable, Sendable {
    /// By the seed it is drawn with.
    case seed
    /// By the index of every connection.
    case index
  }

  /// A path pattern of linear and convolutional layers.
  public var layers: String
  /// How many outputs read each input; or ``density``.
  public var outDegree: Int?
  /// The share of connections that are there; the nearest with exact degrees is taken.
  public var density: Double?
  /// How the pattern is drawn; structured unless given.
  public var pattern: PredefinedSparsity.Kind?
  /// See ``PredefinedSparsity/memories``.
  public var memories: Int?
  /// See ``PredefinedSparsity/dithers``.
  public var dither: Bool?
  /// To how many inputs a linear layer's features are filled up with zeros first.
  public var padInputs: Int?
  /// How the pattern is stored; by its seed unless given.
  public var stored: Storage?

  /// Creates a rule.
  public init(
    layers: String, outDegree: Int? = nil, density: Double? = nil,
    pattern: PredefinedSparsity.Kind? = nil, memories: Int? = nil, dither: Bool? = nil,
    padInputs: Int? = nil, stored: Storage? = nil
  ) {
    self.layers = layers
    self.outDegree = outDegree
    self.density = density
    self.pattern = pattern
    self.memories = memories
    self.dither = dither
    self.padInputs = padInputs
    self.stored = stored
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case layers
    case outDegree = "out_degree"
    case density, pattern, memories, dither
    case padInputs = "pad_inputs"
    case stored
  }
}
