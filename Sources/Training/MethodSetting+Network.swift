internal import Datasets
internal import Networks

extension MethodSetting {
  /// Reads or builds the recipe's network, and says which of several outputs is measured.
  ///
  /// - Parameter answers: what the network has to give.
  /// - Throws: what keeps the network from being read, or from fitting the data set.
  public func loadNetwork(answers: NetworkAnswers = .classes) throws -> LoadedNetwork {
    let dataset = try data.test()
    let loaded = try network.load(
      imageShape: dataset.imageShape, classCount: dataset.classNames.count, seed: seed,
      answers: answers)
    note(loaded.answers)
    return loaded
  }

  /// Says what a person has to know of a network's outputs.
  func note(_ answers: ClassAnswers?) {
    for remark in answers?.remarks ?? [] { observer.noted(remark) }
  }
}
