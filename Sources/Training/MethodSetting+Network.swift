public import Datasets
internal import Networks
public import Tasks
internal import Tensors

extension MethodSetting {
  /// Reads or builds the recipe's network, says which of several outputs is measured, and has the
  /// data's classes numbered as its outputs are.
  ///
  /// Parts of the data set that were asked for before must be asked for again.
  ///
  /// - Parameter answers: what the network has to give.
  /// - Throws: what keeps the network from being read, or from fitting the data set.
  public func loadNetwork(answers: NetworkAnswers = .classes) throws -> LoadedNetwork {
    let dataset = try data.test()
    let loaded = try network.load(for: dataset, seed: seed, answers: answers)
    note(loaded.answers)
    guard answers != .anything else { return loaded }
    let outputs = loaded.network.outputShape[-1]
    guard let classes = loaded.classes else {
      if outputs > dataset.classNames.count {
        data.note(
          "the network has \(outputs) outputs for the \(dataset.classNames.count) classes of "
            + dataset.name)
      }
      return loaded
    }
    try SetupError.checkClasses(of: dataset, are: classes)
    try data.expect(classes)
    return loaded
  }

  /// Has the classes of the annotations that the network's own outputs answer numbered as these are.
  ///
  /// - Parameter classes: those of the outputs; nil changes nothing.
  /// - Throws: `DatasetError` if the data set has a class that is not among them.
  public func expect(_ classes: ClassList?, by tasks: [TaskConfiguration]) throws {
    guard let classes else { return }
    for task in tasks
    where task.head == .network && (task.kind == .classification || task.kind == .multiLabel) {
      try data.expect(classes, of: task.annotation)
    }
  }

  /// Says what a person has to know of a network's outputs.
  func note(_ answers: ClassAnswers?) {
    for remark in answers?.remarks ?? [] { data.note(remark) }
  }
}
