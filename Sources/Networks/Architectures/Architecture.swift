public import Tensors

/// The networks that can be built by name.
public struct Architecture: Sendable {
  /// The name in recipes and on the command line, such as `resnet20`.
  public let name: String

  /// The shape of a sample the published network takes.
  public let inputShape: Shape

  private let builder: @Sendable (Int, Shape) throws(NetworkError) -> Network

  /// Builds the network with its parameters zero.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`; the published one unless given.
  /// - Throws: ``NetworkError`` if the input does not fit.
  public func network(
    classes: Int, inputShape: Shape? = nil
  ) throws(NetworkError) -> Network {
    var network = try builder(classes, inputShape ?? self.inputShape)
    network.name = name
    return network
  }

  /// The architecture of a name.
  ///
  /// - Throws: ``NetworkError/unknownArchitecture(name:known:)``.
  public static func named(_ name: String) throws(NetworkError) -> Architecture {
    guard let found = all.first(where: { $0.name == name }) else {
      throw .unknownArchitecture(name: name, known: all.map(\.name))
    }
    return found
  }

  /// Every architecture; one line adds another.
  public static let all: [Architecture] =
    [8, 20, 32, 44, 56].map { depth in
      Architecture(name: "resnet\(depth)", inputShape: [32, 32, 3]) {
        (classes, shape) throws(NetworkError) in
        try ResNet.narrow(depth: depth, classes: classes, inputShape: shape)
      }
    }
    + [18, 34, 50].flatMap { depth in
      [
        Architecture(name: "resnet\(depth)", inputShape: [224, 224, 3]) {
          (classes, shape) throws(NetworkError) in
          try ResNet.wide(depth: depth, classes: classes, inputShape: shape, stem: .imagenet)
        },
        Architecture(name: "resnet\(depth)-cifar", inputShape: [32, 32, 3]) {
          (classes, shape) throws(NetworkError) in
          try ResNet.wide(depth: depth, classes: classes, inputShape: shape, stem: .cifar)
        },
      ]
    }
}
