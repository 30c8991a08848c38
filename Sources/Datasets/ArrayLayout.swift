/// The order of the axes of arrays of images.
public enum ArrayLayout: String, CaseIterable, Sendable {
  /// Count, height, width, channels.
  case nhwc
  /// Count, channels, height, width.
  case nchw

  /// The order that extents speak for: planes where only the second axis can be channels.
  init(of extents: [Int]) {
    let channels = [1, 3]
    self =
      extents.count == 4 && channels.contains(extents[1]) && !(1...4).contains(extents[3])
      ? .nchw : .nhwc
  }
}
