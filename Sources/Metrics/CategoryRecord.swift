/// What was found of one category in all images: `COCOeval.accumulate`.
struct CategoryRecord: Sendable {
  private var outcomes: [DetectionMatching.Outcome] = []
  private var truthCounts = SIMD4<Int>.zero

  /// Adds an image.
  mutating func add(_ matching: DetectionMatching) {
    outcomes += matching.outcomes
    truthCounts &+= matching.truthCounts
  }

  /// Adds the images of another record.
  mutating func merge(_ other: CategoryRecord) {
    outcomes += other.outcomes
    truthCounts &+= other.truthCounts
  }

  /// The average precision at each threshold of overlap; nil if no object is to be found.
  func averagePrecisions(in area: AreaRange) -> [Double]? {
    let truthCount = truthCounts[area.rawValue]
    guard truthCount > 0 else { return nil }
    let order = outcomes.indices.sorted {
      outcomes[$0].score != outcomes[$1].score
        ? outcomes[$0].score > outcomes[$1].score : $0 < $1
    }
    return DetectionAccuracy.thresholds.indices.map { level in
      let bit: UInt16 = 1 << UInt16(level)
      var recalls: [Double] = []
      var precisions: [Double] = []
      var right = 0
      var wrong = 0
      for index in order where outcomes[index].isIgnored[area.rawValue] & bit == 0 {
        if outcomes[index].isMatched[area.rawValue] & bit != 0 { right += 1 } else { wrong += 1 }
        recalls.append(Double(right) / Double(truthCount))
        precisions.append(Double(right) / Double(right + wrong))
      }
      return Self.averagePrecision(recalls, precisions)
    }
  }

  /// The mean over the recalls 0, 0.01 … 1 of the best precision at that recall or above.
  private static func averagePrecision(_ recalls: [Double], _ precisions: [Double]) -> Double {
    var envelope = precisions
    for index in envelope.indices.dropLast().reversed() {
      envelope[index] = max(envelope[index], envelope[index + 1])
    }
    var sum = 0.0
    var next = 0
    for step in 0...100 {
      // As NumPy's `linspace` computes them.
      let recall = step == 100 ? 1 : Double(step) * 0.01
      while next < recalls.count, recalls[next] < recall { next += 1 }
      guard next < recalls.count else { break }
      sum += envelope[next]
    }
    return sum / 101
  }
}
