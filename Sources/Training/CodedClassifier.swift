public import Codecs
public import Datasets
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

  /// Accuracy on the test images, every latent written as bytes and read again, and what the split
  /// costs.
  ///
  /// - Parameters:
  ///   - method: what the report calls it.
  ///   - network: the cost of the trained network.
  ///   - inspect: is shown what was decoded of a batch.
  /// - Throws: `CodecError` if a latent cannot be written, or what the data throw.
  public func evaluate(
    method: String, network: Cost, _ setting: MethodSetting,
    inspect: (Tensor<Float>, ImageBatch) throws -> Void = { _, _ in }
  ) throws -> EvaluationReport {
    let dataset = try setting.data.test()
    let head = Head(device)
    let tail = LocalTail(server)
    var bytes: [Double] = []
    var expected = RunningMean()
    let evaluation = ClassifierEvaluation(
      dataset: dataset, inputTransform: inputTransform, classCount: server.outputShape[0],
      userClasses: try setting.data.userClasses())
    let counts = try evaluation.run(observer: setting.observer) { batch in
      let latents = head(batch.images)
      var decoded: [Float] = []
      decoded.reserveCapacity(latents.count)
      for index in 0..<batch.count {
        let latent = latents.rows(index..<index + 1).reshaped(to: head.latentShape)
        let stream = try codec.stream(latent)
        bytes.append(Double(stream.count))
        if let model = try codec.expectedBytes(latent) { expected.add(model, weight: 1) }
        decoded += try LatentStream(stream).latent(tables: tables).scalars
      }
      let received = Tensor(latents.shape, decoded)
      try inspect(received, batch)
      return [try tail.forward(received)]
    }
    var report = evaluation.report(method: method, network: network, counts[0])
    report.comparisons = evaluation.comparisons(name: method, counts[0])
    let stream = EvaluationReport.StreamBytes(of: bytes, expected: expected.mean)
    report.split = try .measure(
      device: device, server: Server(server), link: setting.link, energy: setting.energy,
      sample: inputTransform(try dataset.pixels(at: [0])),
      tableBytes: tables.byteCount, codecMACs: codec.multiplyAccumulates(head.latentShape),
      stream: stream)
    return report
  }
}
