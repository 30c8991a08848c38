/// A decoded value that can say what is wrong with it beyond the types of its fields.
///
/// A reader of configuration calls ``validate(_:)`` on each value it has decoded and reports every
/// finding at the position of its key, next to the findings of all other values.
public protocol Validatable {
  /// Adds what is wrong with this value to a report; adds nothing if it is usable.
  func validate(_ report: inout ValidationReport)
}
