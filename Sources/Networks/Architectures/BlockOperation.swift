/// What a block of a ``BlockNetwork`` computes.
///
/// Written as `k3_e6` (kernel 3, expansion 6), `k3_e1_g2` (in two groups) or `skip`. The choices of
/// FBNet: Wu and others 2019, https://arxiv.org/abs/1812.03443, table 2.
public enum BlockOperation: Hashable, Sendable {
  /// Nothing; where the shape changes, a 1×1 convolution with batch norm and ReLU.
  case skip
  /// A 1×1 convolution to more channels, a depthwise convolution, and a 1×1 convolution back.
  case inverted(kernel: Int, expansion: Int, groups: Int)

  /// The operation that a text names; nil for another text.
  public init?(name: String) {
    if name == "skip" {
      self = .skip
      return
    }
    var numbers: [Character: Int] = [:]
    var letters = ""
    for part in name.split(separator: "_", omittingEmptySubsequences: false) {
      guard let letter = part.first, let number = Int(part.dropFirst()), part.count <= 4 else {
        return nil
      }
      letters.append(letter)
      numbers[letter] = number
    }
    guard letters == "ke" || letters == "keg", let kernel = numbers["k"],
      let expansion = numbers["e"], kernel % 2 == 1, (1...15).contains(kernel),
      (1...16).contains(expansion), (1...64).contains(numbers["g"] ?? 1)
    else { return nil }
    self = .inverted(kernel: kernel, expansion: expansion, groups: numbers["g"] ?? 1)
  }

  /// The name, as it is read.
  public var name: String {
    switch self {
    case .skip: "skip"
    case .inverted(let kernel, let expansion, 1): "k\(kernel)_e\(expansion)"
    case .inverted(let kernel, let expansion, let groups): "k\(kernel)_e\(expansion)_g\(groups)"
    }
  }
}

extension BlockOperation: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

extension BlockOperation: Codable {
  /// Reads a name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let operation = BlockOperation(name: name) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "expected skip, or a kernel, an expansion and groups such as k3_e6 or "
          + "k3_e1_g2, found '\(name)'")
    }
    self = operation
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
