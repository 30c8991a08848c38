package import Boxes
public import Tensors

/// Place of an image in a picture of another size.
package struct ImagePlacement {
  /// A part of an image, in pixels and fractions of them.
  struct Part: Hashable {
    var top: Double
    var left: Double
    var height: Double
    var width: Double
  }

  /// The rows and columns of the image itself.
  let original: ImageSize
  /// The rows and columns of the whole picture.
  let target: ImageSize
  /// The part of the image that is seen.
  let part: Part
  /// The rows that the part takes in the picture.
  let height: Int
  /// The columns that the part takes in the picture.
  let width: Int
  /// The rows above it.
  let top: Int
  /// The columns left of it.
  let left: Int

  /// - Precondition: positive extents.
  package init(of original: ImageSize, in target: ImageSize, _ fit: ImageSizing.Fit) {
    precondition(
      min(original.height, original.width, target.height, target.width) > 0,
      "ImagePlacement: extents")
    self.original = original
    self.target = target
    let (rows, columns) = (Double(original.height), Double(original.width))
    switch fit {
    case .stretch:
      part = Part(top: 0, left: 0, height: rows, width: columns)
      (height, width, top, left) = (target.height, target.width, 0, 0)
    case .crop:
      // Whole along one axis, without rounding.
      let isWide = original.width * target.height >= original.height * target.width
      let seenHeight =
        isWide ? rows : columns * Double(target.height) / Double(target.width)
      let seenWidth =
        isWide ? rows * Double(target.width) / Double(target.height) : columns
      part = Part(
        top: (rows - seenHeight) / 2, left: (columns - seenWidth) / 2, height: seenHeight,
        width: seenWidth)
      (height, width, top, left) = (target.height, target.width, 0, 0)
    case .pad:
      let scale = min(Double(target.height) / rows, Double(target.width) / columns)
      part = Part(top: 0, left: 0, height: rows, width: columns)
      height = max(1, min(target.height, Int((rows * scale).rounded())))
      width = max(1, min(target.width, Int((columns * scale).rounded())))
      top = (target.height - height) / 2
      left = (target.width - width) / 2
    }
  }

  /// Number of the picture's square pixels that a square pixel of the image takes.
  var areaScale: Double { Double(height) / part.height * Double(width) / part.width }

  /// An object of the image in the picture, cut at its edges; its area is scaled too.
  ///
  /// Nil if the picture does not show it.
  func place(_ object: LabelledBox) -> LabelledBox? {
    let across = Float(Double(width) / part.width)
    let down = Float(Double(height) / part.height)
    func x(_ value: Float) -> Float { (value - Float(part.left)) * across + Float(left) }
    func y(_ value: Float) -> Float { (value - Float(part.top)) * down + Float(top) }
    let box = BoundingBox(
      left: max(x(object.box.left), 0), top: max(y(object.box.top), 0),
      right: min(x(object.box.right), Float(target.width)),
      bottom: min(y(object.box.bottom), Float(target.height)))
    guard box.left < box.right, box.top < box.bottom else { return nil }
    let whole =
      (x(object.box.right) - x(object.box.left)) * (y(object.box.bottom) - y(object.box.top))
    // What is cut off is taken from the area in proportion.
    let share = whole > 0 ? min(1, box.area / whole) : 1
    return LabelledBox(
      box, category: object.category, isCrowd: object.isCrowd,
      area: object.area * across * down * share)
  }

  /// A box of the picture in the image, within its edges.
  package func original(of box: BoundingBox) -> BoundingBox {
    let across = Float(part.width / Double(width))
    let down = Float(part.height / Double(height))
    func x(_ value: Float) -> Float {
      min(max((value - Float(left)) * across + Float(part.left), 0), Float(original.width))
    }
    func y(_ value: Float) -> Float {
      min(max((value - Float(top)) * down + Float(part.top), 0), Float(original.height))
    }
    return BoundingBox(
      left: x(box.left), top: y(box.top), right: x(box.right), bottom: y(box.bottom))
  }

  /// A class map of the image in the picture, row-major: every pixel gets the class of the nearest
  /// one of the image, and those beside it `outside`.
  func place(_ map: [UInt8], outside: UInt8) -> [UInt8] {
    var placed = [UInt8](repeating: outside, count: target.height * target.width)
    let rows = Resampler.nearest(
      from: part.top, length: part.height, of: original.height, to: height)
    let columns = Resampler.nearest(
      from: part.left, length: part.width, of: original.width, to: width)
    for (y, row) in rows.enumerated() {
      for (x, column) in columns.enumerated() {
        placed[(top + y) * target.width + left + x] = map[row * original.width + column]
      }
    }
    return placed
  }

  /// The image in the picture, with black beside it.
  func place(_ image: PixelImage, _ sizing: ImageSizing) -> PixelImage {
    Resampler.resample(
      image, part, height: height, width: width, sizing.interpolation,
      antialias: sizing.antialias
    ).placed(on: target, top: top, left: left, [UInt8](repeating: 0, count: image.channels))
  }
}

extension PixelImage {
  /// The image brought to a size; itself if it has the size.
  public func resized(height: Int, width: Int, _ sizing: ImageSizing) -> PixelImage {
    let target = ImageSize(height: height, width: width)
    guard target != size else { return self }
    return ImagePlacement(of: size, in: target, sizing.resize).place(self, sizing)
  }
}
