/// Maps of one size, a value for every pixel, held in memory and shared between subsets.
public struct AnnotationMaps<Element: Sendable>: Sendable {
  /// The rows of every map.
  public let height: Int
  /// The columns of every map.
  public let width: Int

  /// All maps that were there in the beginning, one after the other.
  private let elements: [Element]
  /// Which of those are annotations; nil: all.
  private let present: [Bool]?
  /// Which of those belong to this set; nil: all, in order.
  private let positions: [Int]?
  private let total: Int

  /// Creates maps from their elements.
  ///
  /// - Parameters:
  ///   - height: the rows of every map.
  ///   - width: the columns of every map.
  ///   - elements: the maps one after the other, each row-major, `height · width` elements.
  ///   - present: whether each map is an annotation, or fills the place of one that is not known;
  ///     nil: all are.
  /// - Precondition: positive extents, a whole number of maps, and as many flags.
  public init(height: Int, width: Int, elements: [Element], present: [Bool]? = nil) {
    precondition(height > 0 && width > 0, "AnnotationMaps: \(height)×\(width)")
    precondition(
      elements.count % (height * width) == 0,
      "AnnotationMaps: \(elements.count) elements for maps of \(height)×\(width)")
    let total = elements.count / (height * width)
    precondition(present.map { $0.count == total } ?? true, "AnnotationMaps: flags")
    self.init(
      height: height, width: width, elements: elements, present: present, positions: nil,
      total: total)
  }

  private init(
    height: Int, width: Int, elements: [Element], present: [Bool]?, positions: [Int]?, total: Int
  ) {
    self.height = height
    self.width = width
    self.elements = elements
    self.present = present
    self.positions = positions
    self.total = total
  }

  /// The number of maps.
  public var count: Int { positions?.count ?? total }

  /// Whether a sample has a map.
  ///
  /// - Precondition: `sample` is below ``count``.
  public func isPresent(_ sample: Int) -> Bool {
    let position = position(of: sample)
    return present?[position] ?? true
  }

  /// Calls a function with the map of a sample: `height · width` elements, row-major.
  ///
  /// A map that is not present has elements too, without a meaning.
  ///
  /// - Precondition: `sample` is below ``count``.
  public func withMap<R>(
    _ sample: Int, _ body: (UnsafeBufferPointer<Element>) throws -> R
  ) rethrows -> R {
    let start = position(of: sample) * height * width
    return try elements.withUnsafeBufferPointer { elements in
      try body(UnsafeBufferPointer(rebasing: elements[start..<start + height * width]))
    }
  }

  /// The maps of the samples at some indices, in their order.
  func subset(_ indices: [Int]) -> AnnotationMaps {
    AnnotationMaps(
      height: height, width: width, elements: elements, present: present,
      positions: indices.map { position(of: $0) }, total: total)
  }

  /// The maps of the same samples with every element replaced.
  func mapped(_ transform: (Element) -> Element) -> AnnotationMaps {
    var changed: [Element] = []
    changed.reserveCapacity(count * height * width)
    for sample in 0..<count { withMap(sample) { map in changed += map.lazy.map(transform) } }
    return AnnotationMaps(
      height: height, width: width, elements: changed,
      present: present.map { _ in (0..<count).map(isPresent) })
  }

  private func position(of sample: Int) -> Int {
    precondition(sample >= 0 && sample < count, "AnnotationMaps: sample \(sample) of \(count)")
    return positions?[sample] ?? sample
  }
}
