public import Checkpoints
public import Networks
public import Tensors

/// What `cleave inspect` tells of a network.
public struct Inspection: Codable, Sendable {
  /// One layer.
  public struct Row: Codable, Sendable {
    /// The name of the node.
    public var name: String
    /// The kind of the layer.
    public var kind: String
    /// The values it reads.
    public var inputs: [String]
    /// The shape of its output for one sample, channels last.
    public var shape: Shape
    /// Numbers in its parameters, statistics included.
    public var parameters: Int
    /// Multiply-accumulates for one sample.
    public var macs: Int
  }

  /// What the network is called.
  public var name: String
  /// The values it is given.
  public var inputs: [Network.Input]
  /// Transform of pixels from 0 to 255, if the file says.
  public var inputTransform: InputTransform?
  /// Way in which images of other sizes are brought to that of the input, if the file or its origin says.
  public var imageSizing: ImageSizing?
  /// The values it gives.
  public var outputs: [String]
  /// The same with their shapes and meanings, as far as the layers show them.
  public var outputMeanings: [OutputDescription]
  /// Numbers in all parameters, statistics included.
  public var parameters: Int
  /// Multiply-accumulates for one sample.
  public var macs: Int
  /// Every layer, in order.
  public var layers: [Row]
  /// Every place where the network can be cut.
  public var cutPoints: [CutPoint]

  /// Looks at the network of a checkpoint.
  public init(_ checkpoint: Checkpoint) {
    let network = checkpoint.network
    inputTransform = checkpoint.inputTransform
    imageSizing = checkpoint.imageSizing
    name = network.name
    inputs = network.inputs
    outputs = network.outputs
    outputMeanings = network.outputDescriptions
    parameters = network.cost.parameters
    macs = network.cost.macs
    layers = network.nodes.map { node in
      let cost = network.cost(of: node)
      return Row(
        name: node.name, kind: node.kind, inputs: node.inputs,
        shape: network.shapes[node.name] ?? [], parameters: cost.parameters, macs: cost.macs)
    }
    cutPoints = network.cutPoints
  }
}
