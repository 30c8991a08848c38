public import Tensors

/// Why the state of an optimizer cannot be restored.
public enum OptimizerStateError: Error, Hashable, Sendable {
  /// A tensor that the update rule needs is not there.
  case missing(String)
  /// A tensor is there that the update rule does not have.
  case unexpected(String)
  /// A tensor does not have the shape of its parameter.
  case shape(String, expected: Shape, found: Shape)
  /// A number of steps is negative.
  case count(Int)
  /// A number of updates of a parameter is not a whole number of at least 0.
  case updateCount(Float)
}

extension OptimizerStateError: CustomStringConvertible {
  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .missing(let name): "the optimizer state lacks '\(name)'"
    case .unexpected(let name):
      "the optimizer state holds '\(name)', which this optimizer does not have"
    case .shape(let name, let expected, let found):
      "the optimizer state '\(name)' has shape \(found), expected \(expected)"
    case .count(let count): "the optimizer state has a step count of \(count), expected 0 or more"
    case .updateCount(let count):
      "the optimizer state 'update_counts' holds \(count), expected whole numbers of 0 or more"
    }
  }
}
