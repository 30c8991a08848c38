public import Tensors

/// How far predicted numbers are from the true ones, for each value by itself.
///
/// A prediction that is NaN is none: it takes no part, and ``unpredictedCounts`` says how many there
/// were. Samples whose truth is missing are not to be added.
public struct RegressionAccuracy: Hashable, Sendable {
  /// The number of values of a sample.
  public let valueCount: Int

  /// By value: the predictions that are NaN.
  public private(set) var unpredictedCounts: [Int]

  private var moments: [Moments]

  /// Sums about one value; the truths' spread by Welford's method, as merged by Chan and others.
  private struct Moments: Hashable, Sendable {
    var count = 0
    var absolute = 0.0
    var squared = 0.0
    var mean = 0.0
    /// The sum of squared distances of the truths from their mean.
    var spread = 0.0

    mutating func add(_ predicted: Double, _ truth: Double) {
      count += 1
      absolute += abs(predicted - truth)
      squared += (predicted - truth) * (predicted - truth)
      let distance = truth - mean
      mean += distance / Double(count)
      spread += distance * (truth - mean)
    }

    mutating func merge(_ other: Moments) {
      guard other.count > 0 else { return }
      let total = Double(count + other.count)
      let distance = other.mean - mean
      mean += distance * Double(other.count) / total
      spread += other.spread + distance * distance * Double(count) * Double(other.count) / total
      count += other.count
      absolute += other.absolute
      squared += other.squared
    }
  }

  /// Creates a measurement of nothing.
  ///
  /// - Precondition: at least one value.
  public init(valueCount: Int) {
    precondition(valueCount >= 1, "RegressionAccuracy: \(valueCount) values")
    self.valueCount = valueCount
    unpredictedCounts = Array(repeating: 0, count: valueCount)
    moments = Array(repeating: Moments(), count: valueCount)
  }

  /// Adds samples.
  ///
  /// - Parameters:
  ///   - predictions: `[samples, values]`.
  ///   - truths: `[samples, values]`.
  /// - Precondition: the shapes are these.
  public mutating func add(predictions: Tensor<Float>, truths: Tensor<Float>) {
    precondition(
      predictions.shape.rank == 2 && predictions.shape[1] == valueCount
        && predictions.shape == truths.shape,
      "RegressionAccuracy: predictions \(predictions.shape) and truths \(truths.shape) of "
        + "\(valueCount) values")
    for (index, pair) in zip(predictions.scalars, truths.scalars).enumerated() {
      if pair.0.isNaN {
        unpredictedCounts[index % valueCount] += 1
      } else {
        moments[index % valueCount].add(Double(pair.0), Double(pair.1))
      }
    }
  }

  /// Adds the samples of another part of the data.
  ///
  /// - Precondition: as many values.
  public mutating func merge(_ other: RegressionAccuracy) {
    precondition(
      valueCount == other.valueCount,
      "RegressionAccuracy: \(valueCount) and \(other.valueCount) values")
    for index in moments.indices {
      moments[index].merge(other.moments[index])
      unpredictedCounts[index] += other.unpredictedCounts[index]
    }
  }
}

// MARK: - Measures

extension RegressionAccuracy {
  /// By value: the mean of `|p − t|`, in the value's unit; nil without predictions.
  public var meanAbsoluteErrors: [Double?] {
    moments.map { $0.count == 0 ? nil : $0.absolute / Double($0.count) }
  }

  /// By value: the root of the mean of `(p − t)²`, in the value's unit; nil without predictions.
  public var rootMeanSquaredErrors: [Double?] {
    moments.map { $0.count == 0 ? nil : ($0.squared / Double($0.count)).squareRoot() }
  }

  /// By value: R² `1 − Σ (p − t)² / Σ (t − t̄)²`; nil if the truths do not differ.
  public var determinations: [Double?] {
    moments.map { $0.spread > 0 ? 1 - $0.squared / $0.spread : nil }
  }
}
