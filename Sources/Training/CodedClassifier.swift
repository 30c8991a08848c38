public import Codecs
internal import Datasets
public import Networks
internal import Splitting
public import Tensors

/// A split classifier whose latents travel as a codec's bytes: how methods that train what sits on
/// the cut measure what they deploy.
public struct CodedClassifier {
  /// The network on the device, from a transformed image to the latent.
  public let device: Network
  /// From what is decoded to logits.
  public let server: Network
  /// What pixels go through first.
  public let inputTransform: InputTransform
  /// Writes the latent.
  public let codec: any LatentCodec
  /// What reading it needs.
  public let tables: CodecTables

  /// Joins the parts.
  public init(
    device: Network, server: Network, inputTransform: InputTransform, codec: any LatentCodec,
    tables: CodecTables
  ) {
    self.device = device
    self.server = server
    self.inputTransform = inputTransform
    self.codec = codec
    self.tables = tables
  }

  /// The parts as a system of a benchmark.
  public func system(name: String) -> CodedSystem {
    CodedSystem(
      name: name, family: name, device: device, inputTransform: inputTransform, codec: codec,
      tables: tables, server: server)
  }

  /// Accuracy on the test images as it is deployed, and what the split costs.
  ///
  /// - Parameters:
  ///   - method: what the report calls it.
  ///   - network: the cost of the trained network.
  ///   - name: what its comparisons call the network; the method unless given.
  ///   - inspect: is shown every batch.
  /// - Throws: `CodecError` if a latent cannot be written, or what the data throw.
  public func evaluate(
    method: String, network: Cost, _ setting: MethodSetting, name: String? = nil,
    inspect: (SystemRun.Batch) throws -> Void = { _ in }
  ) throws -> EvaluationReport {
    try setting.report(
      of: system(name: method), method: method, network: network, name: name,
      classCount: server.outputShape[0], inspect: inspect)
  }
}
