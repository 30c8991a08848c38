/// Where the arrays of one part of a data set are in an HDF5 file.
public struct HDF5ArrayPaths: Hashable, Sendable {
  /// The images, uint8 `[count, height, width, channels]`, `[count, channels, height, width]` or
  /// `[count, height, width]`.
  public var images: String
  /// The classes of the samples, integers `[count]` or `[count, 1]`; nil: there are none.
  public var labels: String?
  /// The classes of the pixels, integers `[count, height, width]` or `[count, height, width, 1]`;
  /// nil: there are none.
  public var masks: String?
  /// The distances of the pixels, numbers `[count, height, width]` or `[count, height, width, 1]`,
  /// 0 where not known; nil: there are none.
  public var depth: String?

  /// The order of the axes of the images; as their extents speak for if nil.
  public var layout: ArrayLayout?

  /// Creates paths.
  public init(
    images: String, labels: String? = nil, masks: String? = nil, depth: String? = nil,
    layout: ArrayLayout? = nil
  ) {
    self.images = images
    self.labels = labels
    self.masks = masks
    self.depth = depth
    self.layout = layout
  }
}
