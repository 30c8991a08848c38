/// Curves over a plane: what is gained for what it costs.
public struct CurvePlot: Plot {
  /// A point of a curve.
  public struct Sample: Sendable {
    /// Along the horizontal axis.
    public var x: Double
    /// Along the vertical axis.
    public var y: Double
    /// How far the vertical value spreads to either side; nil if it was measured once.
    public var spread: Double?
    /// What the point is, for those who ask.
    public var label: String

    /// Creates a point.
    public init(x: Double, y: Double, spread: Double? = nil, label: String) {
      self.x = x
      self.y = y
      self.spread = spread
      self.label = label
    }
  }

  /// Points that belong together.
  public struct Curve: Sendable {
    /// The name in the legend.
    public var name: String
    /// The points; they are joined in this order, if at all.
    public var samples: [Sample]
    /// Whether a line joins the points.
    public var isJoined: Bool

    /// Creates a curve.
    public init(name: String, samples: [Sample], isJoined: Bool = true) {
      self.name = name
      self.samples = samples
      self.isJoined = isJoined
    }
  }

  /// A value all curves are compared with.
  public struct Reference: Sendable {
    /// Along the vertical axis.
    public var y: Double
    /// The name in the legend.
    public var name: String

    /// Creates a reference.
    public init(y: Double, name: String) {
      self.y = y
      self.name = name
    }
  }

  /// What the plot shows.
  public var title: String
  /// From left to right.
  public var horizontal: Axis
  /// From bottom to top.
  public var vertical: Axis
  /// The curves; one without points keeps its colour from others.
  public var curves: [Curve]
  /// A dashed line across.
  public var reference: Reference?
  /// Points lower than this are left out, which the legend says; nil to keep all.
  public var floor: Double?

  /// Creates a plot.
  public init(
    title: String, horizontal: Axis, vertical: Axis, curves: [Curve], reference: Reference? = nil,
    floor: Double? = nil
  ) {
    self.title = title
    self.horizontal = horizontal
    self.vertical = vertical
    self.curves = curves
    self.reference = reference
    self.floor = floor
  }
}
