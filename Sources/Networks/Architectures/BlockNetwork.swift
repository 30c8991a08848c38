public import Configurations
public import Tensors

/// A network of stages of mobile blocks, each of a chosen ``BlockOperation``, that a stage may end in
/// a bottleneck: the space that architectures are searched in.
///
/// The shape behind a block does not depend on its operation. In a recipe:
///
///     blocks:
///       stem: 16
///       stages:
///         - {channels: 16, stride: 2, operations: [k3_e1, k5_e3]}
///         - {channels: 32, stride: 2, operations: [k3_e6, skip], bottleneck: 0.25}
///       header: 128
///
/// Blocks are FBNet's: Wu and others 2019, https://arxiv.org/abs/1812.03443, figure 3.
/// Deviation: channels are not shuffled between the convolutions of a block in groups.
public struct BlockNetwork: Hashable, Codable, Sendable {
  /// Blocks of one number of channels.
  public struct Stage: Hashable, Sendable {
    /// The channels behind every block.
    public var channels: Int
    /// The stride of the first block.
    public var stride: Int
    /// What each block computes.
    public var operations: [BlockOperation]
    /// The share of the channels that is left at the stage's end; 1 for no bottleneck.
    public var bottleneck: Double

    /// Creates a stage.
    public init(
      channels: Int, stride: Int = 1, operations: [BlockOperation], bottleneck: Double = 1
    ) {
      self.channels = channels
      self.stride = stride
      self.operations = operations
      self.bottleneck = bottleneck
    }

    /// The channels a bottleneck of a share leaves.
    public func narrowChannels(_ share: Double) -> Int {
      max(1, Int((share * Double(channels)).rounded()))
    }
  }

  /// The channels of the first convolution, 3×3.
  public var stem: Int
  /// Its stride.
  public var stemStride: Int
  /// The stages.
  public var stages: [Stage]
  /// The channels of the last convolution, 1×1; none if nil.
  public var header: Int?

  /// Creates a description.
  public init(stem: Int = 16, stemStride: Int = 1, stages: [Stage], header: Int? = nil) {
    self.stem = stem
    self.stemStride = stemStride
    self.stages = stages
    self.header = header
  }

  /// How many blocks there are.
  public var blockCount: Int { stages.reduce(0) { $0 + $1.operations.count } }
}

// MARK: - The network

extension BlockNetwork {
  /// A part of the network that is there or not as a whole: what times are measured of.
  public struct Part: Hashable, Sendable {
    /// What its nodes' names begin with, such as `stages.1.2.k3_e6`.
    public let prefix: String
    /// The value behind it.
    public let value: String
  }

  /// The network with names of its parts.
  public struct Built: Sendable {
    /// The network, its parameters zero.
    public let network: Network
    /// The parts in order: stem, blocks, halves of bottlenecks, header and classifier.
    public let parts: [Part]
    /// For each block, the index of the part behind which the network can be cut there: where the
    /// stage ends in a bottleneck, its first half.
    public let cuts: [Int]
  }

  /// Builds the network.
  ///
  /// Names tell the choice (`stages.1.2.k3_e6.depthwise.conv`), so that networks of different choices
  /// share the parameters of what they have in common and nothing else.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  /// - Throws: ``NetworkError`` if the input is too small or groups do not divide channels.
  public func built(classes: Int, inputShape: Shape) throws(NetworkError) -> Built {
    var walk = Walk(inputShape)
    walk.stem(stem, stride: stemStride)
    for (number, stage) in stages.enumerated() {
      walk.stage(
        stage, number + 1, operations: stage.operations.map { [$0] }, shares: [stage.bottleneck])
    }
    return try walk.end(header: header, classes: classes)
  }

  /// The network of all choices at once, of which every network of a choice has its parameters.
  ///
  /// Every operation of a block reads what is before it, and their sum is behind it; the same goes for
  /// the bottlenecks of a stage. It is there to hold, train and save parameters by their paths, not to
  /// be run.
  ///
  /// - Parameters:
  ///   - operations: what each block may compute, in place of its own operation.
  ///   - bottlenecks: the shares of channels a stage may leave.
  /// - Throws: as ``built(classes:inputShape:)``.
  public func union(
    of operations: [BlockOperation], bottlenecks: [Double], classes: Int, inputShape: Shape
  ) throws(NetworkError) -> Network {
    var walk = Walk(inputShape)
    walk.stem(stem, stride: stemStride)
    for (number, stage) in stages.enumerated() {
      walk.stage(
        stage, number + 1, operations: stage.operations.map { _ in operations }, shares: bottlenecks
      )
    }
    return try walk.end(header: header, classes: classes).network
  }

