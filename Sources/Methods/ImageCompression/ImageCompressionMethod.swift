internal import Autodiff
public import Codecs
internal import Datasets
public import Networks
public import Tensors
public import Training

/// A method that trains an image codec: the device sends an image in few bits, and the server gives
/// what it decodes to the recipe's network, which nobody changes.
public protocol ImageCompressionMethod: Method
where Configuration == ImageCompressionConfiguration {
  /// The autoencoder and the classifier.
  var compressor: ImageCompressor { get }
}

extension ImageCompressionMethod {
  /// The autoencoder as training begins.
  public var network: Network { compressor.network }

  /// Nothing: the classifier is not part of the network.
  public var freezing: Freezing { .none(compressor.network) }

  /// Pixels from 0 to 1.
  public var inputTransform: InputTransform { compressor.inputTransform }

  /// The checkpoint files the recipe builds on.
  public var parents: [String] { compressor.setting.network.files }

  /// Augmented training images.
  public func trainingBatches() throws -> any BatchSource { try compressor.trainingBatches() }

  /// Distortion and rate.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    let image = pass(batch.inputs)[0]
    let loss = compressor.loss(image, bits: pass.bits, batch.inputs)
    loss.backward()
    return Double(loss.value.item)
  }

  /// `loss`, `bytes` by the learned model, `psnr`, and the `accuracy` of the classifier.
  public func validate(_ network: Network) throws -> ValidationMetrics {
    try compressor.validate(network)
  }

  /// Accuracy on the test images, every one written as bytes and read again.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    try compressor.evaluate(network, method: Self.name)
  }

  /// The encoder; and decoder and classifier.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    let (device, server) = try compressor.parts(network)
    return (device, server)
  }

  /// The learned priors, and the networks of a hyperprior, in integers.
  public func codecTables(_ network: Network) throws -> CodecTables {
    CodecTables([0: try compressor.table(network)])
  }

  /// The classifier of images that were never encoded.
  public func uncut(_ network: Network) -> UncutNetwork { compressor.uncut }

  /// The deployed system with its codec.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    [try compressor.coded(network).system(name: Self.name)]
  }
}

/// Image compression with a learned distribution for each channel of the latent.
///
/// Source: Ballé, Laparra and Simoncelli 2017, https://arxiv.org/abs/1611.01704, with the prior of
/// Ballé and others 2018, https://arxiv.org/abs/1802.01436.
public struct FactorizedPriorCompression: ImageCompressionMethod {
  /// `factorized_prior`.
  public static let name = "factorized_prior"

  /// What the method does, in one sentence.
  public static let summary = "train an image codec whose latents have a distribution a channel"

  /// The autoencoder and the classifier.
  public let compressor: ImageCompressor

  /// Builds the autoencoder for the recipe's data.
  ///
  /// - Throws: what keeps the network from being read, or ``BottleneckError``.
  public init(_ configuration: ImageCompressionConfiguration, _ setting: MethodSetting) throws {
    compressor = try ImageCompressor(.factorized, configuration, setting)
  }
}

/// Image compression with a scale hyperprior: each value of the latent is normal around 0, as wide
/// as a hyper-latent says.
///
/// Source: Ballé and others 2018, https://arxiv.org/abs/1802.01436.
public struct ScaleHyperprior: ImageCompressionMethod {
  /// `scale_hyperprior`.
  public static let name = "scale_hyperprior"

  /// What the method does, in one sentence.
  public static let summary = "train an image codec whose latents have a scale hyperprior"

  /// The autoencoder and the classifier.
  public let compressor: ImageCompressor

  /// Builds the autoencoder for the recipe's data.
  ///
  /// - Throws: what keeps the network from being read, or ``BottleneckError``.
  public init(_ configuration: ImageCompressionConfiguration, _ setting: MethodSetting) throws {
    compressor = try ImageCompressor(.scales, configuration, setting)
  }
}

/// Image compression with a mean-scale hyperprior: a hyper-latent says how wide each value of the
/// latent is, and around what.
///
/// Source: Minnen, Ballé and Toderici 2018, https://arxiv.org/abs/1809.02736, without the
/// autoregressive part.
public struct MeanScaleHyperprior: ImageCompressionMethod {
  /// `mean_scale_hyperprior`.
  public static let name = "mean_scale_hyperprior"

  /// What the method does, in one sentence.
  public static let summary = "train an image codec whose latents have a mean-scale hyperprior"

  /// The autoencoder and the classifier.
  public let compressor: ImageCompressor

  /// Builds the autoencoder for the recipe's data.
  ///
  /// - Throws: what keeps the network from being read, or ``BottleneckError``.
  public init(_ configuration: ImageCompressionConfiguration, _ setting: MethodSetting) throws {
    compressor = try ImageCompressor(.means, configuration, setting)
  }
}
