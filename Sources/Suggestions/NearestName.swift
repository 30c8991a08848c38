/// Finds the name a person most likely meant by one that does not exist.
package enum NearestName {
  /// Names longer than this are not compared: the work grows with the product of the lengths.
  private static let longestName = 128

  /// The candidate nearest to a name, or nil if none is near enough to be worth mentioning.
  ///
  /// Near means few typing errors for the length (insertion, deletion, replacement, two
  /// neighbours swapped; upper and lower case count as equal), or that the name is the beginning
  /// of the candidate. Among equals the alphabetically first candidate wins.
  package static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
    guard name.count <= longestName else { return nil }
    let lowercased = name.lowercased()
    var best: (rank: Int, candidate: String)?
    for candidate in candidates where candidate != name && candidate.count <= longestName {
      guard let rank = rank(of: candidate.lowercased(), for: lowercased) else { continue }
      if let best, (best.rank, best.candidate) <= (rank, candidate) { continue }
      best = (rank, candidate)
    }
    return best?.candidate
  }

  /// How far a candidate is, smaller being nearer; nil if it is too far.
  private static func rank(of candidate: String, for name: String) -> Int? {
    let longer = max(name.count, candidate.count)
    let limit = (longer + 2) / 4
    if abs(name.count - candidate.count) <= limit {
      let distance = distance(name, candidate)
      if distance <= limit { return distance }
    }
    // An abbreviation is less certain than any typing error.
    return name.count >= 3 && candidate.hasPrefix(name) ? longestName + longer : nil
  }

  /// The number of typing errors between two strings: the Damerau–Levenshtein distance in which
  /// no part is edited twice.
  package static func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left)
    let right = Array(right)
    var beforePrevious = [Int](repeating: 0, count: right.count + 1)
    var previous = Array(0...right.count)
    for (row, character) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var cost = min(
          previous[column + 1] + 1, current[column] + 1,
          previous[column] + (character == other ? 0 : 1))
        if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforePrevious[column - 1] + 1)
        }
        current.append(cost)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[right.count]
  }
}
