/// How far a long piece of work on a data set has come.
public struct DatasetProgress: Hashable, Sendable {
  /// What ``completed`` and ``total`` count.
  public enum Unit: String, Sendable {
    /// Bytes transferred, hashed or unpacked.
    case bytes
    /// Images read or rendered.
    case images
  }

  /// What is being worked on, such as a file's name.
  public let subject: String
  /// What is counted.
  public let unit: Unit
  /// How many are done.
  public let completed: Int
  /// How many there are, where that is known.
  public let total: Int?

  /// Creates a report.
  public init(subject: String, unit: Unit, completed: Int, total: Int?) {
    self.subject = subject
    self.unit = unit
    self.completed = completed
    self.total = total
  }

  /// Receives reports, possibly on another thread than the caller's.
  public typealias Handler = @Sendable (DatasetProgress) -> Void
}
