public import Configurations

/// How a detector looks for objects: the `detection` part of a task.
public struct DetectionConfiguration: Hashable, Codable, Sendable {
  /// The side of an anchor, in pixels of its feature map.
  public var anchorScale: Double
  /// The sizes of anchors between one feature map and the next.
  public var octaves: Int
  /// The proportions of anchors, height over width.
  public var ratios: [Double]
  /// Feature maps made by halving the coarsest.
  public var extraLevels: Int
  /// `two_stage`: the boxes an image that the second stage looks at.
  public var proposals: Int
  /// `two_stage`: the best anchors of each feature map that proposals are chosen from.
  public var candidates: Int
  /// `two_stage`: the rows and columns of a proposal's features.
  public var resolution: Int
  /// The score from which a detection counts.
  public var scoreThreshold: Double
  /// The overlap above which the lesser of two detections of a category goes.
  public var overlap: Double
  /// The most detections of an image.
  public var limit: Int

  /// Creates a part with its defaults.
  public init() {
    anchorScale = 4
    octaves = 1
    ratios = [0.5, 1, 2]
    extraLevels = 0
    proposals = 64
    candidates = 256
    resolution = 7
    scoreThreshold = 0.05
    overlap = 0.5
    limit = 100
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case octaves, ratios, proposals, candidates, resolution, overlap, limit
    case anchorScale = "anchor_scale"
    case extraLevels = "extra_levels"
    case scoreThreshold = "score_threshold"
  }

  /// Reads a part; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    func read<Value: Decodable>(_ key: CodingKeys, _ usual: Value) throws -> Value {
      try container.decodeIfPresent(Value.self, forKey: key) ?? usual
    }
    anchorScale = try read(.anchorScale, anchorScale)
    octaves = try read(.octaves, octaves)
    ratios = try read(.ratios, ratios)
    extraLevels = try read(.extraLevels, extraLevels)
    proposals = try read(.proposals, proposals)
    candidates = try read(.candidates, candidates)
    resolution = try read(.resolution, resolution)
    scoreThreshold = try read(.scoreThreshold, scoreThreshold)
    overlap = try read(.overlap, overlap)
    limit = try read(.limit, limit)
  }
}

extension DetectionConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    func hold(_ condition: Bool, _ expected: String, _ found: Any, _ key: CodingKeys) {
      if !condition { report.add("expected \(expected), found \(found)", at: key.rawValue) }
    }
    hold(
      anchorScale > 0 && anchorScale.isFinite, "a positive number", anchorScale, .anchorScale)
    hold((1...16).contains(octaves), "1 to 16", octaves, .octaves)
    hold(
      !ratios.isEmpty && ratios.allSatisfy { $0 > 0 && $0.isFinite },
      "at least one positive number", ratios, .ratios)
    hold((0...4).contains(extraLevels), "0 to 4", extraLevels, .extraLevels)
    hold((1...4096).contains(proposals), "1 to 4096", proposals, .proposals)
    hold((1...65536).contains(candidates), "1 to 65536", candidates, .candidates)
    hold((1...32).contains(resolution), "1 to 32", resolution, .resolution)
    hold(
      scoreThreshold >= 0 && scoreThreshold < 1, "a number from 0 up to but not including 1",
      scoreThreshold, .scoreThreshold)
    hold(overlap > 0 && overlap <= 1, "a number above 0, at most 1", overlap, .overlap)
    hold((1...10_000).contains(limit), "1 to 10000", limit, .limit)
  }
}
