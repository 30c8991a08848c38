internal import DroneWorlds
internal import Tensors
internal import Training

/// How many pictures of drone worlds are rendered a second.
public struct RenderingBenchmark: Codable, Sendable {
  /// The rows of a picture.
  public let height: Int
  /// The columns of a picture.
  public let width: Int
  /// The threads that shared the work.
  public let threads: Int
  /// Pictures a second with colours and depth, the median of the repetitions.
  public let picturesPerSecond: Double
  /// Pictures a second with depth alone, the median of the repetitions.
  public let depthsPerSecond: Double

  private enum CodingKeys: String, CodingKey {
    case height, width, threads
    case picturesPerSecond = "pictures_per_second"
    case depthsPerSecond = "depths_per_second"
  }

  /// Renders views of the default worlds.
  ///
  /// - Parameters:
  ///   - batch: how many views are rendered at a time.
  ///   - warmUp: how often that is done before it is timed.
  ///   - repetitions: how often it is timed.
  ///   - progress: called with how often each kind was rendered, all together.
  public init(
    batch: Int, warmUp: Int, repetitions: Int, progress: (_ done: Int) -> Void = { _ in }
  ) {
    let options = WorldOptions()
    let generator = SceneGenerator(options: options, seed: 1)
    let environments = (0..<batch).map {
      DroneEnvironment(generator: generator, episode: $0, goalDistance: 10...20)
    }
    let renderer = SceneRenderer(camera: options.camera)
    let count = batch * options.camera.pixelCount
    var depth = [Float](repeating: 0, count: count)
    var identities = [Int32](repeating: 0, count: count)
    var colours = [UInt8](repeating: 0, count: 3 * count)
    var done = 0
    func rate(hasColours: Bool) -> Double {
      let clock = ContinuousClock()
      var rates: [Double] = []
      for repetition in 0..<warmUp + repetitions {
        let time = clock.measure {
          depth.withUnsafeMutableBufferPointer { depth in
            identities.withUnsafeMutableBufferPointer { identities in
              colours.withUnsafeMutableBufferPointer { colours in
                renderer.renderAll(
                  batch, depth: depth, identities: hasColours ? identities : nil,
                  colours: hasColours ? colours : nil
                ) { (environments[$0].prepared, environments[$0].pose) }
              }
            }
          }
        }
        if repetition >= warmUp { rates.append(Double(batch) / (time / .seconds(1))) }
        done += 1
        progress(done)
      }
      return Percentiles(rates)?.p50 ?? 0
    }
    height = options.camera.height
    width = options.camera.width
    threads = ThreadPool.current.threadCount
    picturesPerSecond = rate(hasColours: true)
    depthsPerSecond = rate(hasColours: false)
  }
}