  /// The network alone, its parameters zero.
  ///
  /// - Throws: as ``built(classes:inputShape:)``.
  public func network(classes: Int, inputShape: Shape) throws(NetworkError) -> Network {
    try built(classes: classes, inputShape: inputShape).network
  }
}

/// Builds a network from its stem to its classifier, with one choice in every place or several, whose
/// sum goes on.
private struct Walk {
  private var builder: NetworkBuilder
  private var value = "input"
  private var channels: Int
  private var parts: [BlockNetwork.Part] = []
  private var cuts: [Int] = []

  init(_ inputShape: Shape) {
    builder = NetworkBuilder(shape: inputShape)
    channels = inputShape[2]
  }

  mutating func stem(_ outputs: Int, stride: Int) {
    value = builder.activated(
      "stem", after: value, channels, outputs, kernel: 3, stride: stride)
    channels = outputs
    parts.append(BlockNetwork.Part(prefix: "stem", value: value))
  }

  /// - Parameters:
  ///   - operations: of each block.
  ///   - shares: of the channels that are left at the end.
  mutating func stage(
    _ stage: BlockNetwork.Stage, _ number: Int, operations: [[BlockOperation]], shares: [Double]
  ) {
    let name = "stages.\(number)"
    for (index, choices) in operations.enumerated() {
      let block = "\(name).\(index + 1)"
      let values = choices.map { operation in
        let prefix = "\(block).\(operation)"
        let behind = builder.block(
          operation, prefix, after: value, channels, stage.channels,
          stride: index == 0 ? stage.stride : 1)
        parts.append(BlockNetwork.Part(prefix: prefix, value: behind))
        return behind
      }
      value = sum(values, "\(block).sum")
      channels = stage.channels
      cuts.append(parts.count - 1)
    }
    let widths = Set(shares.map(stage.narrowChannels)).sorted()
    let values = widths.map { narrow -> String in
      guard narrow < channels else { return value }
      let (narrowed, widened) = bottleneck("\(name).bottleneck.c\(narrow)", narrow)
      if !operations.isEmpty { cuts[cuts.count - 1] = narrowed }
      return widened
    }
    value = sum(values, "\(name).bottleneck.sum")
  }

  /// The part behind which a bottleneck is cut, and the value behind all of it.
  private mutating func bottleneck(
    _ prefix: String, _ narrow: Int
  ) -> (narrowed: Int, widened: String) {
    let narrowed = builder.convolution(
      "\(prefix).narrow.conv", "\(prefix).narrow.bn", after: value, channels, narrow, kernel: 1)
    parts.append(BlockNetwork.Part(prefix: "\(prefix).narrow", value: narrowed))
    let widened = builder.activated(
      "\(prefix).widen", after: narrowed, narrow, channels, kernel: 1)
    parts.append(BlockNetwork.Part(prefix: "\(prefix).widen", value: widened))
    return (parts.count - 2, widened)
  }

  private mutating func sum(_ values: [String], _ name: String) -> String {
    values.count > 1 ? builder.add(name, AddLayer(), inputs: values) : values[0]
  }

  mutating func end(
    header: Int?, classes: Int
  ) throws(NetworkError) -> BlockNetwork.Built {
    if let header {
      value = builder.activated("header", after: value, channels, header, kernel: 1)
      channels = header
      parts.append(BlockNetwork.Part(prefix: "header", value: value))
    }
    value = builder.add("classifier.pool", GlobalAveragePoolLayer(), after: value)
    value = builder.add("classifier.linear", LinearLayer(channels, classes), after: value)
    parts.append(BlockNetwork.Part(prefix: "classifier", value: value))
    return BlockNetwork.Built(
      network: try builder.network(name: "blocks", outputs: [value]), parts: parts, cuts: cuts)
  }
}

extension NetworkBuilder {
  /// A convolution, a batch norm and a ReLU.
  fileprivate mutating func activated(
    _ name: String, after input: String, _ inputs: Int, _ outputs: Int, kernel: Int,
    stride: Int = 1, groups: Int = 1
  ) -> String {
    let value = convolution(
      "\(name).conv", "\(name).bn", after: input, inputs, outputs, kernel: kernel, stride: stride,
      groups: groups)
    return add("\(name).relu", ActivationLayer(.relu), after: value)
  }

