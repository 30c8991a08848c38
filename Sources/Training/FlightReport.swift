public import Metrics
public import Splitting

/// How a drone flew under one policy, over some episodes.
public struct FlightReport: Codable, Sendable {
  /// What decided: a navigator, a branch, a gate.
  public var policy: String
  /// The distances of the goals in metres, least and largest.
  public var goalDistance: [Double]
  /// The episodes.
  public var episodes: Int
  /// The share of them that came to the goal; nil without an episode, as all means of episodes are.
  @NullCoded public var success: Double?
  /// The share that collided.
  @NullCoded public var collisions: Double?
  /// The share that ran out of steps.
  @NullCoded public var timeouts: Double?
  /// Success weighted by path length, SPL.
  ///
  /// The mean of the straight way over the way that was flown, 0 for what did not come to the goal.
  /// Source: Anderson and others 2018,
  /// https://arxiv.org/abs/1807.06757.
  @NullCoded public var pathSuccess: Double?
  /// The mean of the steps of an episode.
  @NullCoded public var steps: Double?
  /// The mean reward of an episode.
  @NullCoded public var reward: Double?
  /// The mean of the bytes that a frame sends; nil where nothing is sent.
  public var bytesPerFrame: Double?
  /// The mean of the bytes that an episode sends.
  public var bytesPerEpisode: Double?
  /// The mean relative error of the depth that was seen, over its cells.
  public var depthError: Double?
  /// The mean absolute error of the depth that was seen, over its cells, as a share of the far limit.
  public var cellError: Double?
  /// The coefficient of determination of the depth that was seen.
  public var determination: Double?
  /// The share of the frames that each branch had.
  public var shares: [Double]?
  /// The mean time from a picture to what is done about it, over a link whose rate varies.
  public var latency: TimeSpan?
  /// For each episode whether it came to the goal, so that policies are compared episode by episode.
  public var reached: [Bool]

  private enum CodingKeys: String, CodingKey {
    case policy, episodes, success, collisions, timeouts, steps, reward, determination, shares
    case latency, reached
    case goalDistance = "goal_distance"
    case pathSuccess = "path_success"
    case bytesPerFrame = "bytes_per_frame"
    case bytesPerEpisode = "bytes_per_episode"
    case depthError = "depth_error"
    case cellError = "cell_error"
  }

  /// Begins a report of nothing.
  public init(policy: String, goalDistance: ClosedRange<Double>) {
    self.policy = policy
    self.goalDistance = [goalDistance.lowerBound, goalDistance.upperBound]
    episodes = 0
    reached = []
  }
}
