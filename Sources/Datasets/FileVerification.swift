/// Whether a file of a data set is what it should be.
public struct FileVerification: Hashable, Sendable {
  /// What the comparison found.
  public enum State: Hashable, Sendable {
    /// The checksum is right.
    case intact
    /// There is no such file.
    case missing
    /// The checksum is another.
    case damaged(expected: String, found: String)
  }

  /// The file's path.
  public let file: String
  /// What was found.
  public let state: State

  init(file: String, state: State) {
    self.file = file
    self.state = state
  }

  init(
    file: String, expected: String,
    digest: (String) throws(DatasetError) -> String
  ) throws(DatasetError) {
    self.file = file
    guard exists(file) else {
      state = .missing
      return
    }
    let found = try digest(file)
    state = found == expected ? .intact : .damaged(expected: expected, found: found)
  }
}
