/// The candidate most similar to a name, if one is similar enough to be a slip of it.
func nearestName(to name: String, among candidates: [String]) -> String? {
  let limit = max(1, name.count / 3)
  var best: (name: String, distance: Int)?
  for candidate in candidates where abs(candidate.count - name.count) <= limit {
    let distance = editDistance(Array(name), Array(candidate))
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

/// How many characters must be inserted, removed or replaced to make one name the other.
private func editDistance(_ first: [Character], _ second: [Character]) -> Int {
  var previous = Array(0...second.count)
  for (row, left) in first.enumerated() {
    var current = [row + 1]
    for (column, right) in second.enumerated() {
      let replaced = previous[column] + (left == right ? 0 : 1)
      current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous[second.count]
}
