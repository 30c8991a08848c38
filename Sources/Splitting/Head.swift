internal import Autodiff
public import Networks
public import Tensors

/// The part of a network that runs on the device, frozen: images in, latent out.
///
/// Batch norms are folded and activations fused once, when the head is made.
public struct Head: Sendable {
  /// The network as it is run.
  public let network: Network

  private let part: FrozenPart

  /// Makes a head of a network with one input and one output.
  public init(_ network: Network) {
    self.network = network.folded()
    part = FrozenPart(self.network)
  }

  /// The shape of the latent for one sample.
  public var latentShape: Shape { network.outputShape }

  /// The latent of a batch of transformed images: `[batch] + input` to `[batch] + latentShape`.
  public func callAsFunction(_ images: Tensor<Float>) -> Tensor<Float> {
    part.run(Variable(images)).value
  }
}

/// A network whose parameters are constants: it runs forward, and back to its input.
struct FrozenPart: Sendable {
  private let executor: NetworkExecutor
  private let parameters: [Tensor<Float>]

  init(_ network: Network) {
    executor = NetworkExecutor(network, isFrozen: true)
    parameters = network.parameterPaths.compactMap { network.parameters[$0] }
  }

  /// The first output for a batch; a gradient flows to the input if it requires one.
  func run(_ input: Variable<Float>) -> Variable<Float> {
    runAll(input)[0]
  }

  /// All outputs for a batch; a gradient flows to the input if it requires one.
  func runAll(_ input: Variable<Float>) -> [Variable<Float>] {
    executor.run([input], parameters: parameters.map { Variable($0) }).outputs
  }
}
