/// Which values of a feature survive: asymmetric top-K filtering.
///
/// Source: SLICER, https://arxiv.org/abs/2511.11608, "ATKF". Deviation: among equal scores those of
/// the lowest index survive, where the paper draws lots.
public struct MagnitudeFilter: Sendable {
  /// What the asymmetry λ means.
  public enum Reading: String, Codable, CaseIterable, Sendable {
    /// A negative value's score is λ times its magnitude, any other's is the value.
    case score
    /// `⌈λK⌉` of the survivors are not negative, the others are; what one side lacks the other has.
    case budget

    /// The asymmetries there may be.
    public var range: ClosedRange<Float> {
      switch self {
      case .score: 0...Float.greatestFiniteMagnitude
      case .budget: 0...1
      }
    }
  }

  /// How many survive; K in the paper.
  public let count: Int
  /// λ in the paper.
  public let asymmetry: Float
  /// What it means.
  public let reading: Reading

  /// Creates a filter.
  ///
  /// - Precondition: the asymmetry is in its range.
  public init(count: Int, asymmetry: Float = 1, reading: Reading = .score) {
    precondition(count >= 0 && reading.range.contains(asymmetry))
    self.count = count
    self.asymmetry = asymmetry
    self.reading = reading
  }

  /// The indices of exactly K survivors, in order.
  ///
  /// - Precondition: no value is NaN, and there are K.
  public func survivors(of values: [Float]) -> [Int] {
    precondition(count <= values.count, "MagnitudeFilter: \(count) of \(values.count)")
    switch reading {
    case .score:
      // The patterns of numbers that are not negative are in the numbers' order.
      let scores = values.map { ($0 >= 0 ? $0.magnitude : asymmetry * $0.magnitude).bitPattern }
      let survives = MagnitudeFilter.largest(count, of: scores)
      return values.indices.filter { survives[$0] }
    case .budget:
      let negative = values.indices.filter { values[$0] < 0 }
      let other = values.indices.filter { !(values[$0] < 0) }
      let share = Int((Double(asymmetry) * Double(count)).rounded(.up))
      let wanted = min(share, other.count)
      let negativeCount = min(count - wanted, negative.count)
      let parts = [(negative, negativeCount), (other, count - negativeCount)]
      return parts.flatMap { indices, count in
        let survives = MagnitudeFilter.largest(
          count, of: indices.map { values[$0].magnitude.bitPattern })
        return zip(indices, survives).filter(\.1).map(\.0)
      }.sorted()
    }
  }

  /// Which of some keys are the largest, the first ones among equal keys.
  ///
  /// Finds the least key that is taken digit by digit, the highest first, in three passes.
  static func largest(_ count: Int, of keys: [UInt32]) -> [Bool] {
    guard count > 0 else { return [Bool](repeating: false, count: keys.count) }
    guard count < keys.count else { return [Bool](repeating: true, count: keys.count) }
    var prefix: UInt32 = 0
    var known: UInt32 = 0
    // How many keys of the prefix are still to be taken.
    var wanted = count
    for (shift, width) in [(UInt32(21), UInt32(11)), (10, 11), (0, 10)] {
      let mask = (UInt32(1) << width) - 1
      var histogram = [Int](repeating: 0, count: 1 << Int(width))
      for key in keys where key & known == prefix { histogram[Int(key >> shift & mask)] += 1 }
      var digit = histogram.count - 1
      while wanted > histogram[digit] {
        wanted -= histogram[digit]
        digit -= 1
      }
      prefix |= UInt32(digit) << shift
      known |= mask << shift
    }
    return keys.map { key in
      if key == prefix, wanted > 0 {
        wanted -= 1
        return true
      }
      return key > prefix
    }
  }
}
