internal import Glibc

/// How fast something goes on, with more weight on the last few seconds.
struct RateEstimate {
  /// The time after which a rate counts for a third.
  private static let memory = 5.0
  /// Rates over less time than this are too uncertain to be shown.
  private static let shortest = 0.25

  private let start: Duration
  private var time: Duration
  private var done: Int
  private var weightedRate = 0.0
  private var weight = 0.0

  init(time: Duration, done: Int) {
    start = time
    self.time = time
    self.done = done
  }

  /// Takes note of a new state.
  mutating func update(time: Duration, done: Int) {
    let seconds = (time - self.time) / .seconds(1)
    // Many updates within a moment are one.
    guard seconds >= 0.01 else { return }
    let decay = exp(-seconds / RateEstimate.memory)
    weightedRate = weightedRate * decay + Double(done - self.done) / seconds * (1 - decay)
    weight = weight * decay + (1 - decay)
    self.time = time
    self.done = done
  }

  /// The rate; nil while there is too little to go by.
  var perSecond: Double? {
    guard weight > 0, (time - start) / .seconds(1) >= RateEstimate.shortest else { return nil }
    return max(0, weightedRate / weight)
  }
}
