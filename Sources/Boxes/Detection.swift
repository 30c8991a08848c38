/// An object that a detector believes to have found.
public struct Detection: Hashable, Codable, Sendable {
  /// Where.
  public var box: BoundingBox
  /// What, an index into the names of the categories.
  public var category: Int32
  /// How sure the detector is, 0 to 1.
  public var score: Float

  /// Creates a detection.
  public init(_ box: BoundingBox, category: Int32, score: Float) {
    self.box = box
    self.category = category
    self.score = score
  }
}
