public import Tensors

/// The padding of a sliding window, as a layer states it.
public enum Padding: Hashable, Codable, Sendable {
  /// A fixed number of rows and columns at each edge.
  case explicit(EdgePadding)
  /// TensorFlow's `same`: as much as makes the output `ceil(extent / stride)` positions long.
  case same

  /// No padding.
  public static let none = Padding.explicit(.none)

  /// The same number of rows and columns at every edge.
  public static func all(_ count: Int) -> Padding { .explicit(EdgePadding(count)) }

  /// The rows and columns for an input of a shape `[…, height, width, channels]`.
  public func resolved(
    for input: Shape, kernel: Extent2D, stride: Extent2D, dilation: Extent2D = 1
  ) -> EdgePadding {
    switch self {
    case .explicit(let padding): padding
    case .same:
      .same(
        height: input[-3], width: input[-2], kernel: kernel, stride: stride, dilation: dilation)
    }
  }
}
