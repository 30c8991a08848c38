/// How often the numbers of a value fall into bins of equal width over their range.
struct ValueHistogram {
  /// The number of bins: eight for each of the 256 levels of a byte.
  static let binCount = 2048

  /// The smallest and the largest number, and 0.
  let range: ClosedRange<Float>

  /// How many numbers are in each bin, without zeros.
  private(set) var counts = [Int](repeating: 0, count: ValueHistogram.binCount)

  /// How many numbers are exactly 0, which every quantisation keeps.
  private(set) var zeros = 0

  init(_ range: ClosedRange<Float>) {
    self.range = min(range.lowerBound, 0)...max(range.upperBound, 0)
  }

  private var width: Double {
    (Double(range.upperBound) - Double(range.lowerBound)) / Double(ValueHistogram.binCount)
  }

  /// Counts numbers that lie in the range.
  mutating func add(_ numbers: UnsafeBufferPointer<Float>) {
    let lower = range.lowerBound
    // Of a range so small that its bins are none, all numbers fall into one.
    let perBin = width > 0 && Float(1 / width).isFinite ? Float(1 / width) : 0
    let last = ValueHistogram.binCount - 1
    counts.withUnsafeMutableBufferPointer { counts in
      for number in numbers {
        if number == 0 {
          zeros += 1
        } else {
          counts[min(max(Int((number - lower) * perBin), 0), last)] += 1
        }
      }
    }
  }

  /// The range an option chooses.
  func chosenRange(_ choice: QuantizationOptions.RangeChoice) -> ClosedRange<Float> {
    guard width > 0 else { return range }
    switch choice {
    case .extremes: return range
    case .percentile(let percent): return percentileRange(percent)
    case .leastSquaredError: return leastSquaredErrorRange()
    }
  }

  private func percentileRange(_ percent: Double) -> ClosedRange<Float> {
    let allowed = (1 - percent / 100) * Double(counts.reduce(zeros, +))
    /// How many bins can be left out at one end.
    func skipped(_ ordered: some Sequence<Int>) -> Int {
      var sum = 0
      var skipped = 0
      for count in ordered {
        sum += count
        if Double(sum) > allowed { break }
        skipped += 1
      }
      return skipped
    }
    let lower = Double(range.lowerBound) + Double(skipped(counts)) * width
    let upper = Double(range.upperBound) - Double(skipped(counts.reversed())) * width
    return Float(min(lower, 0))...Float(max(upper, 0))
  }

  /// Tries to shrink both ends by the same factor.
  private func leastSquaredErrorRange() -> ClosedRange<Float> {
    var best = (error: Double.infinity, factor: 1.0)
    for step in 0...90 {
      let factor = 1 - Double(step) / 100
      let error = squaredError(
        lower: Double(range.lowerBound) * factor, upper: Double(range.upperBound) * factor)
      if error < best.error { best = (error, factor) }
    }
    return Float(
      Double(range.lowerBound) * best.factor)...Float(
        Double(range.upperBound) * best.factor)
  }

  /// The expected sum of squared errors: the variance of rounding, a twelfth of a step's square,
  /// inside the range, and the squared distance to it outside.
  private func squaredError(lower: Double, upper: Double) -> Double {
    let step = (upper - lower) / 255
    let rounding = step * step / 12
    var error = 0.0
    for (bin, count) in counts.enumerated() where count > 0 {
      let centre = Double(range.lowerBound) + (Double(bin) + 0.5) * width
      let excess = max(lower - centre, centre - upper, 0)
      error += Double(count) * (excess > 0 ? excess * excess : rounding)
    }
    return error
  }
}
