internal import Foundation
public import Tensors

/// How far predicted depths are from the true ones, over the pixels whose true depth is known.
///
/// Measures as in Eigen and others 2014, https://arxiv.org/abs/1406.2283, section 4, pooled over all
/// pixels. A true depth that is not above 0, or not finite, is unknown. Predictions are clamped to
/// ``range`` first. A prediction that is NaN is none: it takes no part in the errors and counts as a
/// miss in ``withinFactor``.
public struct DepthAccuracy: Hashable, Sendable {
  /// The depths a prediction is clamped to, in the data's unit.
  public let range: ClosedRange<Float>

  /// The number of pixels whose true depth is known.
  public private(set) var pixelCount = 0
  /// The number of pixels whose true depth is unknown.
  public private(set) var unknownCount = 0
  /// The number of pixels of known depth without a prediction.
  public private(set) var unpredictedCount = 0

  private var relative = 0.0
  private var squaredRelative = 0.0
  private var squared = 0.0
  private var squaredLogarithmic = 0.0
  private var truths = 0.0
  private var squaredTruths = 0.0
  private var within = [0, 0, 0]

  /// Creates a measurement of nothing.
  ///
  /// - Precondition: the least depth is above 0.
  public init(range: ClosedRange<Float> = 1e-3...Float.infinity) {
    precondition(range.lowerBound > 0, "DepthAccuracy: depths from \(range.lowerBound)")
    self.range = range
  }

  /// Adds pixels.
  ///
  /// - Parameters:
  ///   - predictions: depths of any shape, in the data's unit.
  ///   - truths: the true depths, of the same shape.
  /// - Precondition: the shapes are equal.
  public mutating func add(predictions: Tensor<Float>, truths: Tensor<Float>) {
    precondition(
      predictions.shape == truths.shape,
      "DepthAccuracy: predictions \(predictions.shape) and truths \(truths.shape)")
    predictions.withUnsafeBufferPointer { predictions in
      truths.withUnsafeBufferPointer { truths in
        for (predicted, truth) in zip(predictions, truths) { add(predicted, truth) }
      }
    }
  }

  private mutating func add(_ predicted: Float, _ truth: Float) {
    guard truth > 0, truth.isFinite else {
      unknownCount += 1
      return
    }
    pixelCount += 1
    guard !predicted.isNaN else {
      unpredictedCount += 1
      return
    }
    let depth = Double(min(max(predicted, range.lowerBound), range.upperBound))
    let truth = Double(truth)
    let difference = depth - truth
    relative += abs(difference) / truth
    squaredRelative += difference * difference / truth
    squared += difference * difference
    truths += truth
    squaredTruths += truth * truth
    let logarithm = log(depth) - log(truth)
    squaredLogarithmic += logarithm * logarithm
    let ratio = max(depth / truth, truth / depth)
    for (power, bound) in [1.25, 1.5625, 1.953125].enumerated() where ratio < bound {
      within[power] += 1
    }
  }

  /// Adds the pixels of another part of the data.
  ///
  /// - Precondition: the same range.
  public mutating func merge(_ other: DepthAccuracy) {
    precondition(
      range == other.range, "DepthAccuracy: depths in \(range) and in \(other.range)")
    pixelCount += other.pixelCount
    unknownCount += other.unknownCount
    unpredictedCount += other.unpredictedCount
    relative += other.relative
    squaredRelative += other.squaredRelative
    squared += other.squared
    squaredLogarithmic += other.squaredLogarithmic
    truths += other.truths
    squaredTruths += other.squaredTruths
    for index in within.indices { within[index] += other.within[index] }
  }
}

// MARK: - Measures

extension DepthAccuracy {
  private func average(_ sum: Double) -> Double? {
    let count = pixelCount - unpredictedCount
    return count == 0 ? nil : sum / Double(count)
  }

  /// The mean of `|d − d*| / d*`, AbsRel; nil without predictions.
  public var absoluteRelativeError: Double? { average(relative) }

  /// The mean of `(d − d*)² / d*`, SqRel, in the data's unit; nil without predictions.
  public var squaredRelativeError: Double? { average(squaredRelative) }

  /// The root of the mean of `(d − d*)²`, in the data's unit; nil without predictions.
  public var rootMeanSquaredError: Double? { average(squared)?.squareRoot() }

  /// The root of the mean of `(ln d − ln d*)²`; nil without predictions.
  public var rootMeanSquaredLogarithmicError: Double? { average(squaredLogarithmic)?.squareRoot() }

  /// The coefficient of determination R², `1 − Σ (d − d*)² / Σ (d* − mean d*)²`; nil without
  /// predictions, or if all true depths are the same.
  public var determination: Double? {
    guard let mean = average(truths), let meanSquare = average(squaredTruths),
      let error = average(squared)
    else { return nil }
    let variance = meanSquare - mean * mean
    return variance > 0 ? 1 - error / variance : nil
  }

  /// The fractions of pixels with `max(d / d*, d* / d)` below 1.25, 1.25² and 1.25³; nil without
  /// pixels of known depth.
  public var withinFactor: [Double]? {
    pixelCount == 0 ? nil : within.map { Double($0) / Double(pixelCount) }
  }
}
