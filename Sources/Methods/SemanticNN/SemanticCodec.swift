internal import Autodiff
internal import Codecs
internal import Networks
internal import Splitting
internal import Tensors

/// A trained codec as it is deployed: features become indices on the device, and what arrives of them
/// becomes features again on the server, which knows the channel's state.
struct SemanticCodec: Sendable {
  /// From a head's features to what is quantised.
  let encoder: Network
  /// From received centres, and the signal-to-noise ratio if it asks for it, to features.
  let decoder: Network
  /// The learned centres.
  let quantizer: CenterQuantizer
  /// What protects indices.
  let code: BitCode
  /// The ratios the decoder has learned with; others are brought within.
  private let decibels: SemanticNNConfiguration.Decibels?

  private let device: Head
  private let server: NetworkExecutor
  private let parameters: [Tensor<Float>]

  /// Takes a trained network apart.
  ///
  /// - Throws: `NetworkError` if it is no such network.
  init(_ network: Network, _ configuration: SemanticNNConfiguration) throws {
    let whole = try network.with(outputs: [SemanticNetworks.decoded])
    let state = whole.inputs.map(\.name).filter { $0 == SemanticNetworks.state }
    encoder = try whole.cut(at: SemanticNetworks.latent, sideInputs: state).head
    // Side inputs that only the quantiser's training needs go with it.
    decoder = try whole.cut(at: SemanticNetworks.quantizer, sideInputs: state).tail
    let centers = network.parameters[SemanticNetworks.centers]?.scalars ?? []
    quantizer = CenterQuantizer(centers, mapping: configuration.mapping)
    code = configuration.code
    decibels = configuration.decibels
    device = Head(encoder)
    let folded = decoder.folded()
    server = NetworkExecutor(folded, isFrozen: true)
    parameters = folded.parameterPaths.compactMap { folded.parameters[$0] }
  }

  /// The shape of a latent.
  var latentShape: Shape { device.latentShape }

  /// How many indices a message has.
  var count: Int { latentShape.elementCount }

  /// Bytes of a message.
  var byteCount: Int { IndexFrame.byteCount(indices: count, bits: quantizer.bits, code: code) }

  /// Whether the decoder asks for the channel's state.
  var isAware: Bool { decoder.inputs.count > 1 }

  /// What the decoder is told of a channel: its ratio within those it has learned with.
  func state(rate: Double) -> Float {
    guard let decibels else { return 0 }
    let ratio = BitErrors.decibels(atRate: rate)
    return Float(min(max(ratio, Double(decibels.least)), Double(decibels.most)))
  }

  /// The indices of a batch of features, one sample after the other.
  ///
  /// - Throws: `CodecError` if a value is not finite.
  func codes(_ features: Tensor<Float>) throws(CodecError) -> [UInt8] {
    try quantizer.codes(of: device(features))
  }

  /// The features of a batch of indices that were sent at a bit error rate.
  func features(_ codes: [UInt8], count: Int, rate: Double) -> Tensor<Float> {
    let values = quantizer.values(of: codes, shape: latentShape.prepending(count))
    var inputs = [Variable(values)]
    if isAware { inputs.append(Variable(Tensor([count, 1], repeating: state(rate: rate)))) }
    return server.run(inputs, parameters: parameters.map { Variable($0) }).outputs[0].value
  }

  /// What comes out of a batch of features on the other side of a channel.
  ///
  /// - Throws: `CodecError` if what is to be sent is not finite.
  func transmit(
    _ features: Tensor<Float>, over channel: BitErrors, using source: inout RandomSource
  ) throws(CodecError) -> Tensor<Float> {
    let sent = try codes(features)
    var received: [UInt8] = []
    received.reserveCapacity(sent.count)
    for start in stride(from: 0, to: sent.count, by: count) {
      let packed = IndexFrame.packed(Array(sent[start..<start + count]), bits: quantizer.bits)
      var message = code.encode(packed)
      channel.corrupt(&message, using: &source)
      received += IndexFrame.unpacked(
        code.decode(message, count: packed.count), count: count, bits: quantizer.bits)
    }
    return self.features(received, count: features.shape[0], rate: channel.rate)
  }
}
