/// A named layer in a network and the names of the values it reads.
public struct Node: Sendable {
  /// The name, unique in the network, such as `layer1.0.conv1`; also the name of its output.
  public var name: String

  /// The layer with its attributes.
  public var layer: any Layer

  /// The nodes or network inputs whose values the layer reads, in order.
  public var inputs: [String]

  /// Creates a node.
  public init(_ name: String, _ layer: any Layer, inputs: [String]) {
    self.name = name
    self.layer = layer
    self.inputs = inputs
  }

  /// The kind of the layer, such as `conv2d`.
  public var kind: String { type(of: layer).kind }

  /// The full paths of the layer's parameters and statistics, in its order.
  public var parameterPaths: [String] { layer.parameters.map { "\(name).\($0.name)" } }
}

extension Node: Equatable {
  /// Whether names, attributes and inputs agree.
  public static func == (left: Node, right: Node) -> Bool {
    left.name == right.name && left.inputs == right.inputs
      && AnyHashable(left.layer) == AnyHashable(right.layer)
  }
}

extension Node: Codable {
  private enum Key: String, CodingKey {
    case name
    case kind
    case inputs
    case attributes
  }

  /// Reads a node; an unknown kind is an error that names the nearest known one.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    name = try container.decode(String.self, forKey: .name)
    inputs = try container.decode([String].self, forKey: .inputs)
    let kind = try container.decode(String.self, forKey: .kind)
    guard let type = LayerRegistry.type(ofKind: kind) else {
      throw NetworkError.unknownLayerKind(
        node: name, kind: kind, known: LayerRegistry.types.map { $0.kind })
    }
    layer = try type.init(from: container.superDecoder(forKey: .attributes))
  }

  /// Writes the node with the kind and the attributes of its layer.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(kind, forKey: .kind)
    try container.encode(inputs, forKey: .inputs)
    try layer.encode(to: container.superEncoder(forKey: .attributes))
  }
}
