internal import Codecs
internal import Networks
internal import Splitting
public import Tensors
public import Training

/// The codec between head and tail as a system that sends a frame of indices for an image.
public struct SemanticSystem: SplitSystem {
  /// What tables and plots call it.
  public let name: String
  /// The curve it is a point of.
  public var family: String { SemanticNN.name }
  /// The parameters of head and encoder in single precision, and the centres.
  public let encoderBytes: Int
  /// Numbers in head and encoder, and the centres.
  public let encoderParameters: Int
  /// Multiply-accumulates of head and encoder.
  public let deviceMACs: Int
  /// Multiply-accumulates of decoder and tail.
  public let serverMACs: Int
  /// Bytes of an answer that is sent down.
  public let answerBytes: Int

  private let device: Head
  private let inputTransform: InputTransform
  private let codec: SemanticCodec
  private let server: Server

  /// Joins the parts.
  init(
    name: String, device: Network, inputTransform: InputTransform, codec: SemanticCodec,
    server: Server
  ) {
    self.name = name
    self.device = Head(device)
    self.inputTransform = inputTransform
    self.codec = codec
    self.server = server
    let cost = self.device.network.cost
    encoderBytes =
      cost.parameterBytes + codec.quantizer.centers.count * MemoryLayout<Float>.stride
    encoderParameters = self.device.network.parameterCount + codec.quantizer.centers.count
    deviceMACs = cost.macs
    serverMACs = server.macs
    answerBytes = server.answerBytes
  }

  /// What is quantised of an image.
  public func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float> {
    device(try inputTransform(pixels))
  }

  /// A frame of indices.
  public func encode(_ latent: Tensor<Float>) throws -> [UInt8] {
    IndexFrame(sequence: 0, indices: try codec.quantizer.codes(of: latent))
      .bytes(bits: codec.quantizer.bits, code: codec.code)
  }

  /// The centres of the indices that arrived.
  public func decode(_ bytes: [UInt8]) throws -> Tensor<Float> {
    let frame = try IndexFrame(
      bytes, bits: codec.quantizer.bits, code: codec.code, most: codec.count)
    guard frame.indices.count == codec.count else {
      throw CodecError.shape(expected: codec.latentShape, found: [frame.indices.count])
    }
    return codec.quantizer.values(of: frame.indices, shape: codec.latentShape.prepending(1))
  }

  /// The tail's logits.
  public func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>] { try server(latents) }

  /// Nil.
  public func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? { nil }
}
