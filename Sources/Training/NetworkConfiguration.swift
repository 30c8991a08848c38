internal import Checkpoints
public import Configurations
internal import Foundation
public import Networks
public import Splitting
public import Tensors

/// The `network` section of a recipe: a checkpoint, an architecture, blocks, or a head and a tail.
public struct NetworkConfiguration: Hashable, Codable, Sendable {
  /// A checkpoint of the whole network.
  public var checkpoint: String?
  /// The JSON description of a Keras checkpoint that holds weights only.
  public var configuration: String?
  /// The name of an architecture: alone for a new network, with a checkpoint for a PyTorch one.
  public var architecture: String?
  /// The blocks of a new network, in place of an architecture.
  public var blocks: BlockNetwork?
  /// The length of the logits of a new network; as many as the data set has classes unless given.
  public var classes: Int?
  /// Where the network is cut into head and tail.
  public var cut: String?
  /// A checkpoint of the head alone, as `cleave split` writes it.
  public var head: String?
  /// A checkpoint of the tail alone, or the address of a server that answers for it, such as
  /// `grpc://host:port`.
  public var tail: String?
  /// How the server of the tail is asked.
  public var tailAccess: TailAccess?
  /// What pixels go through first; the checkpoint's own unless given.
  public var input: InputTransform?
  /// Which layers become sparse, before anything is trained.
  public var sparsity: [SparsityRule]?
  /// How the parameters of a new network begin, if not as its layers say.
  public var initialize: ParameterBeginning?
  /// Whether the network of a checkpoint is to take images of the data set's size, where its layers
  /// allow any.
  public var adaptsSize: Bool?

  /// Creates a section.
  public init(
    checkpoint: String? = nil, architecture: String? = nil, classes: Int? = nil,
    cut: String? = nil, head: String? = nil, tail: String? = nil, input: InputTransform? = nil
  ) {
    self.checkpoint = checkpoint
    self.architecture = architecture
    self.classes = classes
    self.cut = cut
    self.head = head
    self.tail = tail
    self.input = input
  }

  /// The checkpoint files the section names.
  public var files: [String] {
    [checkpoint, head, tail].compactMap { $0 }.filter { !TailAddress.isAddress($0) }
  }

  /// Where the tail is served; nil if it is in a file or part of the network.
  ///
  /// - Throws: `TailAddressError`.
  func tailAddress() throws(TailAddressError) -> TailAddress? {
    guard let tail, TailAddress.isAddress(tail) else { return nil }
    return try TailAddress(tail)
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case checkpoint, configuration, architecture, blocks, classes, cut, head, tail, input, sparsity
    case initialize
    case adaptsSize = "adapt_size"
    case tailAccess = "tail_access"
  }
}

extension NetworkConfiguration: Validatable {
  /// Reports contradictory keys, unknown architectures and files that do not exist.
  public func validate(_ report: inout ValidationReport) {
    if (head == nil) != (tail == nil) {
      report.add(
        "expected both head and tail, or neither", at: head == nil ? "tail" : "head")
    }
    if head != nil {
      for (key, value) in [
        ("checkpoint", checkpoint), ("architecture", architecture), ("cut", cut),
        ("blocks", blocks.map { _ in "" }),
      ]
      where value != nil {
        report.add("cannot stand beside head and tail", at: key)
      }
    } else if checkpoint == nil, architecture == nil, blocks == nil {
      report.add("expected a checkpoint, an architecture, blocks, or a head and a tail")
    } else if blocks != nil, checkpoint != nil || architecture != nil {
      report.add("cannot stand beside a checkpoint or an architecture", at: "blocks")
    }
    if let architecture {
      do throws(NetworkError) { _ = try Architecture.named(architecture) } catch {
        report.add("\(error)", at: "architecture")
      }
    }
    if initialize != nil, checkpoint != nil || head != nil {
      report.add("goes with a new network", at: "initialize")
    }
    if sparsity != nil, head != nil {
      report.add("cannot stand beside head and tail", at: "sparsity")
    }
    if adaptsSize == true, checkpoint == nil {
      report.add("goes with a checkpoint", at: "adapt_size")
    }
    if let classes, classes < 1 {
      report.add("expected 1 or more, found \(classes)", at: "classes")
    }
    let isServed = tail.map(TailAddress.isAddress) ?? false
    do throws(TailAddressError) { _ = try tailAddress() } catch {
      report.add("\(error)", at: "tail")
    }
    if tailAccess != nil, !isServed {
      report.add("goes with a tail at an address", at: "tail_access", dependingOn: ["tail"])
    }
    for (key, path) in [
      ("checkpoint", checkpoint), ("configuration", configuration), ("head", head),
      ("tail", isServed ? nil : tail),
    ] {
      if let path, !FileManager.default.fileExists(atPath: path) {
        report.add("there is no file \(path)", at: key)
      }
    }
  }
}

