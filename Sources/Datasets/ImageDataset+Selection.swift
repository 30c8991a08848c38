internal import Tensors

/// A class, by its index or by its name.
public enum ClassReference: Hashable, Sendable {
  /// The class at an index into the class names.
  case index(Int)
  /// The class of a name.
  case name(String)
}

extension ClassReference: Codable {
  /// Reads a number as an index and a text as a name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let index = try? container.decode(Int.self) {
      self = .index(index)
    } else {
      self = .name(try container.decode(String.self))
    }
  }

  /// Writes the index or the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .index(let index): try container.encode(index)
    case .name(let name): try container.encode(name)
    }
  }
}

/// The two parts that a split makes.
public struct DatasetSplits: Sendable {
  /// What remains for training.
  public let train: ImageDataset
  /// What was put aside.
  public let validation: ImageDataset

  /// Creates the parts.
  public init(train: ImageDataset, validation: ImageDataset) {
    self.train = train
    self.validation = validation
  }
}

extension ImageDataset {
  /// The indices of classes given by index or name, ascending and each once.
  ///
  /// - Throws: ``DatasetError/unknownName(kind:name:nearest:known:)`` or
  ///   ``DatasetError/invalidOption(name:value:expected:)`` for an index out of range.
  public func classIndices(_ classes: [ClassReference]) throws(DatasetError) -> [Int] {
    try ImageDataset.classIndices(classes, among: classNames)
  }

  /// The indices into a list of names of classes given by index or name, ascending and each once.
  ///
  /// - Throws: ``DatasetError`` as ``classIndices(_:)``.
  public static func classIndices(
    _ classes: [ClassReference], among classNames: [String]
  ) throws(DatasetError) -> [Int] {
    var indices: Set<Int> = []
    for reference in classes {
      switch reference {
      case .index(let index):
        guard classNames.indices.contains(index) else {
          throw .invalidOption(
            name: "classes", value: "\(index)",
            expected: "a class from 0 to \(classNames.count - 1)"
          )
        }
        indices.insert(index)
      case .name(let name):
        guard let index = classNames.firstIndex(of: name) else {
          throw .unknown("class", name, among: classNames)
        }
        indices.insert(index)
      }
    }
    return indices.sorted()
  }

  /// The samples of some classes only, which is what one *user* sees; labels keep their index.
  ///
  /// - Throws: ``DatasetError`` for no class, an unknown class, or if no sample is left.
  public func selecting(classes: [ClassReference]) throws(DatasetError) -> ImageDataset {
    guard !classes.isEmpty else {
      throw .emptySelection(dataset: name, what: "an empty list of classes")
    }
    let selected = Set(try classIndices(classes).map(Int32.init))
    let indices = labels.indices.filter { selected.contains(labels[$0]) }
    guard !indices.isEmpty else {
      throw .emptySelection(
        dataset: name, what: "classes \(selected.sorted().map(String.init).joined(separator: ", "))"
      )
    }
    return subset(indices)
  }

  /// Puts a fraction of every class aside for validation.
  ///
  /// Which samples depends on the seed, the class and the number of its samples alone. Both parts
  /// keep the order of the set. Each class gives the fraction of its samples, rounded, but never
  /// its only sample; if all are such, the fraction is drawn of all samples, and a remark says so.
  ///
  /// - Throws: ``DatasetError`` unless `0 < validationFraction < 1`, or if either part is empty.
  public func split(validationFraction: Double, seed: UInt64) throws(DatasetError)
    -> DatasetSplits
  {
    guard validationFraction > 0, validationFraction < 1 else {
      throw .invalidOption(
        name: "validation_fraction", value: "\(validationFraction)",
        expected: "a number between 0 and 1, both excluded")
    }
    var byClass = [[Int]](repeating: [], count: classNames.count)
    for (index, label) in labels.enumerated() { byClass[Int(label)].append(index) }
    var isValidation = [Bool](repeating: false, count: count)
    for (label, members) in byClass.enumerated() where members.count > 1 {
      let share = Int((Double(members.count) * validationFraction).rounded())
      var random = RandomSource(seed: seed, purpose: "validation split", index: label)
      let order = random.permutation(members.count)
      for position in order.prefix(min(max(share, 1), members.count - 1)) {
        isValidation[members[position]] = true
      }
    }
    var remark: String?
    if !isValidation.contains(true), count > 1 {
      // No class could be divided.
      let share = min(max(Int((Double(count) * validationFraction).rounded()), 1), count - 1)
      var random = RandomSource(seed: seed, purpose: "validation split")
      for position in random.permutation(count).prefix(share) { isValidation[position] = true }
      remark =
        "\(name): no class has two samples; \(share) of \(count) are put aside whatever their class"
    }
    var train = subset(labels.indices.filter { !isValidation[$0] }, name: name)
    let validation = subset(labels.indices.filter { isValidation[$0] }, name: name + "/validation")
    if let remark {
      train.remarks.append(remark)
    } else {
      let alone = byClass.indices.filter { byClass[$0].count == 1 }.map { classNames[$0] }
      train.remarks += [
        LeftOut.remark(
          "\(name): classes of one sample, which is in none of the parts put aside", alone)
      ].compactMap { $0 }
    }
    guard validation.count > 0, train.count > 0 else {
      throw .emptySelection(
        dataset: name, what: "putting \(validationFraction) of \(count) samples aside")
    }
    return DatasetSplits(train: train, validation: validation)
  }
}
