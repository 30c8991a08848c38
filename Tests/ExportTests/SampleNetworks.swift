import Networks
import Tensors

/// Networks with parameters nowhere at their beginnings.
enum SampleNetworks {
  /// A narrow residual network with moved batch statistics.
  static func resnet(depth: Int = 8, inputShape: Shape = [32, 32, 3]) throws -> Network {
    try randomized(ResNet.narrow(depth: depth, classes: 10, inputShape: inputShape))
  }

  /// The same network with parameters, statistics among them, that differ in every element.
  static func randomized(_ network: Network, seed: UInt64 = 3) throws -> Network {
    var network = network
    network.initializeParameters(seed: seed)
    var random = RandomSource(seed: seed)
    for node in network.nodes {
      for specification in node.layer.parameters where specification.role != .weight {
        let isVariance = specification.name == "running_var"
        let isScale = specification.name == "weight"
        try network.setParameter(
          "\(node.name).\(specification.name)",
          to: isVariance || isScale
            ? random.uniform(specification.shape, in: 0.5...1.5)
            : random.normal(specification.shape, standardDeviation: 0.2))
      }
    }
    return network
  }
}
