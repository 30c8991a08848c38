/// How a surface looks: a pattern of two colours that follows from the place on it.
public struct Material: Codable, Hashable, Sendable {
  /// A way to go from one colour to the other.
  public enum Pattern: String, CaseIterable, Codable, Sendable {
    /// The first colour everywhere.
    case plain
    /// Squares of either colour in turn.
    case checker
    /// Bands of either colour in turn.
    case stripes
    /// Clouds: random mixtures at the corners of a grid, and smooth ones between them.
    case noise
  }

  /// The first colour.
  public var colour: Colour
  /// The colour that the pattern goes to.
  public var secondColour: Colour
  /// How it goes there.
  public var pattern: Pattern
  /// The size of the pattern's parts in metres, above 0.
  public var scale: Double
  /// What tells patterns of one size apart, 0 to 1.
  public var phase: Double

  /// Creates a material.
  public init(
    colour: Colour, secondColour: Colour? = nil, pattern: Pattern = .plain, scale: Double = 1,
    phase: Double = 0
  ) {
    self.colour = colour
    self.secondColour = secondColour ?? colour
    self.pattern = pattern
    self.scale = scale
    self.phase = phase
  }
}
