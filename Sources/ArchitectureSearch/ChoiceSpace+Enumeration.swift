/// The points of a space in order, as the digits of a number whose last digit counts fastest.
extension ChoiceSpace {
  /// The number of points, nil if it is larger than `Int` can say.
  public var count: Int? {
    var count = 1
    for options in optionCounts {
      let (product, overflow) = count.multipliedReportingOverflow(by: options)
      if overflow { return nil }
      count = product
    }
    return count
  }

  /// The point at a place in the order of all points.
  ///
  /// - Precondition: the index is not negative and below ``count`` where that is known.
  public func point(at index: Int) -> Choice {
    precondition(index >= 0, "the points of a space count from 0")
    var rest = index
    var options = [Int](repeating: 0, count: dimensions.count)
    for (dimension, count) in optionCounts.enumerated().reversed() {
      options[dimension] = rest % count
      rest /= count
    }
    precondition(rest == 0, "the space has fewer than \(index) + 1 points")
    return Choice(options)
  }

  /// The place of a point in the order of all points, nil if it is larger than `Int` can say.
  ///
  /// - Precondition: the choice is one of this space.
  public func index(of choice: Choice) -> Int? {
    precondition(contains(choice), "\(choice) is no choice of this space")
    var index = 0
    for (option, count) in zip(choice.options, optionCounts) {
      let (product, overflow) = index.multipliedReportingOverflow(by: count)
      let (sum, carry) = product.addingReportingOverflow(option)
      if overflow || carry { return nil }
      index = sum
    }
    return index
  }

  /// The number of points of a space that is to be enumerated.
  ///
  /// - Throws: ``ArchitectureSearchError/spaceTooLarge(points:limit:)`` above a limit.
  public func count(upTo limit: Int) throws(ArchitectureSearchError) -> Int {
    guard let count, count <= limit else { throw .spaceTooLarge(points: count, limit: limit) }
    return count
  }
}
