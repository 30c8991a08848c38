/// What is wrong with a decoded value, each finding with the key it concerns.
public struct ValidationReport: Sendable {
  /// One thing that is wrong.
  public struct Finding: Hashable, Sendable {
    /// The keys that lead from the value to what is wrong; empty for the value itself.
    public var keys: [String]
    /// What is wrong and what was expected, without the position.
    public var message: String
    /// What was probably meant.
    public var suggestion: String?
    /// Other keys of the value that the finding depends on.
    public var dependencies: [String]
  }

  /// The findings in the order they were added.
  public private(set) var findings: [Finding] = []

  /// Creates an empty report.
  public init() {}

  /// Adds a finding.
  ///
  /// - Parameters:
  ///   - message: what is wrong and what was expected, without the position.
  ///   - keys: the keys, as written in the file, that lead from the value to what is wrong.
  ///   - dependencies: other keys of the value that the finding depends on; if one of them could
  ///     not be read, the finding is dropped, since it was made about a stand-in.
  ///   - suggestion: what was probably meant.
  public mutating func add(
    _ message: String, at keys: String..., dependingOn dependencies: [String] = [],
    suggestion: String? = nil
  ) {
    findings.append(
      Finding(keys: keys, message: message, suggestion: suggestion, dependencies: dependencies))
  }
}
