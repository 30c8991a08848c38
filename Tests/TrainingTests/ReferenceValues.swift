import Foundation
import Tensors
import Testing
import Training

/// What PyTorch computed; made by `Reference/make_reference.py`.
struct ReferenceValues: Decodable {
  struct OptimizerCase: Decodable, Sendable, CustomTestStringConvertible {
    var node: OptimizerConfiguration
    var weights: [[Float]]
    var biases: [[Float]]

    var testDescription: String { "\(node)" }
  }

  struct ScheduleCase: Decodable, Sendable, CustomTestStringConvertible {
    var node: LearningRateSchedule
    var rates: [Double]

    var testDescription: String { "\(node)" }
  }

  struct Clipping: Decodable, Sendable {
    var maximum: Double
    var norm: Double
    var weight: [Float]
    var bias: [Float]
  }

  var weight: [Float]
  var bias: [Float]
  var weightGradients: [[Float]]
  var biasGradients: [[Float]?]
  var factors: [Double]
  var optimizers: [OptimizerCase]
  var epochs: Int
  var base: Double
  var schedules: [ScheduleCase]
  var metrics: [Double]
  var plateaus: [ScheduleCase]
  var clippings: [Clipping]

  enum CodingKeys: String, CodingKey {
    case weight, bias
    case weightGradients = "weight_gradients"
    case biasGradients = "bias_gradients"
    case factors, optimizers, epochs, base, schedules, metrics, plateaus, clippings
  }

  /// The values, or the reason why they cannot be read, which the first test to ask reports.
  static let loaded = Result { () throws -> ReferenceValues in
    let url = try #require(
      Bundle.module.url(
        forResource: "reference", withExtension: "json", subdirectory: "Reference"))
    return try JSONDecoder().decode(ReferenceValues.self, from: Data(contentsOf: url))
  }
}

/// A tensor of rank 1.
func vector(_ values: [Float]) -> Tensor<Float> { Tensor([values.count], values) }

/// The greatest difference between two lists of one length; infinite if a value is NaN.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).reduce(0) { largest, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}
