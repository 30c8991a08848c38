internal import Autodiff
internal import Codecs
internal import Datasets
internal import Foundation
internal import Metrics
internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// An autoencoder that is trained to send images in few bits, and the classifier that is given what
/// is decoded: what the methods that compress images share.
public struct ImageCompressor {
  let prior: LatentPrior
  let configuration: ImageCompressionConfiguration
  let setting: MethodSetting
  /// The autoencoder.
  let network: Network
  /// Pixels from 0 to 1.
  let inputTransform: InputTransform
  /// From a decoded image to logits.
  private let classifier: Network

  /// How many validation images say which deviations need a table.
  private static let calibrationSamples = 256

  /// Builds the autoencoder for a recipe's data and its network.
  ///
  /// - Throws: what keeps the classifier from being read, or ``BottleneckError``.
  init(
    _ prior: LatentPrior, _ configuration: ImageCompressionConfiguration,
    _ setting: MethodSetting
  ) throws {
    let loaded = try setting.loadNetwork()
    let test = try setting.data.test()
    var network = try ImageCompressionNetworks.autoencoder(
      image: test.imageShape, configuration, prior)
    try ImageCompressionNetworks.initialize(
      &network, prior, channels: configuration.channels, seed: setting.seed)
    self.network = network
    self.prior = prior
    self.configuration = configuration
    self.setting = setting
    inputTransform = try InputTransform(scale: 255)
    classifier = try ImageCompressor.pixels(test.imageShape, to: loaded.inputTransform)
      .followed(by: loaded.network, name: loaded.network.name)
  }

  /// What comes between a decoded image and a network: values are held from 0 to 1, and transformed
  /// as the network's pixels are.
  private static func pixels(_ image: Shape, to transform: InputTransform) throws -> Network {
    let channels = image[2]
    try transform.validate(channels: channels)
    var builder = NetworkBuilder(shape: image)
    var value = builder.add("pixels.sixfold", ScaleShiftLayer(scale: 6), after: "input")
    value = builder.add("pixels.held", ActivationLayer(.relu6), after: value)
    value = builder.add(
      "pixels.transform", ConvolutionLayer(channels, channels, kernel: 1), after: value)
    var network = try builder.network(name: "pixels", outputs: [value])
    var weights = [Float](repeating: 0, count: channels * channels)
    var biases: [Float] = []
    for channel in 0..<channels {
      let zero = transform(0, channel: channel)
      weights[channel * (channels + 1)] = (transform(255, channel: channel) - zero) / 6
      biases.append(zero)
    }
    try network.setParameter(
      "pixels.transform.weight", to: Tensor([1, 1, channels, channels], weights))
    try network.setParameter("pixels.transform.bias", to: Tensor([channels], biases))
    return network
  }

  // MARK: - Training and validation

  /// `λ 255² MSE`, and the bits of a pixel.
  func loss(
    _ image: Variable<Float>, bits: Variable<Float>?, _ original: Tensor<Float>
  ) -> Variable<Float> {
    let error = Variable.apply(MeanSquaredError(), [image, Variable(original)])
    let distortion = error * (configuration.lambda * 255 * 255)
    guard let bits else { return distortion }
    return distortion + bits.mean() / Double(original.shape[1] * original.shape[2])
  }

  /// Augmented training images.
  func trainingBatches() throws -> any BatchSource {
    try setting.trainingImages(through: inputTransform)
  }

  /// The classifier's accuracy on decoded validation images, loss, bytes and decibels.
  func validate(_ network: Network) throws -> ValidationMetrics {
    let executor = NetworkExecutor(network)
    let parameters = network.constants(Float.self)
    let dataset = try setting.data.validation()
    let tail = LocalTail(classifier)
    var loss = RunningMean()
    var bits = RunningMean()
    var decibels = RunningMean()
    let evaluation = ClassifierEvaluation(
      dataset: dataset, inputTransform: inputTransform, classCount: classifier.outputShape[0],
      userClasses: nil)
    let counts = try evaluation.run(observer: nil) { batch in
      let run = executor.run(
        [Variable(batch.images)], parameters: parameters, mode: .measuringBits)
      let image = run.outputs[0]
      loss.add(
        Double(self.loss(image, bits: run.bits, batch.images).value.item),
        weight: Double(batch.count))
      if let found = run.bits {
        bits.add(Double(found.mean().value.item), weight: Double(batch.count))
      }
      for value in ImageCompressor.psnr(image.value, batch.images) {
        decibels.add(value, weight: 1)
      }
      return [try tail.forward(image.value)]
    }
    return [
      "accuracy": counts[0].plain.accuracy, "loss": loss.mean,
      "bytes": bits.mean.map { $0 / 8 }, "psnr": decibels.mean,
    ]
  }

