internal import Foundation

/// Confidence and correctness of each exit of a network on some samples, and the bytes of each sample.
///
/// Thresholds can be tried on it without running anything again.
public struct ExitSamples: Sendable {
  /// How many exits there are.
  public let exitCount: Int

  /// Number of them, the first ones, on the device: what leaves there is not sent.
  public let deviceExitCount: Int

  private var confidences: [[Double]]
  private var isRight: [[Bool]]
  private var lastIsRight: [Bool] = []
  private var bytes: [Int] = []

  /// Begins without samples.
  ///
  /// - Precondition: there are as many exits as there are on the device, or more.
  public init(exitCount: Int, deviceExitCount: Int) {
    precondition(
      (0...exitCount).contains(deviceExitCount), "ExitSamples: \(deviceExitCount) of \(exitCount)")
    self.exitCount = exitCount
    self.deviceExitCount = deviceExitCount
    confidences = Array(repeating: [], count: exitCount)
    isRight = Array(repeating: [], count: exitCount)
  }

  /// How many samples there are.
  public var count: Int { lastIsRight.count }

  /// Adds a sample: what each exit says of it, whether the network itself is right, and the bytes it
  /// takes to be sent.
  public mutating func add(
    exits: [(confidence: Double, isRight: Bool)], last: Bool, bytes: Int
  ) {
    precondition(exits.count == exitCount, "ExitSamples: \(exits.count) exits")
    for (index, exit) in exits.enumerated() {
      confidences[index].append(exit.confidence)
      isRight[index].append(exit.isRight)
    }
    lastIsRight.append(last)
    self.bytes.append(bytes)
  }

  /// Where samples leave the network under one threshold, and how often they are right.
  public struct Outcome: Sendable {
    /// The share of samples that leave at each exit.
    public let exitShares: [Double]
    /// The share of all samples that are answered right.
    public let accuracy: Double
    /// The share of samples that are sent.
    public let sentShare: Double
    /// The mean of the bytes of all samples, 0 for those that are not sent.
    public let bytes: Double

    /// The mean of the bytes of those that are sent; nil if none is.
    public var sentBytes: Double? { sentShare > 0 ? bytes / sentShare : nil }

    /// The share of samples that go all the way.
    public var remaining: Double { 1 - exitShares.reduce(0, +) }
  }

  /// Bytes of each sample under a threshold that all exits share, 0 for those that leave on the device.
  public func sentBytes(threshold: Double) -> [Int] {
    (0..<count).map { sample in
      (0..<deviceExitCount).contains { confidences[$0][sample] >= threshold } ? 0 : bytes[sample]
    }
  }

  /// What comes of a threshold that all exits share.
  ///
  /// - Precondition: there is a sample.
  public func outcome(threshold: Double) -> Outcome { outcomes(thresholds: [threshold])[0] }

  /// What comes of each of several thresholds, in one pass over the samples.
  ///
  /// A sample leaves at an exit under the thresholds that the exit's confidence reaches and none of
  /// those before it does: a range, at whose ends the counts change.
  ///
  /// - Parameter thresholds: rising.
  /// - Precondition: there is a sample.
  public func outcomes(thresholds: [Double]) -> [Outcome] {
    precondition(count > 0, "ExitSamples: no samples")
    precondition(
      zip(thresholds, thresholds.dropFirst()).allSatisfy { $0 <= $1 },
      "ExitSamples: thresholds do not rise")
    let empty = [Int](repeating: 0, count: thresholds.count + 1)
    var left = [[Int]](repeating: empty, count: exitCount)
    var right = empty
    var sent = empty
    var sentBytes = empty
    // How many thresholds a confidence reaches.
    func reached(_ confidence: Double) -> Int {
      var (low, high) = (0, thresholds.count)
      while low < high {
        let middle = (low + high) / 2
        if thresholds[middle] <= confidence { low = middle + 1 } else { high = middle }
      }
      return low
    }
    // Under the thresholds from one on the sample has not left on the device.
    func send(_ sample: Int, from threshold: Int) {
      sent[threshold] += 1
      sentBytes[threshold] += bytes[sample]
    }
    for sample in 0..<count {
      var taken = 0
      for exit in 0..<exitCount {
        if exit == deviceExitCount { send(sample, from: taken) }
        let end = reached(confidences[exit][sample])
        guard end > taken else { continue }
        left[exit][taken] += 1
        left[exit][end] -= 1
        if isRight[exit][sample] {
          right[taken] += 1
          right[end] -= 1
        }
        taken = end
      }
      if exitCount == deviceExitCount { send(sample, from: taken) }
      if lastIsRight[sample] { right[taken] += 1 }
    }
    let total = Double(count)
    var leaving = [Int](repeating: 0, count: exitCount)
    var (rightNow, sentNow, bytesNow) = (0, 0, 0)
    return thresholds.indices.map { index in
      for exit in 0..<exitCount { leaving[exit] += left[exit][index] }
      rightNow += right[index]
      sentNow += sent[index]
      bytesNow += sentBytes[index]
      return Outcome(
        exitShares: leaving.map { Double($0) / total }, accuracy: Double(rightNow) / total,
        sentShare: Double(sentNow) / total, bytes: Double(bytesNow) / total)
    }
  }

