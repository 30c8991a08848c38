internal import Suggestions

/// The classes of one side as those of another: by name wherever both have names, by number otherwise.
///
/// Whenever two lists of classes meet, such as those of a data set's parts or of images and a network,
/// labels mean nothing until they are matched.
public struct ClassMatching: Hashable, Sendable {
  /// How the lists relate.
  public enum Kind: Hashable, Sendable {
    /// The same names in the same order, or numbers on both sides.
    case identical
    /// The same names in another order.
    case permutation
    /// Fewer classes than expected, each found by its name.
    case subset
    /// One side has names, the other only numbers.
    case byNumber
  }

  /// How the lists relate.
  public let kind: Kind

  /// The names of the classes once they are matched, to which ``indices`` lead.
  public let names: [String]

  /// The place of every found class among ``names``; −1 for one that is left out, as nothing is of it.
  public let indices: [Int32]

  /// The facts a person should know of the matching, as one sentence; nil if there are none.
  public let remark: String?

  /// Matches the classes that were found to those that are expected.
  ///
  /// A found class that is not expected is left out if nothing is of it.
  ///
  /// - Parameters:
  ///   - found: the classes of what is to be understood, such as a data set's.
  ///   - expected: the classes that it is understood by, such as a network's outputs.
  ///   - used: whether anything is of a found class; all are used unless given.
  /// - Throws: ``ClassMismatch`` if a class that is used is not among the expected ones, or if there are
  ///   more of them and one side has only numbers.
  public init(
    _ found: ClassList, to expected: ClassList, used: (Int) -> Bool = { _ in true }
  ) throws(ClassMismatch) {
    guard let foundNames = found.names, let expectedNames = expected.names else {
      try self.init(numbered: found, expected, used)
      return
    }
    if foundNames == expectedNames {
      self.init(.identical, expectedNames, expectedNames.indices.map { Int32($0) }, remark: nil)
      return
    }
    // A name that stands twice leads nowhere.
    let places = Dictionary(grouping: expectedNames.indices) { expectedNames[$0] }
    let indices = foundNames.map { name in
      places[name].flatMap { $0.count == 1 ? Int32($0[0]) : nil } ?? -1
    }
    let unmatched = foundNames.indices.filter { indices[$0] < 0 }
    let unknown = unmatched.filter(used).map { foundNames[$0] }
    guard unknown.isEmpty else {
      throw ClassMismatch(expected: expected, found: found, unknown: unknown)
    }
    let present = foundNames.indices.filter { indices[$0] >= 0 }.map { foundNames[$0] }
    let leftOut =
      unmatched.isEmpty
      ? ""
      : "; left out, as nothing is of them: "
        + ClassMatching.listed(unmatched.map { foundNames[$0] })
    let isWhole = present.count == expectedNames.count
    if isWhole, present == expectedNames {
      self.init(
        .permutation, expectedNames, indices,
        remark: "the classes of \(found.owner) are those of \(expected.owner)\(leftOut)")
    } else if isWhole {
      self.init(
        .permutation, expectedNames, indices,
        remark: "the classes of \(found.owner) stand in another order than those of "
          + "\(expected.owner): labels are matched by name\(leftOut)")
    } else {
      self.init(
        .subset, expectedNames, indices,
        remark: "\(found.owner) has \(present.count) of the \(expectedNames.count) classes of "
          + "\(expected.owner) (\(ClassMatching.listed(present))): labels are matched by name"
          + leftOut)
    }
  }

