internal import Boxes

/// What the detections of one category in one image found: `COCOeval.evaluateImg`.
struct DetectionMatching {
  /// One detection in every range of areas, a bit for each threshold of overlap.
  struct Outcome: Sendable {
    var score: Float
    /// Whether it found an object; by range of areas.
    var isMatched: SIMD4<UInt16> = .zero
    /// Whether it counts neither as right nor as wrong; by range of areas.
    var isIgnored: SIMD4<UInt16> = .zero
  }

  /// The detections from the highest score down.
  private(set) var outcomes: [Outcome]
  /// How many objects are to be found, by range of areas.
  private(set) var truthCounts: SIMD4<Int>

  /// Matches detections, from the highest score down, to objects.
  ///
  /// - Parameter areaScale: what areas are divided by before they are looked up in the ranges.
  init(detections: [Detection], truths: [LabelledBox], areaScale: Double) {
    outcomes = detections.map { Outcome(score: $0.score) }
    truthCounts = .zero
    let boxes = detections.map { WideBox($0.box) }
    let overlaps = boxes.map { box in
      truths.map { box.overlap(WideBox($0.box), isCrowd: $0.isCrowd) }
    }
    for area in AreaRange.allCases {
      let isIgnored = truths.map { $0.isCrowd || !area.contains(Double($0.area) / areaScale) }
      // Objects that count come first, otherwise the order stays.
      let order = truths.indices.filter { !isIgnored[$0] } + truths.indices.filter { isIgnored[$0] }
      truthCounts[area.rawValue] = isIgnored.count { !$0 }
      for (level, threshold) in DetectionAccuracy.thresholds.enumerated() {
        var isFound = [Bool](repeating: false, count: truths.count)
        for index in detections.indices {
          var best = min(threshold, 1 - 1e-10)
          var match: Int?
          for truth in order {
            if isFound[truth], !truths[truth].isCrowd { continue }
            if let match, !isIgnored[match], isIgnored[truth] { break }
            if overlaps[index][truth] < best { continue }
            best = overlaps[index][truth]
            match = truth
          }
          let bit: UInt16 = 1 << UInt16(level)
          if let match {
            isFound[match] = true
            outcomes[index].isMatched[area.rawValue] |= bit
            if isIgnored[match] { outcomes[index].isIgnored[area.rawValue] |= bit }
          } else if !area.contains(boxes[index].area / areaScale) {
            outcomes[index].isIgnored[area.rawValue] |= bit
          }
        }
      }
    }
  }
}

/// A box in double precision, as pycocotools has it.
private struct WideBox {
  var left: Double
  var top: Double
  var right: Double
  var bottom: Double

  init(_ box: BoundingBox) {
    left = Double(box.left)
    top = Double(box.top)
    right = Double(box.right)
    bottom = Double(box.bottom)
  }

  var area: Double { (right - left) * (bottom - top) }

  /// Shared area over covered area, or over this box's own where the other is a crowd.
  func overlap(_ other: WideBox, isCrowd: Bool) -> Double {
    let width = min(right, other.right) - max(left, other.left)
    let height = min(bottom, other.bottom) - max(top, other.top)
    guard width > 0, height > 0 else { return 0 }
    let shared = width * height
    let covered = isCrowd ? area : area + other.area - shared
    return shared / covered
  }
}
