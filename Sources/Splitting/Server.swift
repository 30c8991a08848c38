internal import Autodiff
public import Networks
public import Tensors

/// The part of a network that runs on the server, frozen, as whoever measures a system sees it:
/// latents in, answers out, one for each output.
public struct Server: Sendable {
  private let answer: @Sendable (Tensor<Float>) throws -> [Tensor<Float>]

  /// Bytes of one sample's answers: in single precision unless whoever made the server says
  /// otherwise.
  public let answerBytes: Int

  /// Multiply-accumulates for one sample.
  public let macs: Int

  /// Makes a server of a network with one input.
  ///
  /// - Parameter answerBytes: the bytes of one sample's answers as they are sent back; all outputs in
  ///   single precision if nil.
  public init(_ network: Network, answerBytes: Int? = nil) {
    let part = FrozenPart(network.folded())
    answer = { part.runAll(Variable($0)).map(\.value) }
    self.answerBytes =
      answerBytes ?? Self.bytes(network.outputs.map { network.shapes[$0] ?? [] })
    macs = network.cost.macs
  }

  /// Makes a server of a tail somebody else owns.
  ///
  /// - Parameter macs: multiply-accumulates of the tail, as its owner says.
  public init(_ tail: any Tail, macs: Int) {
    answer = { [try tail.forward($0)] }
    answerBytes = Self.bytes([[tail.classCount]])
    self.macs = macs
  }

  /// Makes a server of a function.
  ///
  /// - Parameters:
  ///   - answerBytes: the bytes of one sample's answers.
  ///   - macs: multiply-accumulates for one sample.
  ///   - answer: from a batch of latents to the answers.
  public init(
    answerBytes: Int, macs: Int,
    answer: @escaping @Sendable (Tensor<Float>) throws -> [Tensor<Float>]
  ) {
    self.answer = answer
    self.answerBytes = answerBytes
    self.macs = macs
  }

  /// The answers to a batch of latents, each `[batch]` and the shape of an output.
  ///
  /// - Throws: what keeps a tail from answering.
  public func callAsFunction(_ latents: Tensor<Float>) throws -> [Tensor<Float>] {
    try answer(latents)
  }

  private static func bytes(_ shapes: [Shape]) -> Int {
    shapes.reduce(0) { $0 + $1.elementCount } * MemoryLayout<Float>.stride
  }
}
