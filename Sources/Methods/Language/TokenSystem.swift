internal import Codecs
internal import Networks
internal import Splitting
public import Tensors
public import Training

/// A language model split in two whose device sends a stream for each token of a window, as decoding does
/// step by step; the server says which character comes after the last.
///
/// A window's message is its streams in their order, each after its length in seven bits a byte.
public struct TokenSystem: SplitSystem {
  /// Name in tables and plots.
  public let name: String
  /// The curve it is a point of.
  public var family: String { LanguageModel.name }
  /// The parameters of the device's part in single precision.
  public let encoderBytes: Int
  /// Numbers in the device's part, statistics included.
  public let encoderParameters: Int
  /// Multiply-accumulates of the device's part for a window.
  public let deviceMACs: Int
  /// Multiply-accumulates of the server's part for a window.
  public let serverMACs: Int
  /// Bytes of the logits of one character.
  public let answerBytes: Int

  private let device: Head
  private let server: Head
  private let inputTransform: InputTransform
  private let codec: any LatentCodec
  private let length: Int
  private let width: Int

  /// Joins the parts.
  ///
  /// - Throws: ``LanguageError/notEveryPosition(_:)`` for a latent without a row for each token.
  init(
    name: String, device: Network, server: Network, inputTransform: InputTransform,
    codec: any LatentCodec
  ) throws {
    let latent = device.outputShape
    guard latent.rank == 2, server.outputShape.rank == 2, latent[0] == server.outputShape[0] else {
      throw LanguageError.notEveryPosition(latent)
    }
    self.name = name
    self.device = Head(device)
    self.server = Head(server)
    self.inputTransform = inputTransform
    self.codec = codec
    (length, width) = (latent[0], latent[1])
    let cost = self.device.network.cost
    encoderBytes = cost.parameterBytes
    encoderParameters = self.device.network.parameterCount
    deviceMACs = cost.macs
    serverMACs = self.server.network.cost.macs
    answerBytes = server.outputShape[1] * MemoryLayout<Float>.stride
  }

  /// The features of every token, `[1, tokens, width]`.
  public func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float> {
    device(try inputTransform(pixels))
  }

  /// A stream for each token.
  ///
  /// - Throws: `CodecError` if the latent holds what the codec cannot.
  public func encode(_ latent: Tensor<Float>) throws -> [UInt8] {
    let tokens = latent.reshaped(to: [length, width])
    var writer = ByteWriter()
    for token in 0..<length {
      let stream = try codec.stream(tokens.rows(token..<token + 1).reshaped(to: [width]))
      writer.write(variable: stream.count)
      writer.write(stream)
    }
    return writer.bytes
  }

  /// Reads the streams.
  ///
  /// - Throws: `CodecError` for bytes that are no such message.
  public func decode(_ bytes: [UInt8]) throws -> Tensor<Float> {
    var reader = ByteReader(bytes)
    var values: [Float] = []
    for _ in 0..<length {
      let count = try reader.variable(of: "a stream's length", in: 0...bytes.count)
      let stream = try LatentStream(
        Array(try reader.bytes(count, of: "a token's stream")), mostElements: width)
      guard stream.shape == [width] else {
        throw CodecError.shape(expected: [width], found: stream.shape)
      }
      values += try stream.latent().scalars
    }
    guard reader.remaining == 0 else {
      throw CodecError.damaged("\(reader.remaining) bytes are left over")
    }
    return Tensor([1, length, width], values)
  }

  /// The logits of the character after each window, `[batch, classes]`.
  public func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>] {
    let logits = server(latents)
    let classes = logits.shape[2]
    let scalars = logits.scalars
    var last: [Float] = []
    for row in 1...max(1, logits.shape[0]) {
      let end = row * length * classes
      last += scalars[(end - classes)..<end]
    }
    return [Tensor([logits.shape[0], classes], last)]
  }

  /// Nil.
  public func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? { nil }
}
