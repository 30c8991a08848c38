/// The part of a world that a drone can come to from a place, found on a grid.
///
/// A cell is passable if the drone's middle keeps half a cell's width from everything at the middle
/// of the cell; then so is the straight way between the middles of two such neighbours, as no
/// distance changes faster than the place it is measured from.
struct ReachableGround {
  private let low: SIMD2<Double>
  private let cell: Double
  private let columns: Int
  private let rows: Int
  private var isReached: [Bool]

  /// Finds what can be reached without going too far away.
  ///
  /// - Parameters:
  ///   - start: where the drone is, in metres.
  ///   - footprints: where it cannot be.
  ///   - half: how far it can go from the origin along either axis, in metres.
  ///   - reach: how far it may go from the start along either axis, in metres.
  init(from start: SIMD2<Double>, footprints: [Footprint], half: Double, reach: Double) {
    let limit = SIMD2(repeating: half)
    let low = pointwiseMax(-limit, start - SIMD2(repeating: reach))
    let high = pointwiseMin(limit, start + SIMD2(repeating: reach))
    let cell = max(0.5, half / 128)
    let (columns, rows) = (
      max(1, Int((high.x - low.x) / cell)), max(1, Int((high.y - low.y) / cell))
    )
    (self.low, self.cell, self.columns, self.rows) = (low, cell, columns, rows)
    var isBlocked = [Bool](repeating: false, count: columns * rows)
    func range(_ from: Double, _ to: Double, _ count: Int) -> Range<Int> {
      let first = min(Double(count), max(0, (from / cell).rounded(.down)))
      let last = min(Double(count), max(first, (to / cell).rounded(.up)))
      return Int(first)..<Int(last)
    }
    for footprint in footprints {
      let bounds = footprint.bounds(margin: cell / 2)
      let (from, to) = (bounds.low - low, bounds.high - low)
      for row in range(from.y, to.y, rows) {
        for column in range(from.x, to.x, columns) where !isBlocked[row * columns + column] {
          let middle = low + cell * SIMD2(Double(column) + 0.5, Double(row) + 0.5)
          isBlocked[row * columns + column] = footprint.distance(from: middle) < cell / 2
        }
      }
    }
    isReached = [Bool](repeating: false, count: columns * rows)
    // The cells around the start are near enough to fly to, as obstacles keep away from it.
    guard let first = place(start), !isBlocked[first] else { return }
    isReached[first] = true
    var pending = [first]
    while let current = pending.popLast() {
      let column = current % columns
      func visit(_ next: Int) {
        guard !isBlocked[next], !isReached[next] else { return }
        isReached[next] = true
        pending.append(next)
      }
      if column > 0 { visit(current - 1) }
      if column + 1 < columns { visit(current + 1) }
      if current >= columns { visit(current - columns) }
      if current + columns < columns * rows { visit(current + columns) }
    }
  }

  /// The cell that a place is in; nil if it is beyond the grid.
  private func place(_ point: SIMD2<Double>) -> Int? {
    let column = ((point.x - low.x) / cell).rounded(.down)
    let row = ((point.y - low.y) / cell).rounded(.down)
    guard (0..<Double(columns)).contains(column), (0..<Double(rows)).contains(row) else {
      return nil
    }
    return Int(row) * columns + Int(column)
  }

  /// Whether the drone can come to the middle of the cell that a place is in.
  func contains(_ point: SIMD2<Double>) -> Bool { place(point).map { isReached[$0] } ?? false }
}
