internal import Autodiff
internal import Checkpoints
internal import Codecs
internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// A depth network's branches as they are deployed: what each makes of a picture once its latent was
/// quantised, what it sends, and what it takes.
struct BranchRunner: Sendable {
  /// One branch.
  struct Part: Sendable {
    let branch: DepthNetwork.Branch
    let device: Head
    let server: Head
    /// The bytes of a latent's stream, which are the same for all.
    let bytes: Int
  }

  /// The time of one picture through each part.
  struct Times: Sendable {
    let device: TimeSpan
    let server: TimeSpan
  }

  /// The branches, the one with the fewest bytes first.
  let parts: [Part]

  /// What pixels go through first.
  let inputTransform: InputTransform
  private let codec: PackedCodec

  /// Reads the branches of a checkpoint.
  ///
  /// - Throws: what keeps it from being read, or ``NaviSplitError/checkpoint(file:expected:)`` without
  ///   two branches.
  init(checkpoint file: String, quantizer: NaviSplitConfiguration.Quantizer) throws {
    let checkpoint = try Checkpoint.read(file)
    try self.init(
      checkpoint.network, inputTransform: checkpoint.inputTransform ?? .identity, file: file,
      quantizer: quantizer)
  }

  /// Takes the branches of a network.
  ///
  /// - Parameter file: where it is from, for messages.
  init(
    _ network: Network, inputTransform: InputTransform, file: String,
    quantizer: NaviSplitConfiguration.Quantizer
  ) throws {
    let branches = DepthNetwork.branches(of: network)
    guard branches.count > 1 else {
      throw NaviSplitError.checkpoint(
        file: file, expected: "depth network with branches (method: navisplit)")
    }
    self.inputTransform = inputTransform
    let codec = PackedCodec(quantizer.steps)
    self.codec = codec
    let sample = Tensor<Float>(Shape([1] + network.inputs[0].shape.dimensions), repeating: 0)
    parts = try branches.map { branch in
      let (device, server) = try DepthNetwork.parts(of: branch, in: network)
      let (head, tail) = (Head(device), Head(server))
      let latent = head(sample)
      return Part(
        branch: branch, device: head, server: tail,
        bytes: try codec.stream(latent.reshaped(to: head.latentShape)).count)
    }.sorted { $0.bytes < $1.bytes }
  }

  /// Measures each branch on this machine.
  func times() -> [Times] {
    parts.map { part in
      let input = part.device.network.inputs[0].shape
      let sample = Tensor<Float>(Shape([1] + input.dimensions), repeating: 0)
      let latent = part.device(sample)
      return Times(
        device: PartTiming.median { _ = part.device(sample) },
        server: PartTiming.median { _ = part.server(latent) })
    }
  }

  /// What a branch makes of pictures: shares of the far limit, `[batch, height, width, 1]`.
  ///
  /// - Parameter images: transformed.
  private func run(_ part: Part, _ images: Tensor<Float>) throws -> Tensor<Float> {
    let latents = part.device(images)
    let quantizer = codec.quantizer ?? AffineQuantizer(range: -2...22, bits: 8)
    // What is read from a stream is this; the streams themselves are tested to be.
    return part.server(quantizer.values(of: quantizer.symbols(of: latents), shape: latents.shape))
  }

  /// What branches make of pictures, a branch for each.
  ///
  /// - Parameters:
  ///   - pixels: `[batch, height, width, 3]`, 0 to 255.
  ///   - choice: the place of a branch for each picture.
  func depth(_ pixels: Tensor<Float>, choice: [Int]) throws -> Tensor<Float> {
    let images = try inputTransform(pixels)
    let area = pixels.shape[1] * pixels.shape[2]
    var values = [Float](repeating: 0, count: choice.count * area)
    for (index, part) in parts.enumerated() {
      let rows = choice.indices.filter { choice[$0] == index }
      guard !rows.isEmpty else { continue }
      let own = GatherRows(rows.map(Int32.init)).evaluate([images], requiring: [false]).value
      let found = try run(part, own).scalars
      for (place, row) in rows.enumerated() {
        values.replaceSubrange(
          row * area..<(row + 1) * area, with: found[place * area..<(place + 1) * area])
      }
    }
    return Tensor([choice.count, pixels.shape[1], pixels.shape[2], 1], values)
  }

  /// What every branch makes of pictures.
  func all(_ pixels: Tensor<Float>) throws -> [Tensor<Float>] {
    let images = try inputTransform(pixels)
    return try parts.map { try run($0, images) }
  }
}
