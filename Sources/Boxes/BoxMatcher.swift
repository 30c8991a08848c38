/// Decides which object, if any, each of some boxes has to find.
public struct BoxMatcher: Hashable, Sendable {
  /// What a box has to find.
  public enum Match: Hashable, Sendable {
    /// The object of an index.
    case object(Int)
    /// Nothing: the box is background.
    case background
    /// Neither counts: it is between the two, or lies on a crowd.
    case ignored
  }

  /// The overlap from which a box has to find an object.
  public var foreground: Float
  /// The overlap below which a box is background.
  public var background: Float
  /// Whether the boxes that overlap an object most have to find it however little that is.
  public var matchesBest: Bool

  /// Creates a matcher.
  ///
  /// - Precondition: `background` is at most `foreground`.
  public init(foreground: Float, background: Float, matchesBest: Bool) {
    precondition(background <= foreground, "BoxMatcher: \(background) above \(foreground)")
    self.foreground = foreground
    self.background = background
    self.matchesBest = matchesBest
  }

  /// The match of every box, as torchvision's `Matcher`: the object of the largest intersection over
  /// union if that is large enough, the first of equals.
  ///
  /// A box without an area is ignored, and so is background more than half of which lies in a crowd.
  public func matches(boxes: [BoundingBox], objects: [LabelledBox]) -> [Match] {
    var best = [(overlap: Float, object: Int)](repeating: (0, -1), count: boxes.count)
    // The boxes that overlap an object most.
    var closest: [[Int]] = []
    for (number, object) in objects.enumerated() where !object.isCrowd {
      var largest: Float = 0
      var places: [Int] = []
      for (index, box) in boxes.enumerated() {
        let overlap = box.intersectionOverUnion(object.box)
        guard overlap > 0 else { continue }
        if overlap > best[index].overlap { best[index] = (overlap, number) }
        if overlap > largest { (largest, places) = (overlap, []) }
        if overlap == largest { places.append(index) }
      }
      closest.append(places)
    }
    var matches = best.map { overlap, object -> Match in
      if object >= 0, overlap >= foreground { return .object(object) }
      return overlap < background ? .background : .ignored
    }
    if matchesBest {
      // A box that is best for two objects finds the one it overlaps more.
      for index in closest.joined() { matches[index] = .object(best[index].object) }
    }
    let crowds = objects.filter(\.isCrowd)
    for (index, box) in boxes.enumerated() {
      if box.area == 0 { matches[index] = .ignored }
      guard matches[index] == .background else { continue }
      if crowds.contains(where: { $0.box.intersection(box).area > box.area / 2 }) {
        matches[index] = .ignored
      }
    }
    return matches
  }
}
