internal import Tensors

extension ImageDataset {
  /// Some of the samples, at most a number of them, drawn evenly over the classes.
  ///
  /// - Throws: ``DatasetError/invalidOption(name:value:expected:)`` unless the number is positive.
  public func sample(_ limit: Int, seed: UInt64) throws(DatasetError) -> ImageDataset {
    guard limit > 0 else {
      throw .invalidOption(
        name: "limit", value: "\(limit)", expected: "a positive number of samples")
    }
    return limit >= count ? self : subset(sampleIndices(limit, seed: seed))
  }

  /// The places of some samples, at most a number of them, drawn evenly over the classes.
  ///
  /// Every class has the share of the draw that it has of the set, to within a sample; what is left over
  /// goes to the classes with the largest remainders. Samples keep their order. Which they are depends on
  /// the labels and the seed alone.
  ///
  /// - Precondition: the number is not negative.
  public func sampleIndices(_ limit: Int, seed: UInt64) -> [Int] {
    precondition(limit >= 0, "ImageDataset: a sample of \(limit)")
    guard limit < count else { return Array(0..<count) }
    var byClass = [[Int]](repeating: [], count: classNames.count)
    for (index, label) in labels.enumerated() { byClass[Int(label)].append(index) }
    let shares = byClass.map { limit.multipliedFullWidth(by: $0.count) }
      .map { count.dividingFullWidth($0) }
    var quotas = shares.map(\.quotient)
    // Equal remainders are served in random order, so that no class is ahead of others by its number.
    var random = RandomSource(seed: seed, purpose: "sample of classes")
    let order = random.permutation(byClass.count)
    let byRemainder = order.sorted { shares[$0].remainder > shares[$1].remainder }
    for label in byRemainder.prefix(limit - quotas.reduce(0, +)) { quotas[label] += 1 }
    var isDrawn = [Bool](repeating: false, count: count)
    for (label, members) in byClass.enumerated() where quotas[label] > 0 {
      var random = RandomSource(seed: seed, purpose: "sample", index: label)
      for place in random.permutation(members.count).prefix(quotas[label]) {
        isDrawn[members[place]] = true
      }
    }
    return labels.indices.filter { isDrawn[$0] }
  }
}
