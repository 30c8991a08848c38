internal import Codecs
internal import Networks
internal import Tensors

/// How the latents of an image codec are distributed.
enum LatentPrior {
  /// Each channel has a learned distribution.
  case factorized
  /// Each value is normal around 0; a hyper-latent says how wide.
  case scales
  /// Each value is normal; a hyper-latent says how wide, and around what.
  case means
}

/// An autoencoder for images, with a learned model of its latent.
///
/// Encoder and decoder halve and double the image with convolutions of 5×5 and transposed ones of
/// 4×4, divisive normalisations between. The hyper-encoder halves the latent twice. Source: Ballé
/// and others 2018, https://arxiv.org/abs/1802.01436; Minnen and others 2018,
/// https://arxiv.org/abs/1809.02736. Deviation: as many halvings as the recipe says instead of four;
/// windows of 3×3 and doubled pixels in the hyper-networks, which both sides compute in integers.
enum ImageCompressionNetworks {
  /// The name of the node whose output the device computes.
  static let encoded = BottleneckNetworks.encoded
  /// The name of the node that rounds the latent.
  static let bottleneck = BottleneckNetworks.bottleneck
  /// The name of the node of the image.
  static let decoded = BottleneckNetworks.decoded
  /// The name of the node that rounds the hyper-latent.
  static let hyperBottleneck = "hyper.bottleneck"
  /// What the names of the nodes before the hyper-latent begin with.
  static let hyperEncoder = "hyper.encoder."
  /// What the names of those after it begin with.
  static let hyperDecoder = "hyper.decoder."
  private static let hyperOutput = "hyper.decoder.output"

  /// The autoencoder for images of a shape, its output the decoded image.
  ///
  /// - Throws: ``BottleneckError`` if the image cannot be halved so often.
  static func autoencoder(
    image: Shape, _ configuration: ImageCompressionConfiguration, _ prior: LatentPrior
  ) throws -> Network {
    let factor = configuration.downsampling
    guard image.rank == 3, image[0] % factor == 0, image[1] % factor == 0, image.elementCount > 0
    else { throw BottleneckError.indivisible(image: image, factor: factor) }
    let halvings = factor.trailingZeroBitCount
    let (width, channels) = (configuration.filters, configuration.channels)
    var builder = NetworkBuilder(shape: image)
    var value = "input"
    for index in 1...halvings {
      let isLast = index == halvings
      value = builder.add(
        isLast ? encoded : "encoder.conv\(index)",
        ConvolutionLayer(
          index == 1 ? image[2] : width, isLast ? channels : width, kernel: 5, stride: 2,
          padding: .all(2)),
        after: value)
      if !isLast { value = builder.add("encoder.gdn\(index)", GDNLayer(width), after: value) }
    }
    value = modelled(
      value, [image[0] / factor, image[1] / factor, channels], configuration, prior, &builder)
    for index in 1...halvings {
      let isLast = index == halvings
      value = builder.add(
        isLast ? decoded : "decoder.conv\(index)",
        TransposedConvolutionLayer(
          index == 1 ? channels : width, isLast ? image[2] : width, kernel: 4, stride: 2,
          padding: EdgePadding(1)),
        after: value)
      if !isLast {
        value = builder.add(
          "decoder.igdn\(index)", GDNLayer(width, isInverse: true), after: value)
      }
    }
    return try builder.network(name: "image_autoencoder", outputs: [value])
  }

