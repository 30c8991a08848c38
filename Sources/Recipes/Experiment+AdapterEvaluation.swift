internal import Checkpoints
internal import Datasets
internal import Foundation
internal import Networks
internal import RemoteTails
public import Splitting
internal import Tasks
internal import Tensors
public import Training

/// The files of a split system apart from any run.
public struct AdapterFiles: Sendable {
  /// The checkpoint of the head.
  public var head: String
  /// The checkpoint of what was trained: an adapter behind the head, or a network in its place; nil
  /// for the original system alone.
  public var adapter: String?
  /// The checkpoint of the tail, or the address of a server that answers for it.
  public var tail: String
  /// Credentials and limits of the requests to that server.
  public var access: TailAccess

  /// Names files.
  public init(head: String, adapter: String?, tail: String, access: TailAccess = TailAccess()) {
    self.head = head
    self.adapter = adapter
    self.tail = tail
    self.access = access
  }
}

extension Experiment {
  /// Measures an adapter between a head and a tail on data, a row each.
  ///
  /// Classes are matched by name as of a run. What the adapter's file says of its recipe settles the
  /// rest: the user, the link with its noise, and the data if none are given.
  ///
  /// - Throws: what keeps files from being read or from fitting together, ``MeasurementError``,
  ///   ``ExperimentError/datasetNeeded(_:)``, or `DatasetError`.
  public static func evaluate(
    _ files: AdapterFiles, on requests: [DataRequest], part: MeasuredPart = .test,
    observer: any TrainingObserver
  ) throws -> RunEvaluation {
    let adapter = try files.adapter.map { (name: $0, file: try Checkpoint.read($0)) }
    let subject = files.adapter ?? files.head
    let origin = try TrainedSections(adapter?.file.provenance?.recipe, of: subject)
    let sizing = try adapter?.file.imageSizing ?? Checkpoint.imageSizing(of: files.head)
    let own = origin.data.map { provider(of: $0, usualSizing: sizing, observer: observer) }
    let names = try classNames(of: files, adapter?.file)
    let reader = MeasuredDataReader(
      subject: files.tail,
      own: own.flatMap { own in origin.document.map { ($0, own) } },
      classNames: names, usualSizing: sizing, part: part, observer: observer)
    let data =
      requests.isEmpty
      ? try reader.all([]) : try reader.all(requests, beginsWithOwn: false)
    guard !data.isEmpty else { throw ExperimentError.datasetNeeded(subject) }
    var network = NetworkConfiguration(
      head: files.head, tail: files.tail, input: origin.input)
    network.tailAccess = files.access
    network.classNames = names
    if !TailAddress.isAddress(files.tail) { network.outputs = origin.outputs }
    let systems = try data.map { data in
      let setting = MethodSetting(
        data: DataProvider(
          measuring: data.dataset, userClasses: data.userClasses, trainedOn: data.provider),
        network: network, training: TrainingConfiguration(), link: origin.link,
        energy: origin.energy, seed: origin.seed, tails: TailConnection.connector,
        temporaryDirectory: NSTemporaryDirectory(), observer: observer)
      do {
        let setup = try setting.openSplit()
        return (
          data, setting,
          AdaptedClassifier(
            setup, try adapter.map { try adaptation($0.file.network, named: $0.name, in: setup) },
            name: "adapted")
        )
      } catch { throw data.explained(error) }
    }
    return RunEvaluation(
      subject: subject,
      trainedOn: adapter.map {
        RunEvaluation.TrainedOn(
          dataset: $0.file.provenance?.dataset, classes: $0.file.classNames ?? [],
          userClasses: try? reader.ownUserClassNames())
      },
      rows: try systems.map { data, setting, system in try row(data, setting, system) })
  }

  private static func row(
    _ data: MeasuredData, _ setting: MethodSetting, _ system: AdaptedClassifier
  ) throws -> RunEvaluation.Row {
    if data.facts.isLabelled {
      return RunEvaluation.Row(
        name: data.name, measuredOn: data.facts,
        report: try system.evaluate(
          method: system.adaptation == nil ? "head and tail" : "adapter", setting),
        fidelity: nil)
    }
    guard system.adaptation != nil else {
      throw MeasurementError.nothingToCompare(data: data.name, reason: "give --adapter")
    }
    return RunEvaluation.Row(
      name: data.name, measuredOn: data.facts, report: nil,
      fidelity: try FidelityReport(
        of: system.system(name: "adapter", family: "adapter"),
        to: UncutNetwork(
          head: Head(system.setup.head), tail: system.setup.tail,
          through: system.setup.inputTransform),
        tasks: .classification(of: data.dataset), on: data.dataset, observer: setting.observer))
  }

  /// The classes of the tail's answers, as its file or the adapter's says.
  private static func classNames(
    of files: AdapterFiles, _ adapter: Checkpoint?
  ) throws -> [String]? {
    if !TailAddress.isAddress(files.tail), let names = try Checkpoint.read(files.tail).classNames {
      return names
    }
    return adapter?.classNames
  }

  /// The place of what was trained, by what it takes and gives.
  private static func adaptation(
    _ network: Network, named name: String, in setup: SplitSetup
  ) throws -> AdaptedClassifier.Adaptation {
    let (latent, images) = (setup.tail.latentShape, setup.head.inputs[0].shape)
    guard network.inputs.count == 1, network.outputShape == latent else {
      throw SetupError.contradiction(
        "\(name) gives \(network.outputShape), expected \(latent), what the tail takes")
    }
    switch network.inputs[0].shape {
    case latent: return .adapter(network)
    case images: return .head(network)
    case let taken:
      throw SetupError.contradiction(
        "\(name) takes \(taken), expected \(latent), what the head gives, for an adapter, or "
          + "\(images), an image, for a network in place of the head")
    }
  }
}
