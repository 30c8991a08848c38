public import Networks
public import Tensors

/// The adapter between head and uplink.
///
/// Source: SALT, https://arxiv.org/abs/2506.07355, section "Architecture": two blocks of a 3×3
/// convolution, batch norm and ReLU, and a last convolution, all `C → C` with bias, stride 1 and
/// the same padding. On a 128×8×8 latent with a last window of 3×3 it has 443,264 parameters and
/// 28.31 M multiply-accumulates; with what biases, batch norms and ReLUs do once an element, the
/// published 28.39 M operations.
public enum SALTAdapter {
  /// Builds an adapter for a latent.
  ///
  /// - Parameters:
  ///   - shape: `[height, width, channels]` of the latent, which the output has as well.
  ///   - isResidual: whether the latent is added to the output.
  ///   - lastKernel: the side of the last window.
  ///   - zeroInitialization: whether a residual adapter begins as the identity.
  ///   - seed: begins the parameters.
  /// - Throws: ``SALTError/latentIsNoImage(_:)``.
  public static func network(
    shape: Shape, isResidual: Bool, lastKernel: Int, zeroInitialization: Bool, seed: UInt64
  ) throws -> Network {
    guard shape.rank == 3 else { throw SALTError.latentIsNoImage(shape) }
    let channels = shape[2]
    var builder = NetworkBuilder(input: Network.latentInput, shape: shape)
    var value = Network.latentInput
    for block in 1...2 {
      value = builder.add(
        "adapter.conv\(block)",
        ConvolutionLayer(channels, channels, kernel: 3, padding: .all(1)), after: value)
      value = builder.add(
        "adapter.bn\(block)", BatchNormalizationLayer(channels), after: value)
      value = builder.add("adapter.relu\(block)", ActivationLayer(.relu), after: value)
    }
    value = builder.add(
      "adapter.conv3",
      ConvolutionLayer(
        channels, channels, kernel: Extent2D(lastKernel), padding: .all(lastKernel / 2)),
      after: value)
    if isResidual {
      value = builder.add("adapter.add", AddLayer(), inputs: [Network.latentInput, value])
    }
    var network = try builder.network(name: "salt-adapter", outputs: [value])
    network.initializeParameters(seed: seed)
    if isResidual, zeroInitialization {
      for path in ["adapter.conv3.weight", "adapter.conv3.bias"] {
        let zeroShape = network.parameters[path]?.shape ?? []
        try network.setParameter(path, to: Tensor(zeroShape, repeating: 0))
      }
    }
    return network
  }
}

/// Why SALT cannot be set up.
public enum SALTError: Error, Equatable, CustomStringConvertible {
  /// The adapter is convolutional and the cut is not.
  case latentIsNoImage(Shape)
  /// Cached latents and changing images contradict each other.
  case cacheUnderAugmentation

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .latentIsNoImage(let shape):
      "SALT's adapter takes a latent of height, width and channels, the cut gives \(shape); "
        + "choose an earlier cut"
    case .cacheUnderAugmentation:
      "salt.cache is on, but the training images change in every epoch: leave out "
        + "data.horizontal_flip and data.crop_padding, or set salt.cache to auto or off"
    }
  }
}
