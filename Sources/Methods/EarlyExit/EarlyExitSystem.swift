public import Codecs
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
  /// Numbers in those, statistics included.
  public let encoderParameters: Int
  /// Multiply-accumulates of the device's part and its exits.
  public let deviceMACs: Int
  /// Multiply-accumulates of the server's part and its exits, for an image that is sent.
  public let serverMACs: Int
  /// Bytes of an answer that is sent down.
  public let answerBytes: Int

  /// The codec of what is sent.
  public var codecDescription: CodecDescription? { CodecDescription(codec) }

  private let device: Server
  private let server: Server
  private let inputTransform: InputTransform
  private let codec: any LatentCodec
  private let latentShape: Shape
  private let classes: Int
  private let deviceExits: [ExitDecision]
  private let serverExits: [ExitDecision]
  /// Multiply-accumulates up to each exit: on the device, and then on the server.
  private let exitMACs: (device: [Int], server: [Int])

  /// Joins the parts.
  ///
  /// - Parameters:
  ///   - device: gives the latent, and for each exit on the device its logits and, if it has a learned
  ///     unit, what that says.
  ///   - server: from the latent to the network's logits, and the same for each exit on the server.
  /// - Throws: `NetworkError` if an exit is in neither part.
  init(
    name: String, family: String, device: Network, server: Network, exits: [ExitDecision],
    inputTransform: InputTransform, codec: any LatentCodec
  ) throws {
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
    let folded = device.folded()
    let cost = folded.cost
    encoderBytes = cost.parameterBytes
    encoderParameters = folded.parameterCount
    // What an exit takes is a network of its own.
    func macs(_ exits: [ExitDecision], in network: Network) throws -> [Int] {
      try exits.indices.map { index in
        try network.with(outputs: exits[...index].flatMap(\.values)).folded().cost.macs
      }
    }
    exitMACs = (try macs(deviceExits, in: device), try macs(serverExits, in: server))
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
    firstSure(latent, of: deviceExits, from: latentShape.elementCount)
      .map { [Tensor([1, classes], $0.logits)] }
  }

  /// Those up to the exit that answers, on the device or on the server, or all.
  public func macs(
    computed: Tensor<Float>, decoded: Tensor<Float>?
  ) throws -> (device: Int, server: Int) {
    guard let decoded else {
      let exit = firstSure(computed, of: deviceExits, from: latentShape.elementCount)?.exit
      return (exit.map { exitMACs.device[$0] } ?? deviceMACs, 0)
    }
    guard !serverExits.isEmpty else { return (deviceMACs, serverMACs) }
    let exit = firstSure(try serverExitValues(decoded)[0], of: serverExits, from: 0)?.exit
    return (deviceMACs, exit.map { exitMACs.server[$0] } ?? serverMACs)
  }

  /// Answers of the exits on the device to an image: logits, and outputs of learned units.
  ///
  /// - Parameter computed: ``latent(_:)`` of it.
  func deviceExitValues(_ computed: Tensor<Float>) -> [(logits: [Float], gate: Float?)] {
    said(computed, by: deviceExits, from: latentShape.elementCount)
  }

  /// Answers of the network itself and of each exit on the server to a batch of decoded latents.
  func serverValues(
    _ decoded: Tensor<Float>
  ) throws -> [(final: [Float], exits: [(logits: [Float], gate: Float?)])] {
    let outputs = try server(
      decoded.reshaped(to: Shape([decoded.shape[0]] + latentShape.dimensions)))
    let exits = joined(outputs)
    return exits.indices.map { row in
      (
        outputs[0].rows(row..<row + 1).scalars, said(exits[row], by: serverExits, from: 0)
      )
    }
  }

  private func serverExitValues(_ decoded: Tensor<Float>) throws -> [Tensor<Float>] {
    joined(
      try server(decoded.reshaped(to: Shape([decoded.shape[0]] + latentShape.dimensions))))
  }

  /// For each row what the exits on the server say, one after the other.
  private func joined(_ outputs: [Tensor<Float>]) -> [Tensor<Float>] {
    (0..<outputs[0].shape[0]).map { row in
      let values = outputs.dropFirst().flatMap { $0.rows(row..<row + 1).scalars }
      return Tensor([1, values.count], values)
    }
  }

  private func said(
    _ values: Tensor<Float>, by exits: [ExitDecision], from start: Int
  ) -> [(logits: [Float], gate: Float?)] {
    let scalars = values.scalars
    var start = start
    return exits.map { exit in
      defer { start += length(exit) }
      return (
        Array(scalars[start..<start + classes]), exit.gate == nil ? nil : scalars[start + classes]
      )
    }
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
    let logits = joined(outputs).enumerated().flatMap { row, values in
      firstSure(values, of: serverExits, from: 0)?.logits
        ?? outputs[0].rows(row..<row + 1).scalars
    }
    return [Tensor([count, classes], logits)]
  }

  /// Nil.
  public func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? { nil }

  /// The first exit that is sure enough, and its logits; nil if none is.
  private func firstSure(
    _ values: Tensor<Float>, of exits: [ExitDecision], from start: Int
  ) -> (exit: Int, logits: [Float])? {
    for (index, (exit, said)) in zip(exits, said(values, by: exits, from: start)).enumerated() {
      let confidence = said.logits.withUnsafeBufferPointer {
        exit.confidence($0, gate: said.gate)
      }
      if confidence >= exit.threshold { return (index, said.logits) }
    }
    return nil
  }
}
