internal import Networks
public import Tensors

/// A bottleneck in place of a network's first layers: an encoder that runs on the device, and a
/// decoder that gives the rest of the network, on the server, what it is used to.
///
/// Spatial sizes and widths are the host's: the encoder reduces an image by what the layers it stands
/// for reduce it by, and by a factor of its own that the decoder makes up for; widths follow from
/// the channels of their output, as published for 256.
enum BottleneckNetworks {
  /// The name of the node whose output is what the device computes.
  static let encoded = "encoder.latent"
  /// The name of the node of the entropy bottleneck.
  static let bottleneck = "bottleneck"
  /// The name of the last node of the decoder.
  static let decoded = "decoder.output"

  /// By how much the host's first layers reduce an image.
  ///
  /// - Throws: ``BottleneckError`` if it is not 1, 2 or 4, the same in both directions.
  static func reduction(from image: Shape, to target: Shape) throws(BottleneckError) -> Int {
    guard image.rank == 3, target.rank == 3, target[0] > 0, target[1] > 0 else {
      throw .notAnImage(target)
    }
    for factor in [1, 2, 4]
    where target[0] == (image[0] + factor - 1) / factor
      && target[1] == (image[1] + factor - 1) / factor
    {
      return factor
    }
    throw .reduction(image: image, target: target)
  }

  /// The strides of an encoder's two reductions.
  ///
  /// - Throws: ``BottleneckError``.
  private static func strides(
    from image: Shape, to target: Shape, downsampling: Int
  ) throws(BottleneckError) -> [Int] {
    let total = try reduction(from: image, to: target) * downsampling
    guard [1, 2, 4].contains(total), target[0] % downsampling == 0, target[1] % downsampling == 0
    else { throw .downsampling(downsampling, image: image, target: target) }
    return total == 4 ? [2, 2] : [total, 1]
  }

  /// The encoder and decoder around an entropy bottleneck, its name and whether it is learned.
  ///
  /// Encoder: convolutions of 5×5 to 4c channels and to 2c, each before a divisive normalisation,
  /// and of 2×2 to c. Decoder: convolutions of 2×2 to 2t channels, an inverse normalisation, t,
  /// an inverse normalisation, and t. None has a bias. Source: Matsubara and others 2022,
  /// https://arxiv.org/abs/2203.08875, section 4.
  ///
  /// - Parameters:
  ///   - image: `[height, width, channels]`.
  ///   - target: what the rest of the network takes.
  ///   - channels: c.
  ///   - downsampling: by how much smaller than the target's the latent is.
  /// - Throws: ``BottleneckError``, or `NetworkError` if the image is too small.
  static func factorizedPrior(
    image: Shape, target: Shape, channels: Int, downsampling: Int
  ) throws -> Network {
    let strides = try strides(from: image, to: target, downsampling: downsampling)
    let width = target[2]
    var builder = NetworkBuilder(shape: image)
    func convolution(
      _ name: String, after input: String, _ inputs: Int, _ outputs: Int, kernel: Int,
      stride: Int = 1, padding: Int
    ) -> String {
      builder.add(
        name,
        ConvolutionLayer(
          inputs, outputs, kernel: Extent2D(kernel), stride: Extent2D(stride),
          padding: .all(padding), hasBias: false),
        after: input)
    }
    var value = convolution(
      "encoder.conv1", after: "input", image[2], 4 * channels, kernel: 5, stride: strides[0],
      padding: 2)
    value = builder.add("encoder.gdn1", GDNLayer(4 * channels), after: value)
    value = convolution(
      "encoder.conv2", after: value, 4 * channels, 2 * channels, kernel: 5, stride: strides[1],
      padding: 2)
    value = builder.add("encoder.gdn2", GDNLayer(2 * channels), after: value)
    value = convolution(encoded, after: value, 2 * channels, channels, kernel: 2, padding: 0)
    value = builder.add(bottleneck, EntropyBottleneckLayer(channels), after: value)
    value =
      downsampling == 1
      ? convolution("decoder.conv1", after: value, channels, 2 * width, kernel: 2, padding: 1)
      : builder.add(
        "decoder.conv1",
        TransposedConvolutionLayer(
          channels, 2 * width, kernel: Extent2D(2 * downsampling),
          stride: Extent2D(downsampling), hasBias: false),
        after: value)
    value = builder.add("decoder.igdn1", GDNLayer(2 * width, isInverse: true), after: value)
    value = convolution(
      "decoder.conv2", after: value, 2 * width, width, kernel: 2, padding: 0)
    value = builder.add("decoder.igdn2", GDNLayer(width, isInverse: true), after: value)
    value = convolution(decoded, after: value, width, width, kernel: 2, padding: 1)
    return try builder.network(name: "factorized_prior", outputs: [value])
  }

  /// Begins convolutions narrowly, as PyTorch does: an inverse normalisation makes large values
  /// larger still, so that wide beginnings take long to forget.
  static func initializeConvolutions(
    _ network: inout Network, seed: UInt64
  ) throws(NetworkError) {
    for node in network.nodes {
      let path = "\(node.name).weight"
      guard let shape = network.parameters[path]?.shape, shape.rank == 4 else { continue }
      var random = RandomSource(seed: seed, purpose: path)
      // Inputs of a value: a transposed convolution spreads its own over the stride.
      var fan = shape.product(0..<3)
      if let layer = node.layer as? TransposedConvolutionLayer {
        fan = layer.inputChannels * layer.kernel.area / layer.stride.area
      }
      let value = Initializer.uniform(fan: fan).tensor(shape, using: &random)
      try network.setParameter(path, to: value)
    }
  }

