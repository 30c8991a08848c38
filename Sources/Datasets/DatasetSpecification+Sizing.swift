public import Tensors

extension DatasetSpecification {
  /// Way of sizing images: as the specification says and, where it does not, as is usual.
  ///
  /// - Parameter usual: what the network's origin does; nil: the data set's own way, which is
  ///   ``ImageSizing/padding`` for objects and class maps and ``ImageSizing/cropping`` otherwise.
  public func sizing(usual: ImageSizing? = nil) -> ImageSizing {
    let isAnnotated = [.coco, .maskFolder].contains(DatasetKind(rawValue: name))
    let usual = isAnnotated ? .padding : usual ?? .cropping
    let named = interpolation.flatMap(ImageSizing.Interpolation.init(rawValue:))
    return ImageSizing(
      resize: resize.flatMap(ImageSizing.Fit.init(rawValue:)) ?? usual.resize,
      interpolation: named ?? usual.interpolation, antialias: antialias ?? usual.antialias)
  }

  /// Treatment of files that cannot be read.
  var onUnreadable: UnreadableFiles {
    unreadable.flatMap(UnreadableFiles.init(rawValue:)) ?? .fail
  }
}
