/// A picture of values that can be drawn for a wide and for a narrow page.
public protocol Plot: Sendable {
  /// The plot as a drawing of the layout's width.
  func drawing(_ layout: PlotLayout) -> Drawing
}

extension Plot {
  /// The plot as a drawing for a wide page, or a file of its own.
  public func drawing() -> Drawing { drawing(.wide) }
}

/// The room that a plot has.
public enum PlotLayout: Hashable, Sendable {
  /// A page on a desk.
  case wide
  /// A phone: legends stand below, long texts are wrapped.
  case narrow

  /// The width in pixels.
  public var width: Double {
    switch self {
    case .wide: 960
    case .narrow: 358
    }
  }

  /// The pixels between a drawing's sides and its texts.
  var margin: Double {
    switch self {
    case .wide: 20
    case .narrow: 4
    }
  }

  /// The baseline of a title.
  static let titleLine = 26.0

  /// The lines of a title.
  func titleLines(_ title: String) -> [String] {
    self == .wide ? [title] : Drawing.lines(of: title, width: width - 2 * margin, size: 16)
  }

  /// Draws a title.
  ///
  /// - Returns: the baseline of its last line.
  func draw(title: String, into drawing: inout Drawing) -> Double {
    var line = PlotLayout.titleLine - 20
    for text in titleLines(title) {
      line += 20
      drawing.elements.append(.text(text, Drawing.Point(margin, line), size: 16, isBold: true))
    }
    return line
  }

  /// The baseline of the last line of a title.
  func titleEnd(_ title: String) -> Double {
    PlotLayout.titleLine + 20 * Double(titleLines(title).count - 1)
  }
}
