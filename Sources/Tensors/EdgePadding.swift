/// How many rows and columns of padding stand at each edge of an image.
public struct EdgePadding: Hashable, Codable, Sendable {
  /// Rows above the first.
  public var top: Int
  /// Rows below the last.
  public var bottom: Int
  /// Columns before the first.
  public var left: Int
  /// Columns after the last.
  public var right: Int

  /// Creates a padding of each edge.
  public init(top: Int, bottom: Int, left: Int, right: Int) {
    self.top = top
    self.bottom = bottom
    self.left = left
    self.right = right
  }

  /// Creates a padding that is the same at every edge.
  public init(_ all: Int = 0) { self.init(top: all, bottom: all, left: all, right: all) }

  /// No padding.
  public static let none = EdgePadding()

  /// Whether every edge is zero.
  public var isNone: Bool { top == 0 && bottom == 0 && left == 0 && right == 0 }

  /// The padding TensorFlow calls `same`: the output has `ceil(extent / stride)` positions, and the
  /// odd row or column stands at the bottom or right.
  public static func same(
    height: Int, width: Int, kernel: Extent2D, stride: Extent2D, dilation: Extent2D = 1
  ) -> EdgePadding {
    func total(_ extent: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int {
      let reach = dilation * (kernel - 1) + 1
      let steps = (extent + stride - 1) / stride
      return max(0, (steps - 1) * stride + reach - extent)
    }
    let vertical = total(height, kernel.height, stride.height, dilation.height)
    let horizontal = total(width, kernel.width, stride.width, dilation.width)
    return EdgePadding(
      top: vertical / 2, bottom: vertical - vertical / 2,
      left: horizontal / 2, right: horizontal - horizontal / 2)
  }
}

/// A height and a width, such as a kernel's size or a stride.
public struct Extent2D: Hashable, Codable, Sendable, ExpressibleByIntegerLiteral {
  /// Along the rows of an image.
  public var height: Int
  /// Along the columns of an image.
  public var width: Int

  /// Creates a pair of extents.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Creates a square.
  public init(_ side: Int) { self.init(height: side, width: side) }

  /// Creates a square.
  public init(integerLiteral side: Int) { self.init(side) }

  /// Height times width.
  public var area: Int { height * width }
}
