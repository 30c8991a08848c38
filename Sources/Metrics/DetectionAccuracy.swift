public import Boxes

/// Average precision of detections by the rules of COCO, as pycocotools computes it.
///
/// In each category and image, detections are matched to objects from the highest score down, each
/// to the free object it overlaps most; what is found is then ranked by score over all images.
/// Source: Lin and others 2014, https://arxiv.org/abs/1405.0312, and `COCOeval` of pycocotools with
/// `iouType='bbox'`, whose rules are kept to the letter:
///
/// - Ten thresholds of overlap, 0.5 to 0.95; a detection that overlaps by the threshold has found
///   the object.
/// - Of an image's detections of one category, only the ``maximumDetections`` with the highest
///   scores count; equal scores keep the order in which they were added.
/// - Crowds, and objects outside the range of areas that is measured, are ignored: they need not be
///   found, and a detection that found one counts neither as right nor as wrong. Others come first,
///   and a crowd can be found any number of times. Overlap with a crowd is the shared area over the
///   detection's own.
/// - A detection that found nothing does not count if its own area is outside the range.
/// - Precision is the mean over 101 recalls, at each the best precision at that recall or above.
///
/// A detection whose score is NaN, or whose box is not finite, is no detection.
public struct DetectionAccuracy: Sendable {
  /// The thresholds of overlap.
  public static let thresholds: [Double] = (0..<10).map { index -> Double in
    // As NumPy's `linspace` computes them: an overlap may equal one of them to the last bit.
    let step: Double = (0.95 - 0.5) / 9
    return index == 9 ? 0.95 : 0.5 + Double(index) * step
  }

  /// The number of categories.
  public let categoryCount: Int

  /// How many detections of an image count in each category.
  public let maximumDetections: Int

  /// The number of images.
  public private(set) var imageCount = 0

  /// The number of crowds among the objects, which need not be found.
  public private(set) var crowdCount = 0

  /// By category.
  private var records: [CategoryRecord]

  /// Creates the accuracy of no images.
  ///
  /// - Precondition: at least one category and one detection.
  public init(categories: Int, maximumDetections: Int = 100) {
    precondition(
      categories >= 1 && maximumDetections >= 1,
      "DetectionAccuracy: \(categories) categories, \(maximumDetections) detections")
    categoryCount = categories
    self.maximumDetections = maximumDetections
    records = Array(repeating: CategoryRecord(), count: categories)
  }

  /// Adds an image.
  ///
  /// - Parameters:
  ///   - detections: what was found in it, in any order.
  ///   - truths: what there is, crowds included.
  ///   - areaScale: the square pixels that boxes and areas have for each square pixel of the original
  ///     image, which the ranges of areas are about.
  /// - Precondition: every category is one of `0..<categoryCount`, and the scale is positive.
  public mutating func add(
    detections: [Detection], truths: [LabelledBox], areaScale: Double = 1
  ) {
    precondition(areaScale > 0, "DetectionAccuracy: a scale of \(areaScale)")
    var found: [Int: [Detection]] = [:]
    var present: [Int: [LabelledBox]] = [:]
    for detection in detections where Self.isDetection(detection) {
      found[index(of: detection.category), default: []].append(detection)
    }
    for truth in truths { present[index(of: truth.category), default: []].append(truth) }
    for category in Set(found.keys).union(present.keys) {
      let order = (found[category] ?? []).enumerated().sorted {
        $0.element.score != $1.element.score
          ? $0.element.score > $1.element.score : $0.offset < $1.offset
      }
      let matching = DetectionMatching(
        detections: order.prefix(maximumDetections).map(\.element),
        truths: present[category] ?? [], areaScale: areaScale)
      records[category].add(matching)
    }
    imageCount += 1
    crowdCount += truths.count { $0.isCrowd }
  }

  /// Adds the images of another part of the data, after those already here.
  ///
  /// - Precondition: as many categories and detections.
  public mutating func merge(_ other: DetectionAccuracy) {
    precondition(
      categoryCount == other.categoryCount && maximumDetections == other.maximumDetections,
      "DetectionAccuracy: \(categoryCount) and \(other.categoryCount) categories, "
        + "\(maximumDetections) and \(other.maximumDetections) detections")
    for category in records.indices { records[category].merge(other.records[category]) }
    imageCount += other.imageCount
    crowdCount += other.crowdCount
  }

  private func index(of category: Int32) -> Int {
    precondition(
      category >= 0 && Int(category) < categoryCount,
      "DetectionAccuracy: category \(category) of \(categoryCount)")
    return Int(category)
  }

  private static func isDetection(_ detection: Detection) -> Bool {
    let box = detection.box
    return !detection.score.isNaN && box.left.isFinite && box.top.isFinite && box.right.isFinite
      && box.bottom.isFinite
  }
}

// MARK: - Summary

extension DetectionAccuracy {
  /// Average precisions, 0 to 1; nil where there is nothing to find.
  public struct Summary: Hashable, Codable, Sendable {
    /// The mean over categories and all thresholds: AP@[.5:.95].
    public var map: Double?
    /// The mean over categories at an overlap of 0.5.
    public var ap50: Double?
    /// The mean over categories at an overlap of 0.75.
    public var ap75: Double?
    /// As ``map``, for objects of at most 32² pixels.
    public var apSmall: Double?
    /// As ``map``, for objects of 32² to 96² pixels.
    public var apMedium: Double?
    /// As ``map``, for objects of at least 96² pixels.
    public var apLarge: Double?
    /// Each category by itself.
    public var perCategory: [Category]
  }

  /// The average precision of one category; nil if no object of it is to be found.
  public struct Category: Hashable, Codable, Sendable {
    /// The mean over all thresholds.
    public var ap: Double?
    /// At an overlap of 0.5.
    public var ap50: Double?
  }

  /// The average precision of all that has been added.
  public func summary() -> Summary {
    let all = records.map { $0.averagePrecisions(in: .all) }
    func overCategories(_ area: AreaRange) -> Double? {
      mean(records.flatMap { $0.averagePrecisions(in: area) ?? [] })
    }
    return Summary(
      map: mean(all.flatMap { $0 ?? [] }), ap50: mean(all.compactMap { $0?[0] }),
      ap75: mean(all.compactMap { $0?[5] }), apSmall: overCategories(.small),
      apMedium: overCategories(.medium), apLarge: overCategories(.large),
      perCategory: all.map { Category(ap: mean($0 ?? []), ap50: $0?[0]) })
  }
}

/// The mean; nil of nothing.
func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
