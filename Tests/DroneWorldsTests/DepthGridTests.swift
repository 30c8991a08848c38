import DroneWorlds
import Testing

@Suite struct DepthGridTests {
  /// Five rows in two parts are 0–1 and 2–4, seven columns in three 0–1, 2–3 and 4–6.
  @Test func cellsOfUnequalSizeCoverEveryPixelOnce() {
    let depth = (0..<35).map { Float($0) }
    #expect(
      DepthGrid(rows: 2, columns: 3).reduce(depth, height: 5, width: 7) == [0, 2, 4, 14, 16, 18])
    #expect(
      DepthGrid(rows: 2, columns: 3, reduction: .mean).reduce(depth, height: 5, width: 7)
        == [4, 6, 8.5, 21.5, 23.5, 26])
  }

  @Test func aNearPixelDecidesItsCellAlone() {
    var depth = [Float](repeating: 1, count: 72 * 128)
    depth[30 * 128 + 100] = 0.25
    let cells = DepthGrid().reduce(depth, height: 72, width: 128)
    #expect(cells.count == 48)
    // Rows of 12 and columns of 16 pixels.
    #expect(cells.indices.filter { cells[$0] < 1 } == [2 * 8 + 6] && cells[22] == 0.25)
  }
}
