import Boxes
import Foundation
import Metrics
import Tensors
import Testing

/// What other implementations measured; `Reference/make_reference.py` documents the fields.
struct ReferenceValues: Decodable {
  struct Image: Decodable {
    var truths: [[Float]]
    var detections: [[Float]]

    var labelledBoxes: [LabelledBox] {
      truths.map {
        LabelledBox(box($0), category: Int32($0[4]), isCrowd: $0[5] != 0, area: $0[6])
      }
    }

    var found: [Detection] {
      detections.map { Detection(box($0), category: Int32($0[4]), score: $0[5] / 64) }
    }

    private func box(_ numbers: [Float]) -> BoundingBox {
      BoundingBox(left: numbers[0], top: numbers[1], right: numbers[2], bottom: numbers[3])
    }
  }

  struct DetectionCase: Decodable {
    var maximum: Int
    var summary: DetectionAccuracy.Summary
  }

  struct Segmentation: Decodable {
    var labels: [Int32]
    var predictions: [Int32]
    var perClass: [Double?]
    var mean: Double
    var pixelAccuracy: Double
  }

  struct Depth: Decodable {
    var truths: [Float]
    var predictions: [Float]
    var pixels: Int
    var absoluteRelative: Double
    var squaredRelative: Double
    var rootMeanSquared: Double
    var rootMeanSquaredLogarithmic: Double
    var within: [Double]
  }

  struct Regression: Decodable {
    var truths: [Float]
    var predictions: [Float]
    var mae: [Double]
    var rmse: [Double]
    var r2: [Double]
  }

  struct MultiLabel: Decodable {
    var truths: [Float]
    var logits: [Float]
    var macroF1: Double
    var microF1: Double
    var averagePrecisions: [Double]
    var meanAveragePrecision: Double
    var subset: Double
  }

  struct Quantile: Decodable {
    var degrees: Double
    var probability: Double
    var quantile: Double
  }

  struct Paired: Decodable {
    var first: [Double]
    var second: [Double]
    var mean: Double
    var low: Double
    var high: Double
  }

  var categories: Int
  var images: [Image]
  var detections: [DetectionCase]
  var segmentation: Segmentation
  var depth: Depth
  var regression: Regression
  var multiLabel: MultiLabel
  var student: [Quantile]
  var paired: Paired

  enum CodingKeys: String, CodingKey {
    case categories, images, detections, segmentation, depth, regression, student, paired
    case multiLabel = "multi_label"
  }

  /// The values, or the reason why they cannot be read, which the first test to ask reports.
  static let loaded = Result { () throws -> ReferenceValues in
    let url = try #require(
      Bundle.module.url(
        forResource: "reference", withExtension: "json", subdirectory: "Reference"))
    return try JSONDecoder().decode(ReferenceValues.self, from: Data(contentsOf: url))
  }
}

/// Expects two numbers, or their absence, to agree.
func expectClose(
  _ found: Double?, _ expected: Double?, within tolerance: Double = 1e-9, _ what: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let found, let expected else {
    #expect(found == nil && expected == nil, what, sourceLocation: sourceLocation)
    return
  }
  #expect(
    abs(found - expected) <= tolerance * max(1, abs(expected)), what,
    sourceLocation: sourceLocation)
}
