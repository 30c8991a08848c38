internal import Boxes

/// How the elements of class maps that are read are to be understood.
struct ClassMapReading {
  /// The names of the classes; nil: numbers, as many as the maps need.
  var names: [String]?
  /// The element that stands for no class.
  var ignored: Int32

  /// The numbers from 0 to the largest element that is not ignored, as names.
  static func numberedNames(_ elements: [UInt8], ignored: Int32) -> [String] {
    numberedClasses([Int32(elements.lazy.filter { Int32($0) != ignored }.max() ?? 0)])
  }

  /// The annotation `mask` of some maps.
  ///
  /// - Parameter file: what errors call the file of a sample.
  /// - Throws: ``DatasetError/malformed(file:what:expected:found:)`` for the first element that is
  ///   no class.
  func annotation(
    _ elements: [UInt8], size: ImageSize, file: (Int) -> String
  ) throws(DatasetError) -> AnnotationSet {
    let names = names ?? ClassMapReading.numberedNames(elements, ignored: ignored)
    let maps = AnnotationMaps(height: size.height, width: size.width, elements: elements)
    for sample in 0..<maps.count {
      guard
        let element = maps.firstUnknownClass(sample, count: names.count, ignored: ignored)
      else { continue }
      throw unknownClass(
        maps.withMap(sample) { Int($0[element]) }, sample: sample, row: element / size.width,
        column: element % size.width, classCount: names.count, file: file(sample))
    }
    return AnnotationSet(
      name: "mask", content: .classMaps(names: names, ignored: ignored, maps: maps))
  }

  /// The share of pixels without a class from which a person should know of it.
  private static let saidShare = 1.0 / 3
  /// The same where a class has no pixel, which may be what those are of.
  private static let suspectShare = 0.01

  /// A sentence on the pixels that have the ignored value, if they are a third of all or more, or may be
  /// those of a class that has none.
  ///
  /// - Parameters:
  ///   - count: how many pixels have it, in maps as they are stored.
  ///   - total: how many pixels there are.
  ///   - annotation: the maps.
  func ignoredRemark(
    _ count: Int, of total: Int, _ annotation: AnnotationSet, in owner: String
  ) -> String? {
    let share =
      names != nil && annotation.usedClasses.contains(false)
      ? ClassMapReading.suspectShare : ClassMapReading.saidShare
    guard total > 0, Double(count) >= Double(total) * share else { return nil }
    return
      "\(owner): \(100 * count / total) % of all pixels have the value \(ignored), which stands "
      + "for no class; if it is one, give another value as `ignored`"
  }

  func unknownClass(
    _ value: Int, sample: Int, row: Int, column: Int, classCount: Int, file: String
  ) -> DatasetError {
    .malformed(
      file: file, what: "sample \(sample), row \(row), column \(column)",
      expected: "a class from 0 to \(classCount - 1), or \(ignored) for none", found: "\(value)")
  }
}

extension AnnotationSet {
  /// The most frequent class of every map or the most frequent category of every sample's boxes,
  /// the first of equals; 0 where there is none.
  func mostFrequentClasses() -> [Int32] {
    func mostFrequent(_ counts: [Int]) -> Int32 {
      var best = 0
      for (label, count) in counts.enumerated() where count > counts[best] { best = label }
      return Int32(best)
    }
    let none = [Int](repeating: 0, count: max(1, classNames.count))
    return (0..<count).map { sample in
      var counts = none
      switch content {
      case .classMaps(let names, _, let maps):
        maps.withMap(sample) { map in
          for element in map where Int(element) < names.count { counts[Int(element)] += 1 }
        }
      case .boxes(_, let rows):
        for object in rows[sample] ?? [] { counts[Int(object.category)] += 1 }
      case .classes, .multiLabel, .values, .depth: break
      }
      return mostFrequent(counts)
    }
  }
}
