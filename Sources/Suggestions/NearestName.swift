/// Finds the known name a mistyped one was probably meant to be.
package enum NearestName {
  /// The known name with the smallest edit distance, if it is close enough to be a likely slip.
  package static func of(_ name: String, among known: some Sequence<String>) -> String? {
    let limit = max(1, name.count / 3)
    return known.map { ($0, distance(name.lowercased(), $0.lowercased())) }
      .filter { $0.1 <= limit }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
  }

  /// The number of insertions, deletions, replacements and swaps of neighbours between two words.
  package static func distance(_ left: String, _ right: String) -> Int {
    let a = Array(left)
    let b = Array(right)
    var older = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var current = [i + 1] + [Int](repeating: 0, count: b.count)
      for j in 0..<b.count {
        let replaced = previous[j] + (a[i] == b[j] ? 0 : 1)
        current[j + 1] = min(replaced, previous[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          current[j + 1] = min(current[j + 1], older[j - 1] + 1)
        }
      }
      older = previous
      previous = current
    }
    return previous[b.count]
  }
}
