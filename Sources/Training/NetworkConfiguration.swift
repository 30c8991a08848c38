internal import Checkpoints
public import Configurations
public import Datasets
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
  /// `[height, width, channels]` of the images that go into the network of a checkpoint, in place of
  /// what the file says or leaves open; those of the data set unless given.
  public var inputShape: Shape?
  /// The blocks of a new network, in place of an architecture.
  public var blocks: BlockNetwork?
  /// The length of the logits of a new network; as many as the data set has classes unless given.
  public var classes: Int?
  /// The names of the classes in the order of the network's outputs; the checkpoint's own unless given.
  public var classNames: [String]?
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
  /// Which output of a checkpoint is measured, and what its numbers mean.
  public var outputs: OutputChoice?
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

  /// Way of sizing images for the network's input, as its checkpoint has it; nil for a new
  /// network, and if the file does not say or cannot be read.
  package var imageSizing: ImageSizing? {
    guard let path = checkpoint ?? head else { return nil }
    return try? Checkpoint.imageSizing(of: path) ?? nil
  }

  /// Where the tail is served; nil if it is in a file or part of the network.
  ///
  /// - Throws: `TailAddressError`.
  func tailAddress() throws(TailAddressError) -> TailAddress? {
    guard let tail, TailAddress.isAddress(tail) else { return nil }
    return try TailAddress(tail)
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case checkpoint, configuration, architecture, blocks, classes, cut, head, tail, input, outputs
    case sparsity, initialize
    case classNames = "class_names"
    case adaptsSize = "adapt_size"
    case inputShape = "input_shape"
    case tailAccess = "tail_access"
  }
}

extension NetworkConfiguration: Validatable {
  /// Reports contradictory keys, unknown architectures and files that do not exist.
  public func validate(_ report: inout ValidationReport) {
    let isServed = tail.map(TailAddress.isAddress) ?? false
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
    if outputs != nil, checkpoint == nil, head == nil || isServed {
      report.add(
        isServed
          ? "cannot stand beside a served tail, whose server says what its answers mean"
          : "goes with a checkpoint, or with a head and a tail", at: "outputs")
    }
    if let inputShape {
      if !Checkpoint.isInputShape(inputShape.dimensions) {
        report.add(
          "expected \(Checkpoint.inputShapeWords), found \(inputShape)", at: "input_shape")
      }
      if checkpoint == nil { report.add("goes with a checkpoint", at: "input_shape") }
    }
    if let classes, classes < 1 {
      report.add("expected 1 or more, found \(classes)", at: "classes")
    }
    if let classNames {
      if classNames.isEmpty { report.add("expected at least one name", at: "class_names") }
      if checkpoint == nil, head == nil {
        report.add(
          "goes with a checkpoint, or with a head and a tail: the outputs of a new network have the "
            + "names of the data set's classes", at: "class_names")
      }
    }
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
  /// The whole network; where classes are asked for, its first output is their logits.
  public let network: Network
  /// The way back to the outputs of the checkpoint, if classes are asked for.
  public let answers: ClassAnswers?
  /// What pixels go through first.
  public let inputTransform: InputTransform
  /// The classes of its outputs, if a checkpoint brings the network; those of a new one are the data
  /// set's.
  public let classes: ClassList?
}

/// A network in two parts, with the facts that belong to it.
public struct LoadedParts: Sendable {
  /// The part on the device.
  public let head: Network
  /// The part on the server, whose first output is the logits of classes.
  public let tail: Network
  /// The way back to the outputs of the checkpoint.
  public let answers: ClassAnswers?
  /// What pixels go through first.
  public let inputTransform: InputTransform
  /// The classes of the tail's outputs, if a checkpoint brings the network.
  public let classes: ClassList?
}

extension NetworkConfiguration {
  /// Reads or builds the whole network.
  ///
  /// - Parameters:
  ///   - dataset: the images it is for.
  ///   - seed: begins the parameters of a network that is new.
  ///   - answers: what the network has to give.
  /// - Throws: `CheckpointError`, `NetworkError`, or ``SetupError`` if the parts do not fit the
  ///   data.
  public func load(
    for dataset: ImageDataset, seed: UInt64, answers: NetworkAnswers = .classes
  ) throws -> LoadedNetwork {
    func check(_ network: Network, of name: String) throws(SetupError) {
      try SetupError.checkInput(network, of: name, dataset.imageShape)
      switch answers {
      case .classes: try SetupError.checkOutput(network, of: name, rank: 1)
      case .positions: try SetupError.checkOutput(network, of: name, rank: 2)
      case .anything: break
      }
    }
    if let checkpoint {
      let read = try Checkpoint.read(
        checkpoint, architecture: architecture, classes: classes, inputShape: inputShape,
        imageShape: dataset.imageShape, adaptsSize: adaptsSize == true,
        configuration: configuration)
      var network = try read.network.sparsified(sparsity ?? [], seed: seed)
      let classAnswers =
        answers == .anything ? nil : try self.answers(of: network, for: dataset)
      network = classAnswers?.network ?? network
      // Tasks take logits, too, and their losses make probabilities of them.
      if answers == .anything,
        outputs != nil || network.outputDescriptions[0].meaning == .probabilities
      {
        network = try ClassAnswers(of: network, outputs ?? OutputChoice()).network
      }
      try check(network, of: checkpoint)
      return LoadedNetwork(
        network: network, answers: classAnswers,
        inputTransform: input ?? read.inputTransform ?? .identity,
        classes: try classList(
          of: network, in: checkpoint, names: read.classNames, for: dataset, answers))
    }
    if head != nil {
      let parts = try loadParts(for: dataset)
      return LoadedNetwork(
        network: try parts.head.followed(by: parts.tail, name: "joined"),
        answers: parts.answers, inputTransform: parts.inputTransform, classes: parts.classes)
    }
    let name = architecture ?? "blocks"
    let classCount = dataset.classNames.count
    var network =
      if let blocks {
        try blocks.network(classes: classes ?? classCount, inputShape: dataset.imageShape)
      } else {
        try Architecture.named(name)
          .network(classes: classes ?? classCount, inputShape: dataset.imageShape)
      }
    try check(network, of: name)
    if answers != .anything, network.outputShape[-1] < classCount {
      throw SetupError.classes(
        ClassMismatch(
          expected: ClassList(owner: name, names: nil, count: network.outputShape[-1]),
          found: try dataset.classList(), unknown: []))
    }
    network = try network.sparsified(sparsity ?? [], seed: seed)
    network.initializeParameters(seed: seed)
    try initialize?.apply(to: &network, seed: seed)
    return LoadedNetwork(
      network: network, answers: nil, inputTransform: input ?? .identity, classes: nil)
  }

