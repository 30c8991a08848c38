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
  public let levels: [Level]
  /// The rows of the image.
  public let imageHeight: Int
  /// The columns of the image.
  public let imageWidth: Int
  /// The side of an anchor, in pixels of its map.
  public let scale: Float
  /// The sizes between one map and the next: each `2^(1/octaves)` times as large as the last.
  public let octaves: Int
  /// The proportions, height over width, of anchors of one area.
  public let ratios: [Float]
  /// All anchors in order; they may reach beyond the image.
  public let boxes: [BoundingBox]

  private enum CodingKeys: String, CodingKey {
    case levels, imageHeight, imageWidth, scale, octaves, ratios
  }

  /// Creates a grid.
  ///
  /// - Precondition: positive extents, scale, octaves and ratios, at least one level and ratio, and
  ///   no more anchors than a detector could have: 2²⁴.
  public init(
    levels: [Level], imageHeight: Int, imageWidth: Int, scale: Float, octaves: Int = 1,
    ratios: [Float]
  ) {
    precondition(
      AnchorGrid.isPossible(levels, imageHeight, imageWidth, scale, octaves, ratios),
      "AnchorGrid: \(levels) of \(imageHeight)×\(imageWidth), \(scale), \(octaves), \(ratios)")
    self.levels = levels
    self.imageHeight = imageHeight
    self.imageWidth = imageWidth
    self.scale = scale
    self.octaves = octaves
    self.ratios = ratios
    let sides = (0..<octaves).map { scale * Float(pow(2, Double($0) / Double(octaves))) }
    var boxes: [BoundingBox] = []
    for level in levels {
      let down = Float(imageHeight) / Float(level.height)
      let across = Float(imageWidth) / Float(level.width)
      for row in 0..<level.height {
        for column in 0..<level.width {
          let (x, y) = ((Float(column) + 0.5) * across, (Float(row) + 0.5) * down)
          for side in sides {
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
    self.boxes = boxes
  }

  /// Creates a grid if there can be one, see the preconditions of the other initialiser.
  public init?(
    checking levels: [Level], imageHeight: Int, imageWidth: Int, scale: Float, octaves: Int,
    ratios: [Float]
  ) {
    guard AnchorGrid.isPossible(levels, imageHeight, imageWidth, scale, octaves, ratios) else {
      return nil
    }
    self.init(
      levels: levels, imageHeight: imageHeight, imageWidth: imageWidth, scale: scale,
      octaves: octaves, ratios: ratios)
  }

  /// Reads a grid.
  ///
  /// - Throws: `DecodingError` for what contradicts the preconditions of the other initialiser.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let grid = AnchorGrid(
      checking: try container.decode([Level].self, forKey: .levels),
      imageHeight: try container.decode(Int.self, forKey: .imageHeight),
      imageWidth: try container.decode(Int.self, forKey: .imageWidth),
      scale: try container.decode(Float.self, forKey: .scale),
      octaves: try container.decode(Int.self, forKey: .octaves),
      ratios: try container.decode([Float].self, forKey: .ratios))
    guard let grid else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no possible grid of anchors"))
    }
    self = grid
  }

  private static func isPossible(
    _ levels: [Level], _ height: Int, _ width: Int, _ scale: Float, _ octaves: Int,
    _ ratios: [Float]
  ) -> Bool {
    let extents = levels.flatMap { [$0.height, $0.width] } + [height, width]
    guard !levels.isEmpty, !ratios.isEmpty, max(levels.count, ratios.count, octaves) <= 1 << 8,
      extents.allSatisfy({ (1...1 << 16).contains($0) }), octaves > 0,
      (ratios + [scale]).allSatisfy({ $0 > 0 && $0.isFinite })
    else { return false }
    let places = levels.reduce(0) { $0 + $1.height * $1.width }
    return places <= (1 << 24) / (octaves * ratios.count)
  }

  /// The anchors at one place.
  public var formCount: Int { octaves * ratios.count }

  /// The number of all anchors.
  public var count: Int { boxes.count }

  /// Where the anchors of each level are among all.
  public var levelRanges: [Range<Int>] {
    var start = 0
    return levels.map { level in
      defer { start += level.height * level.width * formCount }
      return start..<start + level.height * level.width * formCount
    }
  }
}
