/// Which sizes of objects an average precision is about; the bounds belong to both neighbours.
enum AreaRange: Int, CaseIterable, Sendable {
  case all
  case small
  case medium
  case large

  /// The areas in square pixels.
  private var bounds: ClosedRange<Double> {
    switch self {
    case .all: 0...1e10
    case .small: 0...1024
    case .medium: 1024...9216
    case .large: 9216...1e10
    }
  }

  /// Whether an area is one of these.
  func contains(_ area: Double) -> Bool { bounds.contains(area) }
}
