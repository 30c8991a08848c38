/// Greedy non-maximum suppression: of boxes that overlap, the one with the highest score stays.
public enum NonMaximumSuppression {
  /// The boxes that stay, from the highest score to the lowest; of equal scores the first comes
  /// first.
  ///
  /// A box goes if its intersection over union with one that stays is above the threshold, as in
  /// torchvision's `nms` and ONNX's `NonMaxSuppression`.
  ///
  /// - Parameters:
  ///   - boxes: the boxes.
  ///   - scores: one for each.
  ///   - groups: boxes of different groups do not suppress each other; nil: all are of one group.
  ///   - threshold: the largest overlap that two boxes may have.
  ///   - limit: the most that stay; nil: all.
  /// - Precondition: as many scores, and groups, as boxes.
  /// - Complexity: the boxes that stay times all boxes.
  public static func kept(
    boxes: [BoundingBox], scores: [Float], groups: [Int32]? = nil, threshold: Float,
    limit: Int? = nil
  ) -> [Int] {
    precondition(
      scores.count == boxes.count && groups.map { $0.count == boxes.count } ?? true,
      "NonMaximumSuppression: \(boxes.count) boxes, \(scores.count) scores")
    let order = boxes.indices.sorted {
      scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1]
    }
    var kept: [Int] = []
    for candidate in order {
      if let limit, kept.count >= limit { break }
      let isSuppressed = kept.contains { other in
        (groups.map { $0[other] == $0[candidate] } ?? true)
          && boxes[other].intersectionOverUnion(boxes[candidate]) > threshold
      }
      if !isSuppressed { kept.append(candidate) }
    }
    return kept
  }
}
