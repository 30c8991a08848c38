internal import Foundation
internal import Networks
public import Tensors

/// The codec of SemanticNN as a network from a head's features to what the tail is given in their place.
///
/// Encoder: a convolution of 4×4 in steps of 4, GDN, PReLU and power normalisation; a quantiser of learned
/// centres; decoder: four transposed convolutions, the last two of which double the extent, each
/// before inverse GDN, PReLU and a block of attention that knows the channel, and one to the features'
/// channels, inverse GDN and a sigmoid. Source: SemanticNN, https://arxiv.org/abs/2511.11038.
///
/// Deviation: features of any extent and range. Their extents are filled up to multiples of 4 and what
/// is too much is cut off in the end; the sigmoid is stretched over the range of the head's features, and
/// the last biases begin so that it gives their means, without which most channels begin far off.
enum SemanticNetworks {
  /// The input that says the signal-to-noise ratio, in decibels.
  static let state = "snr"
  /// The node whose value the device quantises.
  static let latent = "encoder.power"
  /// The node whose value the server begins with.
  static let quantizer = "quantizer"
  /// The parameter that holds the centres.
  static let centers = "quantizer.centers"
  /// The node whose value the tail is given.
  static let decoded = "decoder.features"

  /// By how much smaller a latent is in both directions.
  private static let reduction = 4
  /// What decibels are multiplied by, so that they are near one.
  private static let stateScale = 0.1

  /// The network, its convolutions begun narrowly.
  ///
  /// - Parameters:
  ///   - features: `[height, width, channels]` of the head.
  ///   - range: of the head's features.
  ///   - means: of each of their channels.
  /// - Throws: ``SemanticNNError/features(_:)`` if they are no image, or `NetworkError`.
  static func network(
    features: Shape, range: ClosedRange<Float>, means: [Float],
    _ configuration: SemanticNNConfiguration, seed: UInt64
  ) throws -> Network {
    guard features.rank == 3 else { throw SemanticNNError.features(features) }
    let isNoisy = configuration.decibels != nil
    var inputs = [Network.Input("features", features)]
    if isNoisy { inputs.append(Network.Input(state, [1])) }
    var builder = NetworkBuilder(inputs: inputs)
    let value = encoder(&builder, features: features, channels: configuration.channels)
    let quantized = builder.add(
      quantizer,
      SoftQuantizerLayer(
        levels: configuration.levels, sharpness: configuration.sharpness,
        gradient: configuration.gradient, mapping: configuration.mapping,
        errors: configuration.errors, burstLength: configuration.burstLength),
      inputs: isNoisy ? [value, state] : [value])
    let output = decoder(
      &builder, after: quantized, features: features, range: range, configuration)
    var network = try builder.network(name: "semanticnn", outputs: [output, value])
    network.initializeParameters(seed: seed)
    try BottleneckNetworks.initializeConvolutions(&network, seed: seed)
    try network.setParameter(
      "decoder.conv5.bias",
      to: Tensor([means.count], means.map { beginning(mean: $0, range) }))
    return network
  }

  /// The bias that inverse GDN, as it begins, and a sigmoid make a mean.
  private static func beginning(mean: Float, _ range: ClosedRange<Float>) -> Float {
    let extent = Double(range.upperBound - range.lowerBound)
    let share = extent > 0 ? Double(mean - range.lowerBound) / extent : 0.5
    let held = min(max(share, 0.005), 0.995)
    let logit = log(held / (1 - held))
    // b (1 + 0.1 |b|) = logit: a new layer divides by 1 and a tenth of the channel's own magnitude.
    let magnitude = ((1 + 0.4 * abs(logit)).squareRoot() - 1) / 0.2
    return Float(logit < 0 ? -magnitude : magnitude)
  }

  private static func encoder(
    _ builder: inout NetworkBuilder, features: Shape, channels: Int
  ) -> String {
    let kernel = Extent2D(reduction)
    var value = builder.add(
      "encoder.conv",
      ConvolutionLayer(
        features[2], channels, kernel: kernel, stride: kernel,
        padding: .explicit(
          .same(height: features[0], width: features[1], kernel: kernel, stride: kernel))),
      after: "features")
    value = builder.add("encoder.gdn", GDNLayer(channels), after: value)
    value = builder.add("encoder.prelu", PReLULayer(channels), after: value)
    return builder.add(latent, PowerNormalizationLayer(), after: value)
  }

