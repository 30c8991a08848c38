/// What is wrong with a fixed-point program or with what is asked of it.
public enum FixedPointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A step does not fit its inputs, or its numbers are out of range.
  case step(index: Int, operation: String, found: String, expected: String)
  /// The input's description is out of range.
  case input(found: String, expected: String)
  /// The steps together do not make a program.
  case program(found: String, expected: String)
  /// A name that cannot begin the identifiers of a C file.
  case name(String, expected: String)
  /// A program that a device has no room for.
  case budget(String)

  /// One sentence that says what is wrong, where, and what was expected.
  public var description: String {
    switch self {
    case .step(let index, let operation, let found, let expected):
      "step \(index) (\(operation)): \(found); expected \(expected)"
    case .input(let found, let expected): "input: \(found); expected \(expected)"
    case .program(let found, let expected): "program: \(found); expected \(expected)"
    case .name(let name, let expected): "the name ‘\(name)’; expected \(expected)"
    case .budget(let message): message
    }
  }
}

/// Where a check takes place.
package struct CheckedPlace {
  package let step: Int
  package let operation: String

  package init(step: Int, operation: String) {
    self.step = step
    self.operation = operation
  }

  package func require(
    _ condition: Bool, _ found: @autoclosure () -> String,
    expected: @autoclosure () -> String
  ) throws(FixedPointError) {
    guard condition else {
      throw .step(index: step, operation: operation, found: found(), expected: expected())
    }
  }
}