  /// Matches lists of which one, or both, have only numbers.
  private init(
    numbered found: ClassList, _ expected: ClassList, _ used: (Int) -> Bool
  ) throws(ClassMismatch) {
    if let matching = ClassMatching(numerals: found, expected) {
      self = matching
      return
    }
    if expected.names == nil, let names = found.names, names.count == expected.count {
      let numbers = names.compactMap { Int($0) }
      guard numbers.sorted() != Array(0..<expected.count) || numbers == numbers.sorted() else {
        throw ClassMismatch(expected: expected, found: found, unknown: [], isAmbiguous: true)
      }
    }
    let usedCount = ((0..<found.count).last(where: used) ?? -1) + 1
    guard usedCount <= expected.count else {
      throw ClassMismatch(expected: expected, found: found, unknown: [])
    }
    let fewer =
      usedCount < expected.count
      ? "; it has \(found.count) of \(expected.count)" : ""
    if found.names == nil, expected.names == nil {
      self.init(
        fewer.isEmpty ? .identical : .subset, (0..<expected.count).map { "\($0)" },
        (0..<found.count).map { $0 < expected.count ? Int32($0) : -1 },
        remark: fewer.isEmpty
          ? nil
          : "\(found.owner) has \(found.count) of the \(expected.count) classes of "
            + "\(expected.owner), the first ones")
      return
    }
    let without = found.names == nil ? found : expected
    self.init(
      .byNumber,
      found.names == nil
        ? (0..<expected.count).map(expected.name) : (0..<usedCount).map(found.name),
      (0..<found.count).map { $0 < usedCount ? Int32($0) : -1 },
      remark: "\(without.owner) has no names of classes: class i of \(found.owner) is taken for "
        + "class i of \(expected.owner)\(fewer)")
  }

  /// Matches some numerals, such as folders `3` and `7`, to classes without names by the numbers they
  /// are; nil if this is not the case.
  ///
  /// A whole set of them in the order of its numbers needs no matching; in another order, as Keras and
  /// torchvision number folders, it cannot be told whether numbers or order count.
  private init?(numerals found: ClassList, _ expected: ClassList) {
    guard expected.names == nil, let names = found.names, names.count < expected.count else {
      return nil
    }
    let numbers = names.compactMap { Int32($0) }
    guard numbers.count == names.count, Set(numbers).count == numbers.count,
      numbers.allSatisfy({ $0 >= 0 && Int($0) < expected.count })
    else { return nil }
    self.init(
      .subset, (0..<expected.count).map { "\($0)" }, numbers,
      remark: "\(found.owner) has \(names.count) of the \(expected.count) classes of "
        + "\(expected.owner) (\(ClassMatching.listed(names))): \(expected.owner) has no names of "
        + "classes, so that each is taken for the class of its number")
  }

  private init(_ kind: Kind, _ names: [String], _ indices: [Int32], remark: String?) {
    self.kind = kind
    self.names = names
    self.indices = indices
    self.remark = remark
  }

  /// Whether every label stays as it is.
  var keepsLabels: Bool { indices.enumerated().allSatisfy { $0.offset == Int($0.element) } }

  private static func listed(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }
}

/// Two lists of classes that cannot be matched.
public struct ClassMismatch: Error, Hashable, Sendable, CustomStringConvertible {
  /// The classes to which the others should have been matched.
  public let expected: ClassList
  /// The others.
  public let found: ClassList
  /// Those of the others that are not expected, or of which two are; empty if there are only too many.
  public let unknown: [String]
  /// Whether the others are numbers that may count by themselves or by their order.
  public let isAmbiguous: Bool

  /// Creates the error.
  public init(
    expected: ClassList, found: ClassList, unknown: [String], isAmbiguous: Bool = false
  ) {
    self.expected = expected
    self.found = found
    self.unknown = unknown
    self.isAmbiguous = isAmbiguous
  }

  /// Both lists, shortened if they are long, and where they differ.
  public var description: String {
    if isAmbiguous, let names = found.names,
      let place = names.indices.first(where: { names[$0] != "\($0)" })
    {
      return
        "\(found.summary(first: [])); \(expected.owner) has no names of classes: its output \(place) "
        + "may be the class '\(place)' or the one that comes \(place + 1). by name, '\(names[place])'; "
        + "class_names says which"
    }
    guard let first = unknown.first else {
      let classes = expected.count == 1 ? "class" : "classes"
      return "\(expected.owner) has \(expected.count) \(classes), \(found.owner) has \(found.count)"
    }
    let names = expected.names ?? []
    let difference: String
    if names.contains(first) {
      difference = "two classes of \(expected.owner) are called '\(first)'"
    } else {
      let nearest = NearestName.of(first, among: names).map { " (did you mean '\($0)'?)" } ?? ""
      let others = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
      difference =
        "class '\(first)'\(nearest)\(others) of \(found.owner) is not among those of \(expected.owner)"
    }
    let missing = names.filter { found.names?.contains($0) != true }
    return "\(difference): \(expected.summary(first: missing)), \(found.summary(first: unknown))"
  }
}
