/// A key whose value differs between two recipes.
public struct RecipeDifference: Hashable, Sendable {
  /// The keys that lead to the value, such as `train.epochs`.
  public let keyPath: String
  /// The value in the one recipe as JSON; nil if it lacks the key.
  public let value: String?
  /// The value in the other recipe as JSON; nil if it lacks the key.
  public let otherValue: String?
}

extension RecipeDifference: CustomStringConvertible {
  /// `train.epochs: 3, not 5`.
  public var description: String {
    let value = value.map { abbreviated($0, to: 60) } ?? "absent"
    let other = otherValue.map { abbreviated($0, to: 60) } ?? "absent"
    return "\(keyPath): \(value), not \(other)"
  }
}
