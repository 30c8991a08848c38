public import Tensors

/// The depth network of NaviSplit, and the narrow ways through it that are its branches.
///
/// Eleven blocks of a convolution, a norm and SELU: four that halve the image (32, 64, 128 and 256
/// channels), three that are dilated, four that double it (128, 64, 32 and 32); then two convolutions
/// and a sigmoid. Source: WoWMoM 2024, https://arxiv.org/abs/2406.13086.
public enum DepthNetwork {
  /// What a block's values are normalised by.
  public enum Normalization: String, Codable, CaseIterable, Sendable {
    /// Groups of channels of each image, 32 of them.
    case group
    /// Each channel over the batch.
    case batch
  }

  /// The name of the network's answer: depth over the largest there is, `[height, width, 1]`.
  public static let answer = "depth"

  /// What the names of the nodes of branches begin with.
  public static let branchPrefix = "branches"

  /// The channels after the four blocks that halve the image.
  private static let widths = [32, 64, 128, 256]
  /// The dilations of the blocks in between.
  private static let dilations = [2, 4, 2]
  /// The channels after the blocks that double it.
  private static let decoderWidths = [128, 64, 32, 32]
  private static let groups = 32

  /// The value that a block gives.
  static func output(ofBlock block: Int) -> String { "block\(block).selu" }

  /// The network for images of a shape.
  ///
  /// Deviation: extents that are not multiples of 16 are doubled to those of the block that halved them,
  /// by a row or column more, so that the answer has the image's.
  ///
  /// - Throws: ``NetworkError`` if the image is too small.
  public static func network(
    _ normalization: Normalization, inputShape: Shape
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(shape: inputShape)
    var extents = [inputShape]
    var value = "input"
    var channels = inputShape.dimensions.last ?? 0
    func block(_ index: Int, _ layer: any Layer, _ width: Int) {
      value = builder.add("block\(index).conv", layer, after: value)
      value = builder.add("block\(index).norm", norm(normalization, width), after: value)
      value = builder.add(output(ofBlock: index), ActivationLayer(.selu), after: value)
      channels = width
    }
    for (index, width) in widths.enumerated() {
      let last = extents.last ?? inputShape
      guard last.rank == 3 else { break }
      extents.append([last[0] / 2, last[1] / 2, width])
      block(
        index + 1, ConvolutionLayer(channels, width, kernel: 4, stride: 2, padding: .all(1)), width)
    }
    for (index, dilation) in dilations.enumerated() {
      block(
        index + 5,
        ConvolutionLayer(
          channels, channels, kernel: 3, padding: .all(dilation), dilation: Extent2D(dilation)),
        channels)
    }
    for (index, width) in decoderWidths.enumerated() where extents.count > 1 {
      let current = extents.removeLast()
      let target = extents.last ?? current
      block(
        index + 8,
        TransposedConvolutionLayer(
          channels, width, kernel: 4, stride: 2, padding: EdgePadding(1),
          outputPadding: Extent2D(
            height: target[0] - 2 * current[0], width: target[1] - 2 * current[1])), width)
    }
    value = builder.add(
      "output.conv1", ConvolutionLayer(channels, 32, kernel: 3, padding: .all(1)), after: value)
    value = builder.add("output.selu", ActivationLayer(.selu), after: value)
    value = builder.add("output.conv2", ConvolutionLayer(32, 1, kernel: 1), after: value)
    value = builder.add(answer, ActivationLayer(.sigmoid), after: value)
    return try builder.network(name: "navisplit-depth", outputs: [value])
  }

  /// Deviation: a group norm of fewer channels than groups has one group, as a group of one channel
  /// would lose what tells near from far in it.
  private static func norm(_ normalization: Normalization, _ channels: Int) -> any Layer {
    switch normalization {
    case .batch: BatchNormalizationLayer(channels)
    case .group:
      GroupNormalizationLayer(
        groups: channels % groups == 0 ? groups : 1, channels: channels)
    }
  }

  // MARK: - Branches

  /// A narrow way through the network.
  public struct Branch: Hashable, Codable, Sendable {
    /// The block whose output is narrow, 1 to 3.
    public var after: Int
    /// The channels of that output.
    public var channels: Int

