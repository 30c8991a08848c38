public import Tensors

/// Environments that are stepped and seen in parallel.
///
/// When an episode ends, its environment goes on to a later one: environment k of n flies the
/// episodes k, k + n, k + 2n and so on, so that what happens does not depend on threads. Pictures
/// are always of where the drones are now, at the start of the next episode if one has ended.
public struct EnvironmentPool: Sendable {
  /// What is rendered.
  public enum Content: String, CaseIterable, Codable, Sendable {
    /// Only depth, which takes the least time.
    case depth
    /// Colours and depth.
    case coloursAndDepth
  }

  /// What came of a step of one environment.
  public struct StepResult: Codable, Hashable, Sendable {
    /// The number of the episode.
    public let episode: Int
    /// What came of the step.
    public let outcome: StepOutcome
    /// Where the drone was after it, before a new episode began.
    public let pose: Pose
    /// How far the goal was then, in metres.
    public let goalDistance: Double
  }

  /// The environments, whose episodes all go on.
  public private(set) var environments: [DroneEnvironment]
  /// What came of the last step, for each environment; empty before the first.
  public private(set) var results: [StepResult] = []
  /// The pictures, 0 to 255: `[environments, height, width, 3]`; nil if only depth is rendered.
  ///
  /// Those who keep a copy make the next step take new memory.
  public private(set) var colours: Tensor<Float>?
  /// Normalised depth, 0 to 1: `[environments, height, width, 1]`.
  public private(set) var depth: Tensor<Float>
  /// The distance of goals in metres, for the episodes that begin from now on.
  public var goalDistance: ClosedRange<Double>

  private let renderer: SceneRenderer
  private let farLimit: Double
  private var bytes: [UInt8]
  private var identities: [Int32]
  private var placeholders: [StepResult?]

  /// Begins an episode in each environment, and renders what is seen.
  ///
  /// - Parameters:
  ///   - count: the number of environments.
  ///   - generator: makes the scenes.
  ///   - firstEpisode: the number of the first environment's episode.
  ///   - goalDistance: the distance of goals in metres.
  ///   - rules: the rules of the episodes.
  ///   - content: what is rendered.
  /// - Precondition: at least one environment.
  public init(
    count: Int, generator: SceneGenerator, firstEpisode: Int = 0,
    goalDistance: ClosedRange<Double>, rules: DroneRules = DroneRules(),
    content: Content = .coloursAndDepth
  ) {
    precondition(count >= 1, "EnvironmentPool: \(count) environments")
    self.init(
      (0..<count).map {
        DroneEnvironment(
          generator: generator, episode: firstEpisode + $0, goalDistance: goalDistance,
          rules: rules)
      }, goalDistance: goalDistance, content: content)
  }

  /// Goes on with episodes under way, and renders what is seen.
  ///
  /// - Parameters:
  ///   - environments: episodes of worlds with the same options.
  ///   - goalDistance: the distance of the goals of later episodes, in metres.
  ///   - content: what is rendered.
  /// - Precondition: at least one environment.
  public init(
    _ environments: [DroneEnvironment], goalDistance: ClosedRange<Double>,
    content: Content = .coloursAndDepth
  ) {
    precondition(!environments.isEmpty, "EnvironmentPool: no environments")
    let count = environments.count
    let options = environments[0].options
    let camera = options.camera
    let hasColours = content == .coloursAndDepth
    let pixels = count * camera.pixelCount
    self.environments = environments
    self.goalDistance = goalDistance
    renderer = SceneRenderer(camera: camera)
    farLimit = options.farLimit
    depth = Tensor([count, camera.height, camera.width, 1], repeating: 1)
    colours =
      hasColours ? Tensor([count, camera.height, camera.width, 3], repeating: 0) : nil
    bytes = [UInt8](repeating: 0, count: hasColours ? 3 * pixels : 0)
    identities = [Int32](repeating: 0, count: hasColours ? pixels : 0)
    placeholders = [StepResult?](repeating: nil, count: count)
    render()
  }

  /// Makes a step in every environment, begins new episodes where one ended, and renders what is
  /// seen then.
  ///
  /// - Parameter actions: an action for each environment.
  /// - Returns: what came of it, for each environment; see ``results``.
  /// - Precondition: as many actions as environments.
  @discardableResult
  public mutating func step(_ actions: [DroneAction]) -> [StepResult] {
    precondition(
      actions.count == environments.count,
      "EnvironmentPool: \(actions.count) actions for \(environments.count) environments")
    let count = environments.count
    let goalDistance = goalDistance
    environments.withUnsafeMutableBufferPointer { environments in
      placeholders.withUnsafeMutableBufferPointer { results in
        ThreadPool.current.forEach(count) { index in
          let outcome = environments[index].step(actions[index])
          results[index] = StepResult(
            episode: environments[index].episode, outcome: outcome,
            pose: environments[index].pose, goalDistance: environments[index].goalDistance)
          if outcome.ending != nil {
            environments[index] = environments[index].next(
              goalDistance: goalDistance, skipping: count)
          }
        }
      }
    }
    results.removeAll(keepingCapacity: true)
    for case let result? in placeholders { results.append(result) }
    render()
    return results
  }

  private mutating func render() {
    let (renderer, farLimit, environments) = (renderer, farLimit, environments)
    let size = renderer.camera.pixelCount
    func view(_ index: Int) -> (scene: PreparedScene, pose: Pose) {
      (environments[index].prepared, environments[index].pose)
    }
    func normalise(_ depth: UnsafeMutableBufferPointer<Float>, _ index: Int) {
      SceneRenderer.normalise(
        UnsafeMutableBufferPointer(rebasing: depth[index * size..<(index + 1) * size]),
        farLimit: farLimit)
    }
    depth.withUnsafeMutableBufferPointer { depth in
      guard colours != nil else {
        renderer.renderAll(environments.count, depth: depth, view: view) { normalise(depth, $0) }
        return
      }
      bytes.withUnsafeMutableBufferPointer { bytes in
        identities.withUnsafeMutableBufferPointer { identities in
          colours?.withUnsafeMutableBufferPointer { colours in
            renderer.renderAll(
              environments.count, depth: depth, identities: identities, colours: bytes, view: view
            ) { index in
              normalise(depth, index)
              for place in 3 * index * size..<3 * (index + 1) * size {
                colours[place] = Float(bytes[place])
              }
            }
          }
        }
      }
    }
  }
}
