public import Checkpoints
internal import Datasets
public import Networks
internal import Splitting
public import Tensors
public import Training

extension Experiment {
  /// Measures a whole network on data, a row each.
  ///
  /// - Parameters:
  ///   - name: what to call it in messages.
  ///   - requests: the data; those of the checkpoint's own recipe if there are none.
  ///   - part: the part of every data set that is measured on.
  ///   - inputTransform: what pixels go through; the checkpoint's own if `nil`.
  ///   - outputs: the output that is measured and what its numbers mean, as far as given.
  ///   - observer: told about progress.
  ///   - read: reads the network and the facts that came with it; for images of a shape, where the
  ///     file says nothing of them.
  /// - Throws: ``MeasurementError`` or `SetupError` if network and images do not fit,
  ///   ``ExperimentError/datasetNeeded(_:)`` or `DatasetError` if there are none.
  public static func evaluate(
    name: String, on requests: [DataRequest], part: MeasuredPart = .test,
    inputTransform: InputTransform?, outputs: OutputChoice = OutputChoice(),
    observer: any TrainingObserver, reading read: (_ imageShape: Shape?) throws -> Checkpoint
  ) throws -> RunEvaluation {
    var checkpoint: Checkpoint?
    // What depends on the size of the images may yet fit.
    do { checkpoint = try read(nil) } catch CheckpointError.imageSize where !requests.isEmpty {
    } catch CheckpointError.openInput where !requests.isEmpty {}
    let origin = try TrainedSections(checkpoint?.provenance?.recipe, of: name)
    let own = origin.data.map {
      provider(of: $0, usualSizing: checkpoint?.imageSizing, observer: observer)
    }
    let reader = MeasuredDataReader(
      subject: name, own: own.flatMap { own in origin.document.map { ($0, own) } },
      classNames: checkpoint?.classNames, usualSizing: checkpoint?.imageSizing, part: part,
      observer: observer)
    let data =
      requests.isEmpty
      ? try reader.all([]) : try reader.all(requests, beginsWithOwn: false)
    guard !data.isEmpty else { throw ExperimentError.datasetNeeded(name) }
    if let unlabelled = data.first(where: { !$0.facts.isLabelled }) {
      throw MeasurementError.nothingToCompare(
        data: unlabelled.name, reason: "\(name) is one; `cleave predict \(name)` shows its answers")
    }
    var systems: [(data: MeasuredData, network: WholeClassifier)] = []
    for data in data {
      if checkpoint?.network.inputs.first?.shape != data.dataset.imageShape {
        checkpoint = try read(data.dataset.imageShape)
      }
      guard let checkpoint else { throw ExperimentError.datasetNeeded(name) }
      do {
        systems.append(
          (data, try WholeClassifier(checkpoint, name: name, outputs, on: data.dataset)))
      } catch { throw data.explained(error) }
    }
    return RunEvaluation(
      subject: name,
      trainedOn: checkpoint?.provenance?.dataset.map {
        RunEvaluation.TrainedOn(
          dataset: $0, classes: checkpoint?.classNames ?? [],
          userClasses: try? reader.ownUserClassNames())
      },
      rows: try systems.map { data, whole in
        let notes = data.facts.remarks + whole.remarks
        for note in notes { observer.noted(note) }
        let head = Head(whole.network)
        let evaluation = ClassifierEvaluation(
          dataset: whole.dataset,
          inputTransform: inputTransform ?? checkpoint?.inputTransform ?? .identity,
          classCount: whole.network.outputShape[0],
          userClasses: data.userClasses?.map { Int(whole.matching.indices[$0]) })
        let counts = try evaluation.run(observer: observer) { [head($0.images)] }
        var report = evaluation.report(
          method: "checkpoint", network: whole.network.cost, counts[0])
        report.add(notes)
        return RunEvaluation.Row(
          name: data.name, measuredOn: data.facts, report: report, fidelity: nil)
      })
  }
}

/// A network in one piece that answers the classes of a data set in logits.
private struct WholeClassifier {
  let network: Network
  let matching: ClassMatching
  /// The data set under the classes of the network.
  let dataset: ImageDataset
  let remarks: [String]

  init(
    _ checkpoint: Checkpoint, name: String, _ outputs: OutputChoice, on dataset: ImageDataset
  ) throws {
    let answers = try ClassAnswers(
      of: checkpoint.network, outputs, classCount: dataset.classNames.count)
    network = answers.network
    matching = try SetupError.check(
      network, of: name, classNames: checkpoint.classNames, dataset)
    let outputs = network.outputShape[0]
    // Which of the outputs a few names stand for is anyone's guess.
    if checkpoint.classNames == nil, dataset.classNames.count < outputs,
      dataset.classNames.contains(where: { Int($0) == nil })
    {
      throw SetupError.classes(
        ClassMismatch(
          expected: try SetupError.classList(names: nil, owner: name, outputs: outputs),
          found: ClassList(owner: dataset.name, names: dataset.classNames), unknown: []))
    }
    self.dataset = try dataset.relabelled(by: matching)
    remarks = answers.remarks + [matching.remark].compactMap(\.self)
  }
}