/// What a network has to give for a data set.
public enum NetworkAnswers: Sendable {
  /// Logits of the classes of a sample.
  case classes
  /// Logits for every position of a sequence, `[length, classes]`.
  case positions
  /// Whatever the method makes of it.
  case anything
}

/// A network as a recipe names it, with the facts that belong to it.
public struct LoadedNetwork: Sendable {
  /// The whole network.
  public let network: Network
  /// What pixels go through first.
  public let inputTransform: InputTransform
  /// The names of the classes, if the checkpoint brings them.
  public let classNames: [String]?
}

/// A network in two parts, with the facts that belong to it.
public struct LoadedParts: Sendable {
  /// The part on the device.
  public let head: Network
  /// The part on the server.
  public let tail: Network
  /// What pixels go through first.
  public let inputTransform: InputTransform
  /// The names of the classes, if the checkpoint brings them.
  public let classNames: [String]?
}

extension NetworkConfiguration {
  /// Reads or builds the whole network.
  ///
  /// - Parameters:
  ///   - imageShape: `[height, width, channels]` of the data set.
  ///   - classCount: the classes of the data set.
  ///   - seed: begins the parameters of a network that is new.
  ///   - answers: what the network has to give.
  /// - Throws: `CheckpointError`, `NetworkError`, or ``SetupError`` if the parts do not fit the
  ///   data.
  public func load(
    imageShape: Shape, classCount: Int, seed: UInt64, answers: NetworkAnswers = .classes
  ) throws -> LoadedNetwork {
    func check(_ network: Network, of name: String) throws(SetupError) {
      try SetupError.checkInput(network, of: name, imageShape)
      switch answers {
      case .classes: try SetupError.checkOutput(network, of: name, classCount)
      case .positions: try SetupError.checkOutput(network, of: name, classCount, rank: 2)
      case .anything: break
      }
    }
    if let checkpoint {
      let read = try Checkpoint.read(
        checkpoint, architecture: architecture, classes: classes, configuration: configuration)
      let network = adaptsSize == true ? try read.network.taking(imageShape) : read.network
      let loaded = LoadedNetwork(
        network: try network.sparsified(sparsity ?? [], seed: seed),
        inputTransform: input ?? read.inputTransform ?? .identity,
        classNames: read.classNames)
      try check(loaded.network, of: checkpoint)
      return loaded
    }
    if head != nil {
      let parts = try loadParts(imageShape: imageShape, classCount: classCount)
      return LoadedNetwork(
        network: try parts.head.followed(by: parts.tail, name: "joined"),
        inputTransform: parts.inputTransform, classNames: parts.classNames)
    }
    let name = architecture ?? "blocks"
    var network =
      if let blocks {
        try blocks.network(classes: classes ?? classCount, inputShape: imageShape)
      } else {
        try Architecture.named(name)
          .network(classes: classes ?? classCount, inputShape: imageShape)
      }
    try check(network, of: name)
    network = try network.sparsified(sparsity ?? [], seed: seed)
    network.initializeParameters(seed: seed)
    try initialize?.apply(to: &network, seed: seed)
    return LoadedNetwork(
      network: network, inputTransform: input ?? .identity, classNames: nil)
  }