  /// Reads the network in two parts.
  ///
  /// - Throws: as ``load(for:seed:answers:)``, and `NetworkError` if the cut is not valid.
  public func loadParts(for dataset: ImageDataset) throws -> LoadedParts {
    if let head, let tail {
      if let address = try tailAddress() { throw SetupError.tailIsServed(address) }
      let headFile = try Checkpoint.read(head, imageShape: dataset.imageShape)
      let tailFile = try Checkpoint.read(tail, imageShape: headFile.network.outputShape)
      guard headFile.network.outputShape == tailFile.network.inputs.first?.shape else {
        throw NetworkError.partsDoNotFit(
          expected: tailFile.network.inputs.first?.shape ?? [],
          found: headFile.network.outputShape)
      }
      try SetupError.checkInput(headFile.network, of: head, dataset.imageShape)
      let answers = try answers(of: tailFile.network, for: dataset)
      try SetupError.checkOutput(answers.network, of: tail, rank: 1)
      if let names = tailFile.classNames, let others = headFile.classNames {
        do throws(ClassMismatch) {
          _ = try ClassMatching(
            ClassList(owner: head, names: others), to: ClassList(owner: tail, names: names))
        } catch { throw SetupError.classes(error) }
      }
      return LoadedParts(
        head: headFile.network, tail: answers.network, answers: answers,
        inputTransform: input ?? headFile.inputTransform ?? .identity,
        classes: try classList(
          of: answers.network, in: tail, names: tailFile.classNames ?? headFile.classNames,
          for: dataset, .classes))
    }
    guard let cut else { throw SetupError.cutNeeded }
    let whole = try load(for: dataset, seed: 0)
    let (head, tail) = try whole.network.cut(at: cut)
    return LoadedParts(
      head: head, tail: tail, answers: whole.answers, inputTransform: whole.inputTransform,
      classes: whole.classes)
  }

  /// The classes of a network's outputs, once it is clear that those of a data set are among them.
  ///
  /// - Parameter names: those that the file brings.
  private func classList(
    of network: Network, in file: String, names: [String]?, for dataset: ImageDataset,
    _ answers: NetworkAnswers
  ) throws -> ClassList? {
    let outputs = network.outputShape
    if answers == .anything, outputs.rank != 1 || names?.count ?? 0 > outputs[-1] { return nil }
    let list = try SetupError.classList(
      names: classNames ?? names, owner: classNames == nil ? file : "network.class_names",
      outputs: outputs[-1])
    if answers != .anything { try SetupError.checkClasses(of: dataset, are: list) }
    return list
  }

  /// The logits of a checkpoint's network, and the way back.
  private func answers(of network: Network, for dataset: ImageDataset) throws -> ClassAnswers {
    try ClassAnswers(
      of: network, outputs ?? OutputChoice(), classCount: dataset.classNames.count)
  }

  /// The deployed form of a server's part: its answers are given as the recipe's checkpoint gives
  /// them, and `meaning` says what they are; logits without a checkpoint.
  ///
  /// - Throws: what keeps the checkpoint from being read.
  package func deployed(
    _ server: Network, for dataset: ImageDataset
  ) throws -> (network: Network, meaning: OutputMeaning, measured: String) {
    guard !files.isEmpty else { return (server, .logits, server.outputs[0]) }
    let answers = try load(for: dataset, seed: 0).answers
    let restored = try answers?.restored(in: server) ?? server
    guard let answers, restored.outputs.contains(answers.measured) else {
      return (server, .logits, server.outputs[0])
    }
    return (restored, answers.meaning, answers.measured)
  }
}