  fileprivate mutating func block(
    _ operation: BlockOperation, _ name: String, after input: String, _ inputs: Int,
    _ outputs: Int, stride: Int
  ) -> String {
    let keepsShape = stride == 1 && inputs == outputs
    guard case .inverted(let kernel, let expansion, let groups) = operation else {
      if keepsShape { return input }
      return activated(name, after: input, inputs, outputs, kernel: 1, stride: stride)
    }
    let expanded = expansion * inputs
    var value = activated(
      "\(name).expand", after: input, inputs, expanded, kernel: 1, groups: groups)
    value = activated(
      "\(name).depthwise", after: value, expanded, expanded, kernel: kernel, stride: stride,
      groups: expanded)
    value = convolution(
      "\(name).project.conv", "\(name).project.bn", after: value, expanded, outputs, kernel: 1,
      groups: groups)
    return keepsShape ? add("\(name).add", AddLayer(), inputs: [input, value]) : value
  }
}

// MARK: - Recipes

extension BlockNetwork.Stage: Codable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case channels, stride, layers, operations, bottleneck
  }

  /// Reads a stage: `operations`, or `layers` for so many `k3_e3`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let channels = try container.decode(Int.self, forKey: .channels)
    let stride = try container.decodeIfPresent(Int.self, forKey: .stride) ?? 1
    let layers = try container.decodeIfPresent(Int.self, forKey: .layers)
    let operations = try container.decodeIfPresent([BlockOperation].self, forKey: .operations)
    let bottleneck = try container.decodeIfPresent(Double.self, forKey: .bottleneck) ?? 1
    if let layers, let operations, layers != operations.count {
      throw DecodingError.dataCorruptedError(
        forKey: .layers, in: container,
        debugDescription: "expected operations or layers, found \(operations.count) operations "
          + "and \(layers) layers")
    }
    let count = min(max(layers ?? 0, 0), BlockNetwork.mostLayers + 1)
    self.init(
      channels: channels, stride: stride,
      operations: operations
        ?? Array(repeating: .inverted(kernel: 3, expansion: 3, groups: 1), count: count),
      bottleneck: bottleneck)
  }

  /// Writes a stage with its operations.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(channels, forKey: .channels)
    try container.encode(stride, forKey: .stride)
    try container.encode(operations, forKey: .operations)
    if bottleneck != 1 { try container.encode(bottleneck, forKey: .bottleneck) }
  }
}

extension BlockNetwork.Stage: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    if !(1...8192).contains(channels) {
      report.add("expected 1 to 8192, found \(channels)", at: "channels")
    }
    if !(1...4).contains(stride) { report.add("expected 1 to 4, found \(stride)", at: "stride") }
    if operations.isEmpty {
      report.add("expected operations, or layers of at least 1")
    } else if operations.count > BlockNetwork.mostLayers {
      report.add("expected at most \(BlockNetwork.mostLayers) layers in a stage")
    }
    if !(bottleneck > 0 && bottleneck <= 1) {
      report.add("expected a share above 0, at most 1, found \(bottleneck)", at: "bottleneck")
    }
  }
}

extension BlockNetwork: Validatable {
  fileprivate static let mostLayers = 64

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case stem
    case stemStride = "stem_stride"
    case stages, header
  }

  /// Reads a description.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      stem: try container.decodeIfPresent(Int.self, forKey: .stem) ?? 16,
      stemStride: try container.decodeIfPresent(Int.self, forKey: .stemStride) ?? 1,
      stages: try container.decode([Stage].self, forKey: .stages),
      header: try container.decodeIfPresent(Int.self, forKey: .header))
  }

  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    if !(1...8192).contains(stem) { report.add("expected 1 to 8192, found \(stem)", at: "stem") }
    if !(1...4).contains(stemStride) {
      report.add("expected 1 to 4, found \(stemStride)", at: "stem_stride")
    }
    if !(1...32).contains(stages.count) {
      report.add("expected 1 to 32 stages, found \(stages.count)", at: "stages")
    }
    if let header, !(1...8192).contains(header) {
      report.add("expected 1 to 8192, found \(header)", at: "header")
    }
  }
}
