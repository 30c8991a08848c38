public import Codecs
public import Networks
public import Splitting
public import Tensors

/// A network cut in two with a latent codec between the parts.
public struct CodedSystem: SplitSystem {
  /// What tables and plots call it.
  public let name: String

  /// The curve it is a point of.
  public let family: String

  /// The parameters of the device's part in single precision, and the codec's tables.
  public let encoderBytes: Int

  /// Numbers in the device's part, statistics included.
  public let encoderParameters: Int

  /// Multiply-accumulates of the device's part, and of the codec if it has a network of its own, for
  /// an image.
  public let deviceMACs: Int

  /// Multiply-accumulates of the server's part for an image.
  public let serverMACs: Int

  /// The codec between the parts.
  public var codecDescription: CodecDescription? { CodecDescription(codec) }

  private let head: Head
  private let inputTransform: InputTransform
  private let codec: any LatentCodec
  private let tables: CodecTables
  private let server: Server

  /// Creates a system whose server answers through a tail.
  ///
  /// - Parameters:
  ///   - device: the network on the device, from a transformed image to the latent.
  ///   - inputTransform: what pixels go through before it.
  ///   - codec: writes the latent.
  ///   - tables: what reading it needs; they count as part of the device.
  ///   - tail: from latents to logits.
  ///   - serverMACs: multiply-accumulates of the tail, as its owner says.
  public init(
    name: String, family: String, device: Network, inputTransform: InputTransform,
    codec: any LatentCodec = IdentityCodec(), tables: CodecTables = .none, tail: any Tail,
    serverMACs: Int
  ) {
    self.init(
      name: name, family: family, head: Head(device), inputTransform: inputTransform,
      codec: codec, tables: tables, server: Server(tail, macs: serverMACs))
  }

  /// Creates a system whose server is a network, of one output or several.
  ///
  /// - Parameter answerBytes: what the server sends back for an image, see `Server`.
  public init(
    name: String, family: String, device: Network, inputTransform: InputTransform,
    codec: any LatentCodec = IdentityCodec(), tables: CodecTables = .none, server: Network,
    answerBytes: Int? = nil
  ) {
    self.init(
      name: name, family: family, head: Head(device), inputTransform: inputTransform,
      codec: codec, tables: tables, server: Server(server, answerBytes: answerBytes))
  }

  private init(
    name: String, family: String, head: Head, inputTransform: InputTransform,
    codec: any LatentCodec, tables: CodecTables, server: Server
  ) {
    self.name = name
    self.family = family
    self.head = head
    self.inputTransform = inputTransform
    self.codec = codec
    self.tables = tables
    self.server = server
    serverMACs = server.macs
    let cost = head.network.cost
    deviceMACs = cost.macs + codec.multiplyAccumulates(head.latentShape)
    encoderBytes = cost.parameterBytes + tables.byteCount
    encoderParameters = head.network.parameterCount
  }

  /// The same parts with another codec between them.
  public func with(
    name: String, family: String, codec: any LatentCodec, tables: CodecTables = .none
  ) -> CodedSystem {
    CodedSystem(
      name: name, family: family, head: head, inputTransform: inputTransform, codec: codec,
      tables: tables, server: server)
  }

  /// Transforms the pixels and runs the device's part.
  ///
  /// - Throws: `InputTransformError` if the channels do not fit.
  public func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float> {
    head(try inputTransform(pixels))
  }

  /// The codec's stream.
  ///
  /// - Throws: `CodecError` if the latent holds what the codec cannot.
  public func encode(_ latent: Tensor<Float>) throws -> [UInt8] {
    try codec.stream(CodedSystem.single(latent))
  }

  /// Reads the codec's stream.
  ///
  /// - Throws: `CodecError` for bytes that are no such stream, or of another latent.
  public func decode(_ bytes: [UInt8]) throws -> Tensor<Float> {
    let stream = try LatentStream(bytes, mostElements: head.latentShape.elementCount)
    guard stream.shape == head.latentShape else {
      throw CodecError.shape(expected: head.latentShape, found: stream.shape)
    }
    return try stream.latent(tables: tables)
      .reshaped(to: Shape([1] + head.latentShape.dimensions))
  }

  /// The server's answers.
  ///
  /// - Throws: what a tail throws.
  public func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>] { try server(latents) }

  /// Bytes of the answers for one image.
  public var answerBytes: Int { server.answerBytes }

  /// What the codec's tables say, if it has any.
  ///
  /// - Throws: `CodecError` if the latent holds what the codec cannot.
  public func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? {
    try codec.expectedBytes(CodedSystem.single(latent))
  }

  /// The latent of a batch of one, without the axis of the batch, which need not be sent.
  private static func single(_ latent: Tensor<Float>) -> Tensor<Float> {
    precondition(latent.shape[0] == 1, "CodedSystem: \(latent.shape[0]) latents at once")
    return latent.reshaped(to: latent.shape.droppingFirst())
  }
}