    package enum CodingKeys: String, CodingKey, CaseIterable { case after, channels }

    /// Describes a branch.
    public init(after: Int, channels: Int) {
      self.after = after
      self.channels = channels
    }

    /// What it is called: `after3x8`.
    public var name: String { "after\(after)x\(channels)" }

    private var prefix: String { "\(DepthNetwork.branchPrefix).\(name)" }

    /// The value that is sent.
    public var latent: String { "\(prefix).\(DepthNetwork.output(ofBlock: after))" }

    /// The value that holds its answer.
    public var answer: String { "\(prefix).\(DepthNetwork.answer)" }

    /// The blocks that are new: the one that gives the narrow output, and the one that reads it.
    public var replaced: [String] { [after, after + 1].map { "\(prefix).block\($0)" } }

    /// All that is the branch's own.
    public var all: String { prefix }

    /// The name of the branch's copy of a node.
    func own(_ node: String) -> String { "\(prefix).\(node)" }
  }

  /// The branches of a network, in its order.
  public static func branches(of network: Network) -> [Branch] {
    network.outputs.compactMap { output in
      let parts = output.split(separator: ".")
      guard parts.count == 3, parts[0] == branchPrefix, parts[2] == answer,
        parts[1].hasPrefix("after")
      else { return nil }
      let numbers = parts[1].dropFirst(5).split(separator: "x").compactMap { Int($0) }
      return numbers.count == 2 ? Branch(after: numbers[0], channels: numbers[1]) : nil
    }
  }

  /// The network with branches: each reads what comes before its narrow block, and has all behind it for
  /// itself, with the parent's parameters where shapes are the parent's.
  ///
  /// - Parameter seed: begins the parameters that are new.
  /// - Throws: ``NetworkError/unknownNode(name:known:)`` if the network is not of this kind.
  public static func attaching(
    _ branches: [Branch], to parent: Network, seed: UInt64
  ) throws(NetworkError) -> Network {
    var nodes = parent.nodes
    var parameters = parent.parameters
    for branch in branches {
      let first = try parent.resolve("block\(branch.after).conv")
      guard let start = parent.nodes.firstIndex(where: { $0.name == first }) else { continue }
      let copied = parent.nodes[start...]
      let names = Set(copied.map(\.name))
      for node in copied {
        let layer = narrowed(node, branch)
        let copy = Node(
          branch.own(node.name), layer,
          inputs: node.inputs.map { names.contains($0) ? branch.own($0) : $0 })
        nodes.append(copy)
        for specification in layer.parameters {
          let path = "\(copy.name).\(specification.name)"
          if let value = parent.parameters["\(node.name).\(specification.name)"],
            value.shape == specification.shape
          {
            parameters[path] = value
          } else {
            var random = RandomSource(seed: seed, purpose: path)
            parameters[path] = specification.initializer.tensor(
              specification.shape, using: &random)
          }
        }
      }
    }
    return try Network(
      name: parent.name, inputs: parent.inputs, nodes: nodes,
      outputs: parent.outputs + branches.map(\.answer), parameters: parameters)
  }

  private static func narrowed(_ node: Node, _ branch: Branch) -> any Layer {
    if node.name == "block\(branch.after).conv", var layer = node.layer as? ConvolutionLayer {
      layer.outputChannels = branch.channels
      return layer
    }
    if node.name == "block\(branch.after).norm" {
      return norm(node.layer is BatchNormalizationLayer ? .batch : .group, branch.channels)
    }
    if node.name == "block\(branch.after + 1).conv", var layer = node.layer as? ConvolutionLayer {
      layer.inputChannels = branch.channels
      return layer
    }
    return node.layer
  }

  /// What runs on the device for a branch, from an image to its latent, and what runs on the server,
  /// from there to depth.
  ///
  /// - Throws: ``NetworkError`` if the network has no such branch.
  public static func parts(
    of branch: Branch, in network: Network
  ) throws(NetworkError) -> (device: Network, server: Network) {
    let parts = try network.with(outputs: [branch.answer]).cut(at: branch.latent)
    return (parts.head, parts.tail)
  }
}
