public import Tensors

/// An array of bytes with a shape, the content of an IDX file.
public struct ByteArray: Hashable, Sendable {
  /// The extents, outermost first.
  public let shape: Shape
  /// The elements in row-major order.
  public let bytes: [UInt8]
}
