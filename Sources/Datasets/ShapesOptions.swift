/// Annotations of the shapes world that are made only when asked for, since they take memory or
/// time.
public enum ShapesAnnotation: String, CaseIterable, Codable, Sendable {
  /// The object's box around its visible pixels; its category is its form.
  case boxes
  /// What every pixel shows: the floor, a wall, or the object by its form.
  case mask
  /// How far from the camera what a pixel shows is, along the ray, in units of the room.
  case depth
}

/// How the scenes of the shapes world are divided into training and test scenes.
public enum ShapesSplit: String, CaseIterable, Codable, Sendable {
  /// At random.
  case random
  /// The test scenes have a floor and walls from the second half of the hues, a combination that
  /// training, which takes the rest, never shows: MTL-Split's rule (Capogrosso et al. 2024,
  /// https://arxiv.org/abs/2407.05982).
  case heldOutHues = "held_out_hues"

  /// The number of scenes that a part is taken from: a quarter of the combinations of hues are held
  /// out, and of a random order each part may take half.
  public func sceneCount(_ part: DatasetPart) -> Int {
    switch (self, part) {
    case (.random, _): ShapeFactors.sceneCount / 2
    case (.heldOutHues, .train): ShapeFactors.sceneCount / 4 * 3
    case (.heldOutHues, .test): ShapeFactors.sceneCount / 4
    }
  }

  /// Whether a scene may be taken for a part.
  func admits(_ scene: Int, to part: DatasetPart) -> Bool {
    guard self == .heldOutHues else { return true }
    let factors = ShapeFactors(scene: scene)
    return (factors[.floorHue] >= 5 && factors[.wallHue] >= 5) == (part == .test)
  }
}
