internal import Boxes

extension AnnotationSet {
  /// The most names that a remark lists.
  private static let shownNames = 8

  /// The facts that keep a network from learning an annotation of training samples, as sentences: classes
  /// of which there is nothing, and objects below a pixel.
  ///
  /// - Parameter owner: the data set.
  package func learningRemarks(of owner: String) -> [String] {
    switch content {
    case .boxes(_, let rows):
      let objects = rows.lazy.compactMap { $0 }.joined()
      let small = objects.count { !$0.isLearnable }
      return absent(what: "object", owner: owner)
        + (small == 0
          ? []
          : [
            "\(owner): \(small) of \(objects.count) objects of \(name) are less than a pixel wide or high "
              + "at this size and cannot be learned from; tests count them"
          ])
    case .classMaps: return absent(what: "pixel", owner: owner)
    case .multiLabel: return absent(what: "sample", owner: owner)
    case .classes, .values, .depth: return []
    }
  }

  private func absent(what: String, owner: String) -> [String] {
    let names = zip(classNames, usedClasses).filter { !$0.1 }.map(\.0)
    guard !names.isEmpty, !classNames.isEmpty else { return [] }
    let listed =
      names.prefix(AnnotationSet.shownNames).joined(separator: ", ")
      + (names.count > AnnotationSet.shownNames ? ", …" : "")
    return [
      "\(owner): no \(what) of \(name) is of \(names.count) of the \(classNames.count) classes (\(listed)), "
        + "which cannot be learned"
    ]
  }
}