  private static func decoder(
    _ builder: inout NetworkBuilder, after quantized: String, features: Shape,
    range: ClosedRange<Float>, _ configuration: SemanticNNConfiguration
  ) -> String {
    var value = quantized
    var channels = configuration.channels
    var known: String?
    if configuration.isAware, configuration.decibels != nil {
      known = builder.add(
        "decoder.state", ScaleShiftLayer(scale: stateScale), after: state)
    }
    for (index, width) in configuration.decoder.enumerated() {
      let doubles = index >= 2
      value = builder.add(
        "decoder.conv\(index + 1)",
        TransposedConvolutionLayer(
          channels, width, kernel: Extent2D(doubles ? 4 : 3), stride: Extent2D(doubles ? 2 : 1),
          padding: EdgePadding(1)),
        after: value)
      value = builder.add(
        "decoder.igdn\(index + 1)", GDNLayer(width, isInverse: true), after: value)
      value = builder.add("decoder.prelu\(index + 1)", PReLULayer(width), after: value)
      value = attention(&builder, "decoder.attention\(index + 1)", after: value, width, known)
      channels = width
    }
    value = builder.add(
      "decoder.conv5",
      TransposedConvolutionLayer(channels, features[2], kernel: 3, padding: EdgePadding(1)),
      after: value)
    value = builder.add("decoder.igdn5", GDNLayer(features[2], isInverse: true), after: value)
    value = builder.add("decoder.sigmoid", ActivationLayer(.sigmoid), after: value)
    let extent = Double(range.upperBound - range.lowerBound)
    let stretch = ScaleShiftLayer(
      scale: extent > 0 ? extent : 1, shift: Double(range.lowerBound))
    let edges = EdgePadding.same(
      height: features[0], width: features[1], kernel: Extent2D(reduction),
      stride: Extent2D(reduction))
    guard !edges.isNone else { return builder.add(decoded, stretch, after: value) }
    value = builder.add("decoder.stretch", stretch, after: value)
    return builder.add(
      decoded,
      SliceLayer(
        starts: [edges.top, edges.left, 0],
        ends: [edges.top + features[0], edges.left + features[1], nil], steps: [1, 1, 1]),
      after: value)
  }

  /// Scales channels by what they are on average and by the channel's state.
  private static func attention(
    _ builder: inout NetworkBuilder, _ name: String, after value: String, _ width: Int,
    _ known: String?
  ) -> String {
    var mean = builder.add("\(name).pool", GlobalAveragePoolLayer(), after: value)
    if let known {
      mean = builder.add("\(name).join", ConcatenateLayer(), inputs: [mean, known])
    }
    mean = builder.add(
      "\(name).fc1", LinearLayer(width + (known == nil ? 0 : 1), width), after: mean)
    mean = builder.add("\(name).relu", ActivationLayer(.relu), after: mean)
    mean = builder.add("\(name).fc2", LinearLayer(width, width), after: mean)
    mean = builder.add("\(name).sigmoid", ActivationLayer(.sigmoid), after: mean)
    mean = builder.add("\(name).shape", ReshapeLayer([1, 1, width]), after: mean)
    return builder.add(name, MultiplyLayer(), inputs: [value, mean])
  }
}

/// Why SemanticNN cannot be set up.
public enum SemanticNNError: Error, Equatable, CustomStringConvertible {
  /// What crosses the cut is no image.
  case features(Shape)
  /// A latent has more values than a frame has room for.
  case tooManyValues(Int, most: Int)
  /// A stream cannot lose single values.
  case lossyLink

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .features(let shape):
      "semanticnn codes features of [height, width, channels], at this cut they are \(shape)"
    case .tooManyValues(let count, let most):
      "a latent of \(count) values is larger than a frame, which holds \(most): cut later or set "
        + "semanticnn.channels lower"
    case .lossyLink:
      "semanticnn's channel turns bits over, see semanticnn.snr: leave out link.loss and link.noise"
    }
  }
}
