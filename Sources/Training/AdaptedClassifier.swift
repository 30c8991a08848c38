internal import Datasets
public import Networks
internal import Splitting
internal import Tensors

/// A head and a tail of others, with a small network between them or another network in place of the
/// head: what is compared with the original system over one channel.
public struct AdaptedClassifier: Sendable {
  /// The network that changes what a client sends.
  public enum Adaptation: Sendable {
    /// A network behind the head.
    case adapter(Network)
    /// A network in place of the head.
    case head(Network)
  }

  /// The original system.
  public let setup: SplitSetup
  /// Trained network; nil for the original system alone.
  public let adaptation: Adaptation?
  /// Name of the trained network in tables, such as `residual`.
  public let name: String

  /// Joins the parts.
  public init(_ setup: SplitSetup, _ adaptation: Adaptation?, name: String) {
    self.setup = setup
    self.adaptation = adaptation
    self.name = name
  }

  /// The part that runs on the device.
  ///
  /// - Throws: `NetworkError` if the adapter does not fit the head.
  public func device() throws(NetworkError) -> Network {
    switch adaptation {
    case .adapter(let adapter):
      try setup.head.followed(by: adapter, name: setup.head.name + "+adapter")
    case .head(let head): head
    case nil: setup.head
    }
  }

  /// The system that is deployed; every value is sent as it is.
  ///
  /// - Throws: as ``device()``.
  public func system(name: String, family: String) throws -> CodedSystem {
    CodedSystem(
      name: name, family: family, device: try device(), inputTransform: setup.inputTransform,
      tail: setup.tail, serverMACs: setup.serverCost?.macs ?? 0)
  }

  /// Accuracy on the user's classes and on the others, beside the original system's and both masked
  /// to the user's classes, and what the system costs.
  ///
  /// - Parameters:
  ///   - method: what the report calls it.
  ///   - setting: the test images, the link with its noise, and the seed of that.
  /// - Throws: what the data or the tail throw.
  public func evaluate(
    method: String, _ setting: MethodSetting
  ) throws -> EvaluationReport {
    let evaluation = try setting.evaluation(
      through: setup.inputTransform, classCount: setup.tail.classCount)
    let system = try system(name: method, family: name)
    let (deployed, traffic) = try evaluation.run([system], observer: setting.observer)[0]
    var counts = [deployed]
    if setting.link.isNoisy {
      counts = try noisyCounts(evaluation, setting)
    } else if adaptation != nil {
      let original = try AdaptedClassifier(setup, nil, name: "original")
        .system(name: "original", family: name)
      counts.insert(try evaluation.run([original], observer: setting.observer)[0].counts, at: 0)
    }
    let device = try device()
    let server = setup.serverCost ?? Cost()
    var report = evaluation.report(
      method: method,
      network: Cost(
        macs: device.cost.macs + server.macs,
        parameters: device.cost.parameters + server.parameters),
      counts[counts.count - 1])
    report.comparisons = zip(["original", name], counts).flatMap { name, counts in
      evaluation.comparisons(name: name, counts)
    }
    report.split = try setting.cost(of: system, traffic)
    if setting.link.isNoisy { report.add([NoiseNote.ofReport]) }
    return report
  }

  /// Counts over a link that adds noise or loses elements: of the original system and, if anything was
  /// trained, of what was.
  private func noisyCounts(
    _ evaluation: ClassifierEvaluation, _ setting: MethodSetting
  ) throws -> [ClassifierEvaluation.Counts] {
    let head = Head(setup.head)
    let trained = adaptation.map { adaptation in
      switch adaptation {
      case .adapter(let network), .head(let network): Head(network)
      }
    }
    let channel = ChannelNoise(setting.link)
    func send(_ latent: Tensor<Float>, _ random: inout RandomSource) throws -> Tensor<Float> {
      try setup.tail.forward(channel.transmit(latent, using: &random).latent)
    }
    return try evaluation.run(
      classifiers: trained == nil ? 1 : 2, observer: setting.observer
    ) { batch in
      // Both systems meet the same noise.
      let start = RandomSource(seed: setting.seed, purpose: "test channel", index: batch.index)
      var forOriginal = start
      var forTrained = start
      let features = head(batch.images)
      let original = try send(
        channel.beforeAdapter(features, using: &forOriginal), &forOriginal)
      guard let trained else { return [original] }
      let adapted =
        if case .adapter = adaptation {
          trained(channel.beforeAdapter(features, using: &forTrained))
        } else {
          trained(batch.images)
        }
      return [original, try send(adapted, &forTrained)]
    }
  }
}
