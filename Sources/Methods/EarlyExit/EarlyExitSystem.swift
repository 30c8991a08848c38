internal import Codecs
internal import Networks
internal import Splitting
public import Tensors
public import Training

/// A split network whose device answers itself where one of its exits is sure enough; only what is left
/// is sent.
public struct EarlyExitSystem: SplitSystem {
  /// What tables and plots call it.
  public let name: String
  /// The curve it is a point of.
  public let family: String
  /// The parameters of the device's part and its exits in single precision, and where they belong.
  public let encoderBytes: Int
  /// Multiply-accumulates of the device's part and its exits.
  public let deviceMACs: Int
  /// Multiply-accumulates of the server's part and its exits, for an image that is sent.
  public let serverMACs: Int
  /// Bytes of an answer that is sent down.
  public let answerBytes: Int

  private let device: Server
  private let server: Server
  private let inputTransform: InputTransform
  private let codec: any LatentCodec
  private let latentShape: Shape
  private let classes: Int
  private let deviceExits: [ExitDecision]
  private let serverExits: [ExitDecision]

  /// Joins the parts.
  ///
  /// - Parameters:
  ///   - device: gives the latent, and for each exit on the device its logits and, if it has a learned
  ///     unit, what that says.
  ///   - server: from the latent to the network's logits, and the same for each exit on the server.
  init(
    name: String, family: String, device: Network, server: Network, exits: [ExitDecision],
    inputTransform: InputTransform, codec: any LatentCodec
  ) {
    self.name = name
    self.family = family
    self.device = Server(device)
    self.server = Server(server)
    self.inputTransform = inputTransform
    self.codec = codec
    latentShape = device.outputShape
    classes = server.outputShape[-1]
    deviceExits = exits.filter { $0.place == .device }
    serverExits = exits.filter { $0.place == .server }
    let cost = device.folded().cost
    encoderBytes = cost.parameterBytes
    deviceMACs = cost.macs + codec.multiplyAccumulates(latentShape)
    serverMACs = server.folded().cost.macs
    answerBytes = classes * MemoryLayout<Float>.stride
  }

  /// How many numbers an exit gives.
  private func length(_ exit: ExitDecision) -> Int { classes + (exit.gate == nil ? 0 : 1) }

  /// The latent and what the exits say, one after the other: `[1, values]`.
  public func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float> {
    let values = try device(try inputTransform(pixels)).flatMap(\.scalars)
    return Tensor([1, values.count], values)
  }

  /// The answer of the first exit on the device that is sure enough; nil if none is.
  public func deviceAnswers(_ latent: Tensor<Float>) throws -> [Tensor<Float>]? {
    answer(latent, of: deviceExits, from: latentShape.elementCount)
      .map { [Tensor([1, classes], $0)] }
  }

  /// The codec's stream of the latent alone.
  public func encode(_ latent: Tensor<Float>) throws -> [UInt8] {
    try codec.stream(Tensor(latentShape, latent.scalars.prefix(latentShape.elementCount)))
  }

  /// The latent that is read; the exits say nothing on the server.
  public func decode(_ bytes: [UInt8]) throws -> Tensor<Float> {
    let stream = try LatentStream(bytes, mostElements: latentShape.elementCount)
    guard stream.shape == latentShape else {
      throw CodecError.shape(expected: latentShape, found: stream.shape)
    }
    let values = try stream.latent(tables: .none).scalars
    return Tensor([1, values.count], values)
  }

  /// The logits of the first exit on the server that is sure enough, or the network's own.
  public func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>] {
    let count = latents.shape[0]
    let outputs = try server(
      latents.reshaped(to: Shape([count] + latentShape.dimensions)))
    guard !serverExits.isEmpty else { return [outputs[0]] }
    let said = outputs.dropFirst().map(\.scalars)
    var logits: [Float] = []
    for row in 0..<count {
      var place = 0
      var values: [Float] = []
      for exit in serverExits {
        values += said[place][row * classes..<(row + 1) * classes]
        place += 1
        if exit.gate != nil {
          values.append(said[place][row])
          place += 1
        }
      }
      let early = answer(Tensor([1, values.count], values), of: serverExits, from: 0)
      logits += early ?? outputs[0].rows(row..<row + 1).scalars
    }
    return [Tensor([count, classes], logits)]
  }

  /// Nil.
  public func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? { nil }

  private func answer(
    _ values: Tensor<Float>, of exits: [ExitDecision], from start: Int
  ) -> [Float]? {
    values.withUnsafeBufferPointer { values in
      var start = start
      for exit in exits {
        let logits = UnsafeBufferPointer(rebasing: values[start..<start + classes])
        let gate = exit.gate == nil ? nil : values[start + classes]
        if exit.confidence(logits, gate: gate) >= exit.threshold { return Array(logits) }
        start += length(exit)
      }
      return nil
    }
  }
}
