extension FixedPointProgram {
  /// Rows and columns.
  public struct Extent: Hashable, Sendable {
    /// Rows.
    public let height: Int
    /// Columns.
    public let width: Int

    /// Creates an extent.
    public init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }

    /// Creates a square.
    public init(_ side: Int) { self.init(height: side, width: side) }
  }

  /// Rows and columns around an image.
  public struct Padding: Hashable, Sendable {
    /// Rows above.
    public let top: Int
    /// Columns to the left.
    public let left: Int
    /// Rows below.
    public let bottom: Int
    /// Columns to the right.
    public let right: Int

    /// Creates a padding.
    public init(top: Int, left: Int, bottom: Int, right: Int) {
      self.top = top
      self.left = left
      self.bottom = bottom
      self.right = right
    }

    /// Creates a padding of the same width on all sides.
    public init(_ margin: Int) {
      self.init(top: margin, left: margin, bottom: margin, right: margin)
    }
  }

  /// Where the windows of a convolution or a pool lie.
  public struct Window: Hashable, Sendable {
    /// Rows and columns of a window.
    public let kernel: Extent
    /// From one window to the next.
    public let stride: Extent
    /// How far windows reach beyond the image.
    public let padding: Padding

    /// Creates windows.
    public init(kernel: Extent, stride: Extent = Extent(1), padding: Padding = Padding(0)) {
      self.kernel = kernel
      self.stride = stride
      self.padding = padding
    }

    /// How many windows an image has.
    ///
    /// - Throws: ``FixedPointError`` if a number is out of its range, or there are none.
    func result(_ shape: Shape, _ place: CheckedPlace) throws(FixedPointError) -> Extent {
      let positive = 1...Shape.largestExtent
      let sizes = [kernel.height, kernel.width, stride.height, stride.width]
      try place.require(
        sizes.allSatisfy(positive.contains),
        "a kernel of \(kernel.height)x\(kernel.width) and a stride of "
          + "\(stride.height)x\(stride.width)", expected: "1...\(Shape.largestExtent) each")
      let margins = [padding.top, padding.left, padding.bottom, padding.right]
      try place.require(
        margins.allSatisfy((0...Shape.largestExtent).contains), "a padding of \(margins)",
        expected: "0...\(Shape.largestExtent) on each side")
      let height = shape.height + padding.top + padding.bottom
      let width = shape.width + padding.left + padding.right
      try place.require(
        kernel.height <= height && kernel.width <= width,
        "a window of \(kernel.height)x\(kernel.width) in a padded image of \(height)x\(width)",
        expected: "one that fits")
      return Extent(
        height: (height - kernel.height) / stride.height + 1,
        width: (width - kernel.width) / stride.width + 1)
    }

    /// Requires that every window has a pixel of the image.
    func requireOverlap(_ place: CheckedPlace) throws(FixedPointError) {
      let fits =
        max(padding.top, padding.bottom) < kernel.height
        && max(padding.left, padding.right) < kernel.width
      try place.require(
        fits, "a padding as large as the window of \(kernel.height)x\(kernel.width)",
        expected: "less, so that no window is empty")
    }

    /// Such as `3x3 / 2`.
    var summary: String {
      let text = "\(kernel.height)x\(kernel.width)"
      if stride == Extent(1) { return text }
      return text
        + (stride.height == stride.width
          ? " / \(stride.height)" : " / \(stride.height)x\(stride.width)")
    }

    /// The numbers a kernel in C needs.
    func cFields(_ input: Shape, _ result: Shape) -> [CField] {
      [
        CField("height", input.height), CField("width", input.width),
        CField("inputs", input.channels),
        CField("result_height", result.height), CField("result_width", result.width),
        CField("kernel_height", kernel.height), CField("kernel_width", kernel.width),
        CField("stride_height", stride.height), CField("stride_width", stride.width),
        CField("padding_top", padding.top), CField("padding_left", padding.left),
      ]
    }
  }
}
