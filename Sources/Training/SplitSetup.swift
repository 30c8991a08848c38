internal import Checkpoints
internal import Datasets
public import Networks
public import Splitting
public import Tensors

/// A split system as its client sees it: an open or closed head, a closed tail.
public struct SplitSetup: Sendable {
  /// The network on the device.
  public let head: Network
  /// The server's part.
  public let tail: any Tail
  /// What the server's part costs, as its owner says; `nil` if it does not.
  public let serverCost: Cost?
  /// What pixels go through before the head.
  public let inputTransform: InputTransform
  /// The names of the classes.
  public let classNames: [String]

  /// Creates a setup.
  public init(
    head: Network, tail: any Tail, serverCost: Cost?, inputTransform: InputTransform,
    classNames: [String]
  ) {
    self.head = head
    self.tail = tail
    self.serverCost = serverCost
    self.inputTransform = inputTransform
    self.classNames = classNames
  }
}

extension MethodSetting {
  /// Opens the recipe's head, and its tail behind the interface: in this process, or where it is
  /// served.
  ///
  /// - Throws: what keeps the parts from being read or from fitting the data set.
  public func openSplit() throws -> SplitSetup {
    let test = try data.test()
    if let head = network.head, let address = try network.tailAddress() {
      return try openSplit(head: head, tailAt: address, test)
    }
    let parts = try network.loadParts(for: test)
    note(parts.answers)
    if let classes = parts.classes { try data.expect(classes) }
    return SplitSetup(
      head: parts.head, tail: LocalTail(parts.tail), serverCost: parts.tail.cost,
      inputTransform: parts.inputTransform, classNames: try data.test().classNames)
  }

  /// Opens a head, and reaches the tail that is served for it.
  private func openSplit(
    head: String, tailAt address: TailAddress, _ test: ImageDataset
  ) throws -> SplitSetup {
    guard let tails else { throw SetupError.noConnector(address) }
    let file = try Checkpoint.read(head)
    try SetupError.checkInput(file.network, of: head, test.imageShape)
    let observer = observer
    let served = try tails.connect(to: address, network.tailAccess ?? TailAccess()) {
      observer.noted($0)
    }
    guard file.network.outputShape == served.tail.latentShape else {
      throw NetworkError.partsDoNotFit(
        expected: served.tail.latentShape, found: file.network.outputShape)
    }
    let classes = try SetupError.classList(
      names: network.classNames ?? file.classNames, owner: "\(address)",
      outputs: served.tail.classCount)
    try SetupError.checkClasses(of: test, are: classes)
    try data.expect(classes)
    return SplitSetup(
      head: file.network, tail: served.tail, serverCost: served.cost,
      inputTransform: network.input ?? file.inputTransform ?? .identity,
      classNames: try data.test().classNames)
  }
}
