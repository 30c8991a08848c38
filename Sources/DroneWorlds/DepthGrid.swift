/// Reduces a map of depth to a few cells.
///
/// Cell i of n covers the rows from ⌊i · height / n⌋ up to ⌊(i + 1) · height / n⌋, and columns
/// likewise, so that every pixel is in one cell.
public struct DepthGrid: Codable, Hashable, Sendable {
  /// What a cell keeps of its pixels.
  public enum Reduction: String, CaseIterable, Codable, Sendable {
    /// The nearest.
    case minimum
    /// The mean.
    case mean
  }

  /// The number of rows of cells.
  public let rows: Int
  /// The number of columns of cells.
  public let columns: Int
  /// What a cell keeps.
  public let reduction: Reduction

  /// Creates a grid.
  ///
  /// - Precondition: at least one row and column.
  public init(rows: Int = 6, columns: Int = 8, reduction: Reduction = .minimum) {
    precondition(rows >= 1 && columns >= 1, "DepthGrid: \(rows)×\(columns) cells")
    self.rows = rows
    self.columns = columns
    self.reduction = reduction
  }

  /// The number of cells.
  public var cellCount: Int { rows * columns }

  /// Reduces a map `[height, width]` to `[rows, columns]` in memory of the caller's.
  ///
  /// - Precondition: the buffers have those sizes; the map has a pixel for every cell.
  public func reduce(
    _ depth: UnsafeBufferPointer<Float>, height: Int, width: Int,
    into cells: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      height >= rows && width >= columns && depth.count == height * width
        && cells.count == cellCount,
      "DepthGrid: \(depth.count) pixels of \(height)×\(width) into \(cells.count) cells")
    for row in 0..<rows {
      let lines = row * height / rows..<(row + 1) * height / rows
      for column in 0..<columns {
        let pixels = column * width / columns..<(column + 1) * width / columns
        var nearest = Float.infinity
        var sum: Float = 0
        for line in lines {
          for pixel in pixels {
            let value = depth[line * width + pixel]
            nearest = min(nearest, value)
            sum += value
          }
        }
        cells[row * columns + column] =
          reduction == .minimum ? nearest : sum / Float(lines.count * pixels.count)
      }
    }
  }

  /// Reduces a map `[height, width]` to `[rows, columns]`.
  ///
  /// - Precondition: the map has that size, and a pixel for every cell.
  public func reduce(
    _ depth: UnsafeBufferPointer<Float>, height: Int, width: Int
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: cellCount) { buffer, initialized in
      buffer.initialize(repeating: 0)
      let cells = UnsafeMutableBufferPointer(rebasing: buffer[0..<cellCount])
      reduce(depth, height: height, width: width, into: cells)
      initialized = cellCount
    }
  }

  /// Reduces a map `[height, width]` to `[rows, columns]`.
  ///
  /// - Precondition: the map has that size, and a pixel for every cell.
  public func reduce(_ depth: [Float], height: Int, width: Int) -> [Float] {
    depth.withUnsafeBufferPointer { reduce($0, height: height, width: width) }
  }
}
