public import Codecs
public import Tensors

/// A split network as it is deployed: what the device sends for an image, and what the server
/// makes of those bytes.
///
/// Source: the SC2 benchmark, https://arxiv.org/abs/2203.08875, which measures the size
/// of the encoder, the size of the data and the quality of the answer together. Deviation: bytes
/// are the bitstream's own; the reference counts those of a pickled object.
public protocol SplitSystem: Sendable {
  /// What tables and plots call it, such as `jpeg 50`.
  var name: String { get }

  /// The curve it is a point of, such as `jpeg`.
  var family: String { get }

  /// Whether anything is sent; a system that runs on the device alone waits for no link.
  var isSplit: Bool { get }

  /// Bytes of everything that runs on the device: parameters as they are stored there, and tables.
  var encoderBytes: Int { get }

  /// Numbers among those, statistics included.
  var encoderParameters: Int { get }

  /// Multiply-accumulates on the device for an image that goes all the way.
  var deviceMACs: Int { get }

  /// Multiply-accumulates on the server for an image that goes all the way.
  var serverMACs: Int { get }

  /// What the device computes of one image before it is written as bytes.
  ///
  /// - Parameter pixels: `[1, height, width, channels]`, values as the data set holds them (0 to
  ///   255, not transformed).
  /// - Returns: the latent, `[1]` and its own shape.
  /// - Throws: what keeps the image from being taken.
  func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float>

  /// What the device answers itself, so that nothing is sent; nil if it asks the server.
  ///
  /// - Parameter latent: of one image.
  /// - Throws: what keeps the device from answering.
  func deviceAnswers(_ latent: Tensor<Float>) throws -> [Tensor<Float>]?

  /// The exact bytes that are sent for a latent of one image.
  ///
  /// - Throws: what keeps the latent from being written.
  func encode(_ latent: Tensor<Float>) throws -> [UInt8]

  /// The latent that is read from the bytes, of the shape ``latent(_:)`` gives.
  ///
  /// - Throws: what is wrong with the bytes.
  func decode(_ bytes: [UInt8]) throws -> Tensor<Float>

  /// What the server makes of a batch of decoded latents, `[batch]` and the latent's shape: one
  /// tensor for each output of its network; the logits `[batch, classes]` of a classifier.
  ///
  /// - Throws: what keeps the server from answering.
  func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>]

  /// The codec of the latents that are sent; nil if none is, or they travel otherwise.
  var codecDescription: CodecDescription? { get }

  /// Bytes of the answers for one image, which are sent down.
  var answerBytes: Int { get }

  /// Multiply-accumulates for one image, by the way it took.
  ///
  /// - Parameters:
  ///   - computed: what ``latent(_:)`` gave.
  ///   - decoded: what the server has read; nil if the device has answered.
  /// - Throws: what keeps the server from answering.
  func macs(
    computed: Tensor<Float>, decoded: Tensor<Float>?
  ) throws -> (device: Int, server: Int)

  /// The bytes the system's own model of its latents expects for one, or nil if it has none.
  ///
  /// - Throws: what keeps the latent from being modelled.
  func estimatedBytes(_ latent: Tensor<Float>) throws -> Double?
}

extension SplitSystem {
  /// 0.
  public var encoderParameters: Int { 0 }

  /// Nil.
  public var codecDescription: CodecDescription? { nil }

  /// All of the device's, and all of the server's if it was asked.
  public func macs(
    computed: Tensor<Float>, decoded: Tensor<Float>?
  ) throws -> (device: Int, server: Int) {
    (deviceMACs, decoded == nil ? 0 : serverMACs)
  }

  /// Nil: the server answers everything.
  public func deviceAnswers(_ latent: Tensor<Float>) throws -> [Tensor<Float>]? { nil }

  /// True.
  public var isSplit: Bool { true }
}
