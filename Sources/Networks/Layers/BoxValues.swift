internal import Boxes
internal import Tensors

extension UnsafeBufferPointer where Element: TensorScalar {
  /// The four numbers of a row of four.
  func quad(_ row: Int) -> SIMD4<Float> {
    SIMD4(
      Float(self[row * 4]), Float(self[row * 4 + 1]), Float(self[row * 4 + 2]),
      Float(self[row * 4 + 3]))
  }

  /// The box whose left, upper, right and lower edges are a row of four.
  func box(_ row: Int) -> BoundingBox {
    let edges = quad(row)
    return BoundingBox(left: edges.x, top: edges.y, right: edges.z, bottom: edges.w)
  }
}

extension UnsafeMutableBufferPointer where Element: TensorScalar {
  /// Writes the edges of a box as a row of four.
  func initialize(_ row: Int, to box: BoundingBox) {
    initializeElement(at: row * 4, to: Element(box.left))
    initializeElement(at: row * 4 + 1, to: Element(box.top))
    initializeElement(at: row * 4 + 2, to: Element(box.right))
    initializeElement(at: row * 4 + 3, to: Element(box.bottom))
  }
}
