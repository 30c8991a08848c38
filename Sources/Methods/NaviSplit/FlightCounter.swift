internal import DroneWorlds
internal import Metrics
internal import Splitting
internal import Tensors
internal import Training

/// Adds up what happens in episodes, for a report.
struct FlightCounter {
  /// What is shared by the episodes.
  var report: FlightReport

  private var goals = 0
  private var collisions = 0
  private var timeouts = 0
  private var pathSuccess = 0.0
  private var steps = 0
  private var reward = 0.0
  private var frames = 0
  private var bytes = 0
  private var latencies: [Double] = []
  private var accuracy = DepthAccuracy()
  private var absoluteError = 0.0
  private var branchFrames: [Int]
  /// By episode, what has been flown so far.
  private var pending: [Int: (reward: Double, path: Double, steps: Int)] = [:]
  private var finished: [(episode: Int, reached: Bool)] = []

  /// Begins a count.
  ///
  /// - Parameter branches: how many branches there are to choose from.
  init(policy: String, goals: ClosedRange<Double>, branches: Int = 0) {
    report = FlightReport(policy: policy, goalDistance: goals)
    branchFrames = Array(repeating: 0, count: branches)
  }

  /// The episodes that are over.
  var episodes: Int { finished.count }

  /// Adds a frame that was sent, and how near what was seen is to what was there.
  ///
  /// - Parameter latency: in seconds, if it was reckoned.
  mutating func frame(
    branch: Int, bytes: Int, latency: Double?, seen: [Float], truth: [Float]
  ) {
    frames += 1
    self.bytes += bytes
    if let latency { latencies.append(latency) }
    branchFrames[branch] += 1
    let shape: Shape = [seen.count]
    accuracy.add(predictions: Tensor(shape, seen), truths: Tensor(shape, truth))
    absoluteError += zip(seen, truth).reduce(0) { $0 + abs(Double($1.0 - $1.1)) }
  }

  /// Adds a step of an episode.
  ///
  /// - Parameter straight: the straight way from its start to its goal, in metres.
  mutating func step(episode: Int, _ outcome: StepOutcome, straight: Double, goalRadius: Double) {
    var so = pending[episode] ?? (0, 0, 0)
    so.reward += outcome.reward
    so.path += outcome.distance
    so.steps += 1
    guard let ending = outcome.ending else {
      pending[episode] = so
      return
    }
    pending[episode] = nil
    finished.append((episode, ending == .goal))
    steps += so.steps
    reward += so.reward
    switch ending {
    case .goal:
      goals += 1
      // The way ends where the goal's radius begins.
      let shortest = max(0, straight - goalRadius)
      pathSuccess += shortest / max(so.path, shortest, 1e-9)
    case .collision: collisions += 1
    case .timeout: timeouts += 1
    }
  }

  /// The means.
  func finishedReport() -> FlightReport {
    var result = report
    func mean(_ sum: Double) -> Double? {
      finished.isEmpty ? nil : sum / Double(finished.count)
    }
    result.episodes = finished.count
    result.success = mean(Double(goals))
    result.collisions = mean(Double(collisions))
    result.timeouts = mean(Double(timeouts))
    result.pathSuccess = mean(pathSuccess)
    result.steps = mean(Double(steps))
    result.reward = mean(reward)
    result.reached = finished.sorted { $0.episode < $1.episode }.map(\.reached)
    guard frames > 0 else { return result }
    result.bytesPerFrame = Double(bytes) / Double(frames)
    result.bytesPerEpisode = mean(Double(bytes))
    result.shares = branchFrames.map { Double($0) / Double(frames) }
    if !latencies.isEmpty {
      result.latency = .seconds(latencies.reduce(0, +) / Double(latencies.count))
    }
    result.depthError = accuracy.absoluteRelativeError
    result.determination = accuracy.determination
    result.cellError = absoluteError / Double(max(accuracy.pixelCount, 1))
    return result
  }
}
