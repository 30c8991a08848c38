public import Boxes

/// What is known of every sample about one question: its class, its objects, the class or the
/// distance of its pixels.
public struct AnnotationSet: Sendable {
  /// What the answers are.
  public enum Content: Sendable {
    /// One class a sample, an index into the names; −1: not known.
    case classes(names: [String], labels: [Int32])
    /// Any number of classes a sample, as indices into the names; nil: not known.
    case multiLabel(names: [String], labels: [[Int32]?])
    /// Real numbers, one for each name; nil: not known.
    case values(names: [String], rows: [[Float]?])
    /// Objects, whose categories are indices into the names; nil: not annotated, while an empty
    /// list says that there are none.
    case boxes(names: [String], rows: [[LabelledBox]?])
    /// A class for every pixel, an index into the names or the ignored value.
    case classMaps(names: [String], ignored: Int32?, maps: AnnotationMaps<UInt8>)
    /// The distance of every pixel, in metres (or units of the shapes world's room); 0: not known.
    case depth(maps: AnnotationMaps<Float>)
  }

  /// The name that a task knows it by, such as `object_hue`, `mask` or `boxes`.
  public let name: String
  /// The answers, one for every sample.
  public let content: Content
  /// How many square pixels of each sample's picture a square pixel of its original takes; nil if pictures
  /// are originals.
  private let areaScales: [Double]?

  /// Creates a set of annotations.
  ///
  /// - Precondition: every class, category and element of a class map is an index into the names
  ///   (or −1 for a class, the ignored value for a map), every row of values has one for each name,
  ///   and distances are finite and not negative.
  ///
  /// - Parameter areaScales: how many square pixels of each sample's picture a square pixel of its original
  ///   takes, if pictures were scaled.
  public init(name: String, content: Content, areaScales: [Double]? = nil) {
    if let problem = AnnotationSet.problem(content) {
      preconditionFailure("AnnotationSet \(name): \(problem)")
    }
    self.init(checked: content, name: name, areaScales: areaScales)
    precondition(areaScales.map { $0.count == count } ?? true, "AnnotationSet: number of scales")
  }

  private init(checked content: Content, name: String, areaScales: [Double]?) {
    self.name = name
    self.content = content
    self.areaScales = areaScales
  }

  /// How many square pixels of a sample's picture a square pixel of its original takes.
  ///
  /// - Precondition: `sample` is below ``count``.
  public func areaScale(_ sample: Int) -> Double { areaScales?[sample] ?? 1 }

  /// The same of the same samples with other answers.
  func replacing(_ content: Content) -> AnnotationSet {
    AnnotationSet(name: name, content: content, areaScales: areaScales)
  }

  /// The number of samples.
  public var count: Int {
    switch content {
    case .classes(_, let labels): labels.count
    case .multiLabel(_, let labels): labels.count
    case .values(_, let rows): rows.count
    case .boxes(_, let rows): rows.count
    case .classMaps(_, _, let maps): maps.count
    case .depth(let maps): maps.count
    }
  }

  /// What sort of answers they are: `classes`, `multi_label`, `values`, `boxes`, `class_maps` or
  /// `depth`.
  public var kind: String {
    switch content {
    case .classes: "classes"
    case .multiLabel: "multi_label"
    case .values: "values"
    case .boxes: "boxes"
    case .classMaps: "class_maps"
    case .depth: "depth"
    }
  }

  /// The names of the classes, categories or values; empty for depth.
  public var classNames: [String] {
    switch content {
    case .classes(let names, _), .multiLabel(let names, _), .values(let names, _),
      .boxes(let names, _), .classMaps(let names, _, _):
      names
    case .depth: []
    }
  }

  /// Whether a sample is annotated.
  ///
  /// - Precondition: `sample` is below ``count``.
  public func isKnown(_ sample: Int) -> Bool {
    switch content {
    case .classes(_, let labels): labels[sample] >= 0
    case .multiLabel(_, let labels): labels[sample] != nil
    case .values(_, let rows): rows[sample] != nil
    case .boxes(_, let rows): rows[sample] != nil
    case .classMaps(_, _, let maps): maps.isPresent(sample)
    case .depth(let maps): maps.isPresent(sample)
    }
  }

  /// The annotations of the samples at some indices, in their order.
  func subset(_ indices: [Int]) -> AnnotationSet {
    let part: Content =
      switch content {
      case .classes(let names, let labels):
        .classes(names: names, labels: indices.map { labels[$0] })
      case .multiLabel(let names, let labels):
        .multiLabel(names: names, labels: indices.map { labels[$0] })
      case .values(let names, let rows):
        .values(names: names, rows: indices.map { rows[$0] })
      case .boxes(let names, let rows):
        .boxes(names: names, rows: indices.map { rows[$0] })
      case .classMaps(let names, let ignored, let maps):
        .classMaps(names: names, ignored: ignored, maps: maps.subset(indices))
      case .depth(let maps):
        .depth(maps: maps.subset(indices))
      }
    // A part of what was checked needs no check.
    return AnnotationSet(
      checked: part, name: name, areaScales: areaScales.map { all in indices.map { all[$0] } })
  }

  /// What contradicts the preconditions of the initialiser.
  private static func problem(_ content: Content) -> String? {
    switch content {
    case .classes(let names, let labels):
      return labels.allSatisfy { $0 >= -1 && Int($0) < names.count } ? nil : "label range"
    case .multiLabel(let names, let labels):
      let inside = labels.allSatisfy { row in
        row?.allSatisfy { $0 >= 0 && Int($0) < names.count } ?? true
      }
      return inside ? nil : "label range"
    case .values(let names, let rows):
      return rows.allSatisfy { $0.map { $0.count == names.count } ?? true }
        ? nil : "a row has another number of values than there are names"
    case .boxes(let names, let rows):
      let inside = rows.allSatisfy { row in
        row?.allSatisfy { $0.category >= 0 && Int($0.category) < names.count } ?? true
      }
      return inside ? nil : "category range"
    case .classMaps(let names, let ignored, let maps):
      for sample in 0..<maps.count where maps.isPresent(sample) {
        if let element = maps.firstUnknownClass(sample, count: names.count, ignored: ignored) {
          return "class range, element \(element) of map \(sample)"
        }
      }
      return nil
    case .depth(let maps):
      for sample in 0..<maps.count where maps.isPresent(sample) {
        let inside = maps.withMap(sample) { map in map.allSatisfy { $0 >= 0 && $0.isFinite } }
        if !inside { return "distance range, map \(sample)" }
      }
      return nil
    }
  }
}

extension AnnotationMaps<UInt8> {
  /// The first element of a sample's map that is neither a class nor the ignored value.
  func firstUnknownClass(_ sample: Int, count: Int, ignored: Int32?) -> Int? {
    withMap(sample) { map in
      map.firstIndex { Int($0) >= count && Int32($0) != ignored }
    }
  }
}