  /// Reads the network in two parts.
  ///
  /// - Throws: as ``load(imageShape:classCount:seed:)``, and `NetworkError` if the cut is not
  ///   valid.
  public func loadParts(imageShape: Shape, classCount: Int) throws -> LoadedParts {
    if let head, let tail {
      if let address = try tailAddress() { throw SetupError.tailIsServed(address) }
      let headFile = try Checkpoint.read(head)
      let tailFile = try Checkpoint.read(tail)
      guard headFile.network.outputShape == tailFile.network.inputs.first?.shape else {
        throw NetworkError.partsDoNotFit(
          expected: tailFile.network.inputs.first?.shape ?? [],
          found: headFile.network.outputShape)
      }
      try SetupError.checkInput(headFile.network, of: head, imageShape)
      try SetupError.checkOutput(tailFile.network, of: tail, classCount)
      return LoadedParts(
        head: headFile.network, tail: tailFile.network,
        inputTransform: input ?? headFile.inputTransform ?? .identity,
        classNames: tailFile.classNames ?? headFile.classNames)
    }
    guard let cut else { throw SetupError.cutNeeded }
    let whole = try load(imageShape: imageShape, classCount: classCount, seed: 0)
    let (head, tail) = try whole.network.cut(at: cut)
    return LoadedParts(
      head: head, tail: tail, inputTransform: whole.inputTransform, classNames: whole.classNames)
  }
}

/// Why a network and a data set do not go together.
public enum SetupError: Error, Equatable, CustomStringConvertible {
  /// A network that is split needs a cut.
  case cutNeeded
  /// The tail is served, and what is to be done needs its layers.
  case tailIsServed(TailAddress)
  /// The tail is served, and this build of the toolkit cannot reach it.
  case noConnector(TailAddress)
  /// What a method trained answers through a tail it does not own.
  case tailNeeded(method: String)
  /// The network takes other images than the data set has.
  case imageShape(network: String, expected: Shape, found: Shape)
  /// The data set has classes the network cannot predict.
  case classCount(network: String, logits: Int, classes: Int)
  /// The network's first output is not logits.
  case notAClassifier(network: String, output: Shape)
  /// A setting cannot be combined with another.
  case contradiction(String)

  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .cutNeeded:
      "the recipe's network needs a cut: give network.cut (`cleave inspect` lists the valid ones), "
        + "or network.head and network.tail"
    case .tailIsServed(let address):
      "the tail at \(address) is closed: it answers, and shows none of its layers, which this "
        + "needs; give the file of a tail, or use a method that keeps to a closed tail, such as salt"
    case .noConnector(let address):
      "this build cannot reach the tail at \(address): build it with "
        + "`swift build -c release --traits GRPC`"
    case .tailNeeded(let method):
      "\(method) does not own the server's part and does not say how it is reached, so that it "
        + "cannot be measured as a system"
    case .imageShape(let network, let expected, let found):
      "\(network) takes images of \(expected), the data set has \(found)"
    case .classCount(let network, let logits, let classes):
      "\(network) predicts \(logits) classes, the data set has \(classes)"
    case .notAClassifier(let network, let output):
      "\(network) gives \(output), expected the logits of classes"
    case .contradiction(let text): text
    }
  }

  package static func check(
    _ network: Network, of name: String, _ imageShape: Shape, _ classCount: Int
  ) throws(SetupError) {
    try checkInput(network, of: name, imageShape)
    try checkOutput(network, of: name, classCount)
  }

  static func checkInput(
    _ network: Network, of name: String, _ imageShape: Shape
  ) throws(SetupError) {
    let expected = network.inputs.first?.shape ?? []
    guard expected == imageShape else {
      throw .imageShape(network: name, expected: expected, found: imageShape)
    }
  }

  static func checkOutput(
    _ network: Network, of name: String, _ classCount: Int, rank: Int = 1
  ) throws(SetupError) {
    guard network.outputShape.rank == rank else {
      throw .notAClassifier(network: name, output: network.outputShape)
    }
    guard network.outputShape[-1] >= classCount else {
      throw .classCount(network: name, logits: network.outputShape[-1], classes: classCount)
    }
  }
}