  /// The encoder and decoder of channel reduction: convolutions and batch norms, whose latent is
  /// quantised after training.
  ///
  /// Encoder: a stem, and convolutions of 2×2 to w, 4w, w and c channels, that enlarge the image by
  /// one pixel each. Decoder: convolutions of 2×2 to w, 2w, t and t channels, that reduce it again.
  /// w is a quarter of the target's channels t, at least 8. Source: Matsubara and others 2022,
  /// https://arxiv.org/abs/2203.08875, section 4.
  static func channelReduction(
    image: Shape, target: Shape, channels: Int, downsampling: Int
  ) throws -> Network {
    let reduction = try strides(from: image, to: target, downsampling: downsampling)
      .reduce(1, *)
    let width = max(8, target[2] / 4)
    var builder = NetworkBuilder(shape: image)
    func normalized(
      _ name: String, _ normalization: String, after input: String, _ inputs: Int, _ outputs: Int,
      kernel: Int, stride: Int = 1, padding: Int
    ) -> String {
      let value = builder.add(
        name,
        ConvolutionLayer(
          inputs, outputs, kernel: Extent2D(kernel), stride: Extent2D(stride),
          padding: .all(padding), hasBias: false),
        after: input)
      return builder.add(normalization, BatchNormalizationLayer(outputs), after: value)
    }
    func rectified(_ name: String, after input: String) -> String {
      builder.add(name, ActivationLayer(.relu), after: input)
    }
    let stem = reduction == 4 ? 7 : 3
    var value = normalized(
      "encoder.conv1", "encoder.bn1", after: "input", image[2], width, kernel: stem,
      stride: min(reduction, 2), padding: stem / 2)
    value = rectified("encoder.relu1", after: value)
    if reduction == 4 {
      value = builder.add(
        "encoder.maxpool", MaxPoolLayer(kernel: 3, stride: 2, padding: .all(1)), after: value)
    }
    value = normalized(
      "encoder.conv2", "encoder.bn2", after: value, width, width, kernel: 2, padding: 1)
    value = normalized(
      "encoder.conv3", "encoder.bn3", after: value, width, 4 * width, kernel: 2, padding: 1)
    value = rectified("encoder.relu3", after: value)
    value = normalized(
      "encoder.conv4", "encoder.bn4", after: value, 4 * width, width, kernel: 2, padding: 1)
    value = builder.add(
      encoded,
      ConvolutionLayer(width, channels, kernel: 2, padding: .all(1), hasBias: false), after: value)
    value = builder.add(bottleneck, IdentityLayer(), after: value)
    value = builder.add("decoder.bn1", BatchNormalizationLayer(channels), after: value)
    value = rectified("decoder.relu1", after: value)
    value = normalized(
      "decoder.conv2", "decoder.bn2", after: value, channels, width, kernel: 2, padding: 0)
    value = normalized(
      "decoder.conv3", "decoder.bn3", after: value, width, 2 * width, kernel: 2, padding: 0)
    value = rectified("decoder.relu3", after: value)
    value = normalized(
      "decoder.conv4", "decoder.bn4", after: value, 2 * width, target[2], kernel: 2, padding: 0)
    if downsampling == 1 {
      value = normalized(
        "decoder.conv5", "decoder.bn5", after: value, target[2], target[2], kernel: 2, padding: 0)
    } else {
      value = builder.add(
        "decoder.conv5",
        TransposedConvolutionLayer(
          target[2], target[2], kernel: Extent2D(downsampling), stride: Extent2D(downsampling),
          padding: EdgePadding(downsampling / 2), hasBias: false),
        after: value)
      value = builder.add("decoder.bn5", BatchNormalizationLayer(target[2]), after: value)
    }
    value = rectified(decoded, after: value)
    return try builder.network(name: "channel_reduction", outputs: [value])
  }
}

/// Why a bottleneck cannot stand in for a network's first layers.
public enum BottleneckError: Error, Equatable, CustomStringConvertible {
  /// What crosses the cut is not an image of features.
  case notAnImage(Shape)
  /// An encoder cannot reduce by as much.
  case downsampling(Int, image: Shape, target: Shape)
  /// An image's extents are not multiples of what an encoder reduces them by.
  case indivisible(image: Shape, factor: Int)
  /// What crosses the cut is not an image's size, a half or a quarter of it.
  case reduction(image: Shape, target: Shape)

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .indivisible(let image, let factor):
      "the images are \(image), whose height and width an encoder cannot divide by \(factor)"
    case .notAnImage(let shape):
      "expected a cut where features of [height, width, channels] cross, found \(shape)"
    case .downsampling(let factor, let image, let target):
      "a downsampling of \(factor) is too much from an image of \(image) to features of \(target): "
        + "expected 4 in all at most, and features it divides"
    case .reduction(let image, let target):
      "expected a cut where features are as large as an image of \(image), half as large or a "
        + "quarter, found \(target)"
    }
  }
}
