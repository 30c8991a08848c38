internal import Boxes

/// Where an image lies that was scaled to fit into a size: its proportions are kept to within a
/// pixel, and it is in the middle.
struct Letterbox {
  /// The rows and columns of the image itself.
  let original: ImageSize
  /// The rows and columns of the whole picture.
  let target: ImageSize
  /// The rows that the image takes in the picture.
  let height: Int
  /// The columns that the image takes in the picture.
  let width: Int
  /// The rows above it.
  let top: Int
  /// The columns left of it.
  let left: Int

  /// - Precondition: positive extents.
  init(height: Int, width: Int, targetHeight: Int, targetWidth: Int) {
    precondition(min(height, width, targetHeight, targetWidth) > 0, "Letterbox: extents")
    original = ImageSize(height: height, width: width)
    target = ImageSize(height: targetHeight, width: targetWidth)
    let scale = min(Double(targetHeight) / Double(height), Double(targetWidth) / Double(width))
    self.height = max(1, min(targetHeight, Int((Double(height) * scale).rounded())))
    self.width = max(1, min(targetWidth, Int((Double(width) * scale).rounded())))
    top = (targetHeight - self.height) / 2
    left = (targetWidth - self.width) / 2
  }

  /// How many square pixels of the picture a square pixel of the image takes.
  var areaScale: Double {
    Double(height) / Double(original.height) * Double(width) / Double(original.width)
  }

  /// An object of the image in the picture; its area is scaled too.
  func place(_ object: LabelledBox) -> LabelledBox {
    let across = Float(width) / Float(original.width)
    let down = Float(height) / Float(original.height)
    let box = BoundingBox(
      left: object.box.left * across + Float(left), top: object.box.top * down + Float(top),
      right: object.box.right * across + Float(left),
      bottom: object.box.bottom * down + Float(top))
    return LabelledBox(
      box, category: object.category, isCrowd: object.isCrowd, area: object.area * across * down)
  }

  /// A class map of the image in the picture, row-major: every pixel gets the class of the nearest
  /// one of the image, and those beside it `outside`.
  func place(_ map: [UInt8], outside: UInt8) -> [UInt8] {
    var placed = [UInt8](repeating: outside, count: target.height * target.width)
    for y in 0..<height {
      let sourceY = (2 * y + 1) * original.height / (2 * height)
      for x in 0..<width {
        let sourceX = (2 * x + 1) * original.width / (2 * width)
        placed[(top + y) * target.width + left + x] = map[sourceY * original.width + sourceX]
      }
    }
    return placed
  }
}
