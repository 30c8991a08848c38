internal import Codecs
internal import Tensors
internal import Training

/// A system under the name a recipe gives it, its logits in the benchmark's order.
struct AdaptedSystem: SplitSystem {
  let system: any SplitSystem
  let name: String
  let family: String
  /// Where each logit of a classifier goes; nil if all stay.
  var places: [Int]?

  var isSplit: Bool { system.isSplit }
  var encoderBytes: Int { system.encoderBytes }
  var encoderParameters: Int { system.encoderParameters }
  var deviceMACs: Int { system.deviceMACs }
  var serverMACs: Int { system.serverMACs }

  func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float> { try system.latent(pixels) }
  func deviceAnswers(_ latent: Tensor<Float>) throws -> [Tensor<Float>]? {
    try system.deviceAnswers(latent)?.map(ordered)
  }
  func encode(_ latent: Tensor<Float>) throws -> [UInt8] { try system.encode(latent) }
  func decode(_ bytes: [UInt8]) throws -> Tensor<Float> { try system.decode(bytes) }
  var answerBytes: Int { system.answerBytes }
  var codecDescription: CodecDescription? { system.codecDescription }

  func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>] {
    try system.answers(latents).map(ordered)
  }

  /// Logits `[batch, outputs]`, those of classes in the benchmark's order.
  private func ordered(_ logits: Tensor<Float>) -> Tensor<Float> {
    guard let places else { return logits }
    let (outputs, scalars) = (logits.shape[-1], logits.scalars)
    var moved = scalars
    for row in stride(from: 0, to: scalars.count, by: outputs) {
      for (place, target) in places.enumerated() { moved[row + target] = scalars[row + place] }
    }
    return Tensor(logits.shape, moved)
  }

  func macs(
    computed: Tensor<Float>, decoded: Tensor<Float>?
  ) throws -> (device: Int, server: Int) {
    try system.macs(computed: computed, decoded: decoded)
  }

  func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? {
    try system.estimatedBytes(latent)
  }
}
