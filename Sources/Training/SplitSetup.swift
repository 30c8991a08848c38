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
    let observer = observer
    let served = try network.openServed(
      imageShape: test.imageShape, classCount: test.classNames.count, through: tails
    ) { observer.noted($0) }
    if let served {
      return SplitSetup(
        head: served.head.network, tail: served.served.tail, serverCost: served.served.cost,
        inputTransform: network.input ?? served.head.inputTransform ?? .identity,
        classNames: test.classNames)
    }
    let parts = try network.loadParts(
      imageShape: test.imageShape, classCount: test.classNames.count)
    return SplitSetup(
      head: parts.head, tail: LocalTail(parts.tail), serverCost: parts.tail.cost,
      inputTransform: parts.inputTransform, classNames: test.classNames)
  }
}
