public import Networks
public import Tensors

/// How a convolution of a network is computed.
public struct ConvolutionChoice: Codable, Sendable {
  /// The node.
  public var name: String
  /// `[height, width, channels]` of its input.
  public var input: Shape
  /// `[height, width, channels]` of its output.
  public var output: Shape
  /// Height and width of the window.
  public var kernel: [Int]
  /// The step between windows, down and across.
  public var stride: [Int]
  /// The channels' groups.
  public var groups: Int
  /// The way it is computed: `pointwise`, `depthwise`, `winograd 4×4`, `winograd 2×2` or `patches`.
  public var algorithm: String
  /// Multiply-accumulates for one image.
  public var macs: Int

  /// The choices for all convolutions of a network, for batches of a size.
  public static func all(in network: Network, batchSize: Int) -> [ConvolutionChoice] {
    network.nodes.compactMap { node in
      guard let layer = node.layer as? ConvolutionLayer,
        let input = network.shapes[node.inputs[0]], let output = network.shapes[node.name]
      else { return nil }
      return ConvolutionChoice(
        name: node.name, input: input, output: output,
        kernel: [layer.kernel.height, layer.kernel.width],
        stride: [layer.stride.height, layer.stride.width], groups: layer.groups,
        algorithm: layer.geometry(input, batch: batchSize).algorithm.rawValue,
        macs: network.cost(of: node).macs)
    }
  }
}
