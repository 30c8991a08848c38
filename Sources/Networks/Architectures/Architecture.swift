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

  /// The names that other libraries, torchvision above all, give some of the architectures.
  public static let aliases: [String: String] = [
    "densenet_121": "densenet121",
    "efficientnet_b0": "efficientnet-b0",
    "efficientnet_lite0": "efficientnet-lite0",
    "mobilenet_v1": "mobilenetv1",
    "mobilenet_v2": "mobilenetv2",
    "mobilenet_v3_small": "mobilenetv3-small",
    "swin_t": "swin-t",
    "vgg16_bn": "vgg16-bn",
  ]

  /// The architecture of a name, or of a name that another library gives it.
  ///
  /// - Throws: ``NetworkError/unknownArchitecture(name:known:)``.
  public static func named(_ name: String) throws(NetworkError) -> Architecture {
    let own = aliases[name] ?? name
    guard
      let found = all.first(where: { $0.name == own })
        ?? MultilayerPerceptron.architecture(named: own)
    else {
      throw .unknownArchitecture(name: name, known: all.map(\.name) + ["mlp-40-40"])
    }
    return found
  }

  /// Every architecture; one line adds another.
  public static let all: [Architecture] =
    [8, 20, 32, 44, 56].map { depth in
      Architecture("resnet\(depth)", [32, 32, 3]) { (classes, shape) throws(NetworkError) in
        try ResNet.narrow(depth: depth, classes: classes, inputShape: shape)
      }
    }
    + [18, 34, 50].flatMap { depth in
      [
        Architecture("resnet\(depth)") { (classes, shape) throws(NetworkError) in
          try ResNet.wide(depth: depth, classes: classes, inputShape: shape, stem: .imagenet)
        },
        Architecture("resnet\(depth)-cifar", [32, 32, 3]) {
          (classes, shape) throws(NetworkError) in
          try ResNet.wide(depth: depth, classes: classes, inputShape: shape, stem: .cifar)
        },
      ]
    } + [
      Architecture("vgg16") { (classes, shape) throws(NetworkError) in
        try VGG.sixteen(classes: classes, inputShape: shape, normalizes: false)
      },
      Architecture("vgg-small", [64, 64, 3]) { (classes, shape) throws(NetworkError) in
        try VGG.small(classes: classes, inputShape: shape)
      },
      Architecture("vgg16-bn") { (classes, shape) throws(NetworkError) in
        try VGG.sixteen(classes: classes, inputShape: shape, normalizes: true)
      },
      Architecture("mobilenetv1") { (classes, shape) throws(NetworkError) in
        try MobileNet.first(classes: classes, inputShape: shape)
      },
      Architecture("mobilenetv2", build: MobileNet.second),
      Architecture("mobilenetv3-small", build: MobileNet.thirdSmall),
      Architecture("efficientnet-b0", build: EfficientNet.b0),
      Architecture("efficientnet-lite0", build: EfficientNet.lite0),
      Architecture("densenet121", build: DenseNet.oneTwentyOne),
      Architecture("swin-t", build: Swin.tiny),
      Architecture("lenet-strided", [28, 28, 1]) { (classes, shape) throws(NetworkError) in
        try LeNet.strided(classes: classes, inputShape: shape)
      },
      Architecture("navisplit-depth", [144, 256, 3]) { (_, shape) throws(NetworkError) in
        try DepthNetwork.network(.group, inputShape: shape)
      },
      Architecture("navisplit-depth-bn", [144, 256, 3]) { (_, shape) throws(NetworkError) in
        try DepthNetwork.network(.batch, inputShape: shape)
      },
      Architecture("char-transformer", [1, 64, 1]) { (classes, shape) throws(NetworkError) in
        try CharacterTransformer.network(classes: classes, inputShape: shape)
      },
    ]

  init(
    _ name: String, _ inputShape: Shape = [224, 224, 3],
    build: @escaping @Sendable (Int, Shape) throws(NetworkError) -> Network
  ) {
    self.name = name
    self.inputShape = inputShape
    builder = build
  }
}
