public import Tensors

/// Why exits cannot be put on a network.
public enum EarlyExitError: Error, Equatable, CustomStringConvertible {
  /// The value at an edge is neither features nor an image.
  case edgeShape(edge: String, found: Shape)
  /// The exits are not in the order of the network.
  case order(first: String, second: String)
  /// No exit stands on the device.
  case noneOnDevice(cut: String, edges: [String])
  /// The network's own answer is an edge.
  case atTheEnd(edge: String)
  /// What a run has chosen cannot be read.
  case damagedChoice(String)

  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .edgeShape(let edge, let found):
      "an exit reads [features] or [height, width, channels]; \(edge) gives \(found)"
    case .order(let first, let second):
      "exits are listed in the order of the network: \(second) comes before \(first)"
    case .noneOnDevice(let cut, let edges):
      "none of the exits (\(edges.joined(separator: ", "))) is before or at the cut \(cut), so that "
        + "everything would be sent"
    case .atTheEnd(let edge):
      "\(edge) is the network's own answer; an exit stands before it"
    case .damagedChoice(let reason):
      "the run's choice.json is damaged: \(reason)"
    }
  }
}
