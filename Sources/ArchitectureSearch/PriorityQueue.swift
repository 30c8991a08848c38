/// A binary heap that gives the element of the lowest key first, of equal keys the oldest.
struct PriorityQueue<Element> {
  private var entries: [(key: Double, order: Int, element: Element)] = []
  private var inserted = 0

  mutating func insert(_ element: Element, key: Double) {
    entries.append((key, inserted, element))
    inserted += 1
    var child = entries.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> (key: Double, element: Element)? {
    guard let last = entries.popLast() else { return nil }
    guard let first = entries.first else { return (last.key, last.element) }
    entries[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && precedes(child, least) {
        least = child
      }
      if least == parent { return (first.key, first.element) }
      entries.swapAt(parent, least)
      parent = least
    }
  }

  private func precedes(_ first: Int, _ second: Int) -> Bool {
    (entries[first].key, entries[first].order) < (entries[second].key, entries[second].order)
  }
}