  /// Rounds a latent and models it.
  private static func modelled(
    _ latent: String, _ shape: Shape, _ configuration: ImageCompressionConfiguration,
    _ prior: LatentPrior, _ builder: inout NetworkBuilder
  ) -> String {
    let channels = shape[2]
    guard prior != .factorized else {
      return builder.add(bottleneck, EntropyBottleneckLayer(channels), after: latent)
    }
    let hyper = configuration.hyperChannels
    func convolution(
      _ name: String, _ inputs: Int, _ outputs: Int, stride: Int = 1, after value: String
    ) -> String {
      builder.add(
        name,
        ConvolutionLayer(
          inputs, outputs, kernel: 3, stride: Extent2D(stride), padding: .all(1)),
        after: value)
    }
    func rectified(_ name: String, after value: String) -> String {
      builder.add(name, ActivationLayer(.relu), after: value)
    }
    var value = latent
    if prior == .scales {
      value = builder.add("\(hyperEncoder)absolute", AbsoluteLayer(), after: value)
    }
    value = convolution("\(hyperEncoder)conv1", channels, hyper, after: value)
    value = rectified("\(hyperEncoder)relu1", after: value)
    value = convolution("\(hyperEncoder)conv2", hyper, hyper, stride: 2, after: value)
    value = rectified("\(hyperEncoder)relu2", after: value)
    value = convolution("\(hyperEncoder)conv3", hyper, hyper, stride: 2, after: value)
    value = builder.add(hyperBottleneck, EntropyBottleneckLayer(hyper), after: value)
    let outputs = prior == .means ? 2 * channels : channels
    for (index, factor) in [2, 1].enumerated() {
      let (height, width) = ((shape[0] + factor - 1) / factor, (shape[1] + factor - 1) / factor)
      value = builder.add(
        "\(hyperDecoder)double\(index + 1)",
        ResizeLayer(height: height, width: width, mode: .nearest), after: value)
      value = convolution(
        "\(hyperDecoder)conv\(index + 1)", index == 0 ? hyper : 2 * hyper, 2 * hyper, after: value)
      value = rectified("\(hyperDecoder)relu\(index + 1)", after: value)
    }
    value = convolution(hyperOutput, 2 * hyper, outputs, after: value)
    guard prior == .means else {
      return builder.add(bottleneck, GaussianConditionalLayer(), inputs: [latent, value])
    }
    func part(_ name: String, _ range: Range<Int>) -> String {
      builder.add(
        name,
        SliceLayer(
          starts: [0, 0, range.lowerBound], ends: [nil, nil, range.upperBound], steps: [1, 1, 1]),
        after: value)
    }
    let scales = part("hyper.scales", 0..<channels)
    let means = part("hyper.means", channels..<2 * channels)
    return builder.add(
      bottleneck, GaussianConditionalLayer(), inputs: [latent, scales, means])
  }

  /// Begins convolutions narrowly, as PyTorch does, and deviations at 1: at the least deviation, a
  /// value far from the mean would not know which way to go.
  static func initialize(
    _ network: inout Network, _ prior: LatentPrior, channels: Int, seed: UInt64
  ) throws {
    network.initializeParameters(seed: seed)
    try BottleneckNetworks.initializeConvolutions(&network, seed: seed)
    let path = "\(hyperOutput).bias"
    guard let bias = network.parameters[path] else { return }
    let begun = bias.scalars.enumerated().map { $0 < channels ? 1 : $1 }
    try network.setParameter(path, to: Tensor(bias.shape, begun))
  }

  /// The hyper-encoder or hyper-decoder in integers.
  ///
  /// - Parameter prefix: ``hyperEncoder`` or ``hyperDecoder``.
  /// - Precondition: the network is one of ``autoencoder(image:_:_:)`` with a hyperprior.
  static func integers(_ network: Network, _ prefix: String) -> IntegerNetwork {
    IntegerNetwork(
      network.nodes.filter { $0.name.hasPrefix(prefix) }.map { node in
        switch node.layer {
        case is AbsoluteLayer: return .absolute
        case is ActivationLayer: return .rectified
        case is ResizeLayer: return .doubled
        case let layer as ConvolutionLayer:
          let parameters = node.parameterPaths.map { network.parameters[$0]?.scalars ?? [] }
          return .convolution(
            IntegerNetwork.Convolution(
              inputs: layer.inputChannels, outputs: layer.outputChannels,
              kernel: layer.kernel.height, stride: layer.stride.height, weights: parameters[0],
              biases: parameters[1]))
        default: preconditionFailure("\(node.name) is not computed in integers")
        }
      })
  }
}
