internal import Foundation

/// Boxes of several sizes and proportions at every place of feature maps, from which a detector
/// measures the boxes of objects.
///
/// The anchors of a map stand one after the other by row, column and form, and maps follow one
/// another. A place is the centre of the pixels it covers. Source: Ren and others 2015,
/// https://arxiv.org/abs/1506.01497, section 3.1.1; one size a map with steps between as Lin and
/// others 2017, https://arxiv.org/abs/1708.02002, section 4.
public struct AnchorGrid: Hashable, Codable, Sendable {
  /// A feature map.
  public struct Level: Hashable, Codable, Sendable {
    /// Its rows.
    public var height: Int
    /// Its columns.
    public var width: Int

    /// Creates a level.
    public init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }
  }

  /// The feature maps, from the finest to the coarsest.
  public var levels: [Level]
  /// The rows of the image.
  public var imageHeight: Int
  /// The columns of the image.
  public var imageWidth: Int
  /// The side of an anchor, in pixels of its map.
  public var scale: Float
  /// The sizes between one map and the next: each `2^(1/octaves)` times as large as the last.
  public var octaves: Int
  /// The proportions, height over width, of anchors of one area.
  public var ratios: [Float]

  /// Creates a grid.
  ///
  /// - Precondition: positive extents, scale, octaves and ratios, and at least one level and ratio.
  public init(
    levels: [Level], imageHeight: Int, imageWidth: Int, scale: Float, octaves: Int = 1,
    ratios: [Float]
  ) {
    precondition(
      !levels.isEmpty && levels.allSatisfy { $0.height > 0 && $0.width > 0 } && imageHeight > 0
        && imageWidth > 0 && scale > 0 && octaves > 0 && !ratios.isEmpty
        && ratios.allSatisfy { $0 > 0 }, "AnchorGrid")
    self.levels = levels
    self.imageHeight = imageHeight
    self.imageWidth = imageWidth
    self.scale = scale
    self.octaves = octaves
    self.ratios = ratios
  }

  /// The anchors at one place.
  public var formCount: Int { octaves * ratios.count }

  /// All anchors.
  public var count: Int { levels.reduce(0) { $0 + $1.height * $1.width } * formCount }

  /// Where the anchors of each level are among all.
  public var levelRanges: [Range<Int>] {
    var start = 0
    return levels.map { level in
      defer { start += level.height * level.width * formCount }
      return start..<start + level.height * level.width * formCount
    }
  }

  /// All anchors in order; they may reach beyond the image.
  public var boxes: [BoundingBox] {
    var boxes: [BoundingBox] = []
    boxes.reserveCapacity(count)
    for level in levels {
      let down = Float(imageHeight) / Float(level.height)
      let across = Float(imageWidth) / Float(level.width)
      for row in 0..<level.height {
        for column in 0..<level.width {
          let (x, y) = ((Float(column) + 0.5) * across, (Float(row) + 0.5) * down)
          for octave in 0..<octaves {
            let side = scale * Float(pow(2, Double(octave) / Double(octaves)))
            for ratio in ratios {
              let width = side * across / ratio.squareRoot()
              let height = side * down * ratio.squareRoot()
              boxes.append(
                BoundingBox(
                  left: x - width / 2, top: y - height / 2, right: x + width / 2,
                  bottom: y + height / 2))
            }
          }
        }
      }
    }
    return boxes
  }
}
