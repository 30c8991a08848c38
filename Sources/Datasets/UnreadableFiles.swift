/// Treatment of a data set's files that cannot be read: `data.unreadable` of a recipe.
public enum UnreadableFiles: String, CaseIterable, Sendable {
  /// The first one is an error.
  case fail
  /// They are left out, counted and named.
  case skip
}

/// Remarks on files that are no part of a data set.
enum LeftOut {
  /// Number of names that a remark gives.
  private static let namedCount = 3

  /// A remark on files, if there are any: how many, why, and the first of their names.
  static func remark(_ what: String, _ names: [String]) -> String? {
    guard !names.isEmpty else { return nil }
    let more = names.count > namedCount ? ", …" : ""
    return "\(what): \(names.count) (\(names.prefix(namedCount).joined(separator: ", "))\(more))"
  }

  /// A remark on files that `data.unreadable: skip` leaves out.
  static func unreadable(_ errors: [DatasetError]) -> String? {
    remark("files left out, as they cannot be read", errors.map { "\($0)" })
  }
}
