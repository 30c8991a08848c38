extension ImageDataset {
  /// The same samples with one more annotation, of one class a sample, whose classes are groups of
  /// the data set's.
  ///
  /// - Parameters:
  ///   - name: the name of the annotation.
  ///   - groups: the classes of each group. The groups are numbered in the alphabetical order of
  ///     their names; what is in none of them is not known, −1.
  /// - Throws: ``DatasetError`` for an unknown class, with the nearest name, for a class in two
  ///   groups, an empty group, no group at all, or if there is an annotation of that name.
  public func grouped(
    _ name: String, _ groups: [String: [ClassReference]]
  ) throws(DatasetError) -> ImageDataset {
    func invalid(_ value: String, _ expected: String) -> DatasetError {
      .invalidOption(name: "groups.\(name)", value: value, expected: expected)
    }
    let names = groups.keys.sorted()
    guard !names.isEmpty else { throw invalid("none", "at least one group of classes") }
    var groupOfClass = [Int32](repeating: -1, count: classNames.count)
    for (group, groupName) in names.enumerated() {
      let members = try classIndices(groups[groupName] ?? [])
      guard !members.isEmpty else { throw invalid("\(groupName): []", "a class in every group") }
      for member in members {
        guard groupOfClass[member] < 0 else {
          throw invalid(
            "'\(classNames[member])' in '\(names[Int(groupOfClass[member])])' and '\(groupName)'",
            "every class in one group at most")
        }
        groupOfClass[member] = Int32(group)
      }
    }
    return try adding(
      AnnotationSet(
        name: name,
        content: .classes(names: names, labels: labels.map { groupOfClass[Int($0)] })))
  }
}