  /// Thresholds that between them leave the network at every share of the samples that there is, at
  /// most so many (and no fewer than the two ends): from everything to nothing.
  public func thresholds(most: Int = .max) -> [Double] {
    let values = Set(confidences.joined()).sorted()
    let inner = max(0, most - 2)
    guard inner > 0 else { return [0, ExitDecision.never] }
    let step = max(1, values.count / inner + (values.count % inner == 0 ? 0 : 1))
    return [0] + stride(from: 0, to: values.count, by: step).map { values[$0] }
      + [ExitDecision.never]
  }

  /// The share of samples that an exit alone answers right.
  public func accuracy(ofExit exit: Int) -> Double {
    Double(isRight[exit].count { $0 }) / Double(max(count, 1))
  }

  /// The expected calibration error of an exit: how far what it says of its answers is from how often
  /// they are right, over bins of equal width, weighted by how many samples are in them.
  ///
  /// Source: Guo and others 2017, https://arxiv.org/abs/1706.04599, equation 3.
  public func calibrationError(ofExit exit: Int, bins: Int = 15) -> Double {
    var sums = [(confidence: Double, right: Double)](repeating: (0, 0), count: bins)
    for (confidence, isRight) in zip(confidences[exit], isRight[exit]) {
      let bin = min(bins - 1, max(0, Int(confidence * Double(bins))))
      sums[bin].confidence += confidence
      sums[bin].right += isRight ? 1 : 0
    }
    return sums.reduce(0) { $0 + abs($1.confidence - $1.right) } / Double(max(count, 1))
  }
}

/// What logits have to be divided by for their probabilities to be right as often as they say.
public enum TemperatureScaling {
  /// The temperature with the least cross-entropy.
  ///
  /// Source: Guo and others 2017, https://arxiv.org/abs/1706.04599, section 4.2. Found by golden
  /// section over its logarithm, in which the loss has one minimum.
  ///
  /// - Parameters:
  ///   - logits: rows of as many classes each.
  ///   - labels: the class of each row.
  public static func temperature(logits: [[Float]], labels: [Int32]) -> Double {
    guard !logits.isEmpty else { return 1 }
    func loss(_ logarithm: Double) -> Double {
      let temperature = exp(logarithm)
      return zip(logits, labels).reduce(0) { total, sample in
        let largest = Double(sample.0.max() ?? 0)
        let sum = sample.0.reduce(0.0) { $0 + exp((Double($1) - largest) / temperature) }
        return total + log(sum) - (Double(sample.0[Int(sample.1)]) - largest) / temperature
      }
    }
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (-3.0, 4.0)
    var (first, second) = (high - ratio * (high - low), low + ratio * (high - low))
    var (firstLoss, secondLoss) = (loss(first), loss(second))
    while high - low > 1e-3 {
      if firstLoss < secondLoss {
        (high, second, secondLoss) = (second, first, firstLoss)
        first = high - ratio * (high - low)
        firstLoss = loss(first)
      } else {
        (low, first, firstLoss) = (first, second, secondLoss)
        second = low + ratio * (high - low)
        secondLoss = loss(second)
      }
    }
    return exp((low + high) / 2)
  }
}