  /// How near each image of a batch comes to another whose values are from 0 to 1, in decibels.
  private static func psnr(_ images: Tensor<Float>, _ originals: Tensor<Float>) -> [Double] {
    let size = images.count / max(images.shape[0], 1)
    return images.withUnsafeBufferPointer { images in
      originals.withUnsafeBufferPointer { originals in
        (0..<images.count / max(size, 1)).map { sample in
          var sum = 0.0
          for index in sample * size..<(sample + 1) * size {
            let difference = Double(min(max(images[index], 0), 1) - originals[index])
            sum += difference * difference
          }
          return -10 * log10(max(sum / Double(size), 1e-10))
        }
      }
    }
  }

  // MARK: - Deployment

  /// The encoder; and the decoder with the classifier behind it.
  func parts(_ network: Network) throws -> (device: Network, server: Network) {
    (
      try network.cut(at: ImageCompressionNetworks.encoded).head,
      try decoder(network).followed(by: classifier, name: "\(classifier.name).decoded")
    )
  }

  /// The classifier alone.
  var uncut: UncutNetwork { UncutNetwork(classifier, through: inputTransform) }

  private func decoder(_ network: Network) throws -> Network {
    try network.cut(at: ImageCompressionNetworks.bottleneck).tail
  }

  /// What both sides know beforehand, in integers.
  func table(_ network: Network) throws -> any CodecTable {
    guard prior != .factorized else {
      return FactorizedTables(
        network.factorizedChannels(ofNode: ImageCompressionNetworks.bottleneck))
    }
    func tables(scaleCount: Int) -> HyperpriorTables {
      HyperpriorTables(
        analysis: ImageCompressionNetworks.integers(
          network, ImageCompressionNetworks.hyperEncoder),
        synthesis: ImageCompressionNetworks.integers(
          network, ImageCompressionNetworks.hyperDecoder),
        hyper: network.factorizedChannels(ofNode: ImageCompressionNetworks.hyperBottleneck),
        scaleCount: scaleCount)
    }
    // Wide tables are long, and a device need not keep those that no image needs.
    let all = tables(scaleCount: HyperpriorTables.scales.count)
    let head = Head(try parts(network).device)
    let images = try setting.data.sample(
      ImageCompressor.calibrationSamples, of: setting.data.validation(), for: "tables of scales")
    var needed = 1
    for start in stride(from: 0, to: images.count, by: 64) {
      let batch = Array(start..<min(start + 64, images.count))
      let latents = head(try inputTransform(images.pixels(at: batch)))
      for index in batch.indices {
        let latent = latents.rows(index..<index + 1).reshaped(to: head.latentShape)
        needed = max(needed, try all.scaleCount(for: latent))
      }
    }
    return tables(scaleCount: needed)
  }

  /// What is deployed.
  func coded(_ network: Network) throws -> CodedClassifier {
    let (device, server) = try parts(network)
    let table = try table(network)
    return CodedClassifier(
      device: device, server: server, inputTransform: inputTransform,
      codec: table.codec(tableNumber: 0), tables: CodecTables([0: table]))
  }

  /// Accuracy on decoded test images, what they cost, and how near they come to the originals.
  func evaluate(_ network: Network, method: String) throws -> EvaluationReport {
    let decoder = Head(try decoder(network))
    var decibels = RunningMean()
    let test = try setting.data.test()
    let user = try setting.data.userClasses()
    var report = try coded(network).evaluate(method: method, network: network.cost, setting) {
      batch in
      guard let latents = batch.decoded else { return }
      let originals = try inputTransform(batch.pixels)
      let values = ImageCompressor.psnr(decoder(latents), originals)
      for (value, label) in zip(values, test.labels(at: batch.samples)) {
        // Of the images that accuracy and bytes are of.
        guard user?.contains(Int(label)) ?? true else { continue }
        decibels.add(value, weight: 1)
      }
    }
    report.psnr = decibels.mean
    return report
  }
}
