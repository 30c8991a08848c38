/// An object in an image: where it is and what.
public struct LabelledBox: Hashable, Codable, Sendable {
  /// Where it is.
  public var box: BoundingBox
  /// What it is, an index into the names of the categories.
  public var category: Int32
  /// Whether it stands for a crowd of objects that are not told apart: detections in it count
  /// neither as right nor as wrong, and training leaves it out.
  public var isCrowd: Bool
  /// The area of the object itself, in square pixels, which may be less than its box's.
  public var area: Float

  /// Creates an object.
  ///
  /// - Parameter area: the box's unless given.
  public init(_ box: BoundingBox, category: Int32, isCrowd: Bool = false, area: Float? = nil) {
    self.box = box
    self.category = category
    self.isCrowd = isCrowd
    self.area = area ?? box.area
  }
}
