internal import DroneWorlds
internal import Files
package import Methods
package import Networks
internal import Plots
public import Training

extension Experiment {
  /// What `cleave fly` says of a flight.
  public struct FlightSummary: Codable, Sendable {
    /// The file that was written.
    public var file: String
    /// The number of the test flight.
    public var episode: Int
    /// How it ended: `goal`, `collision` or `timeout`.
    public var ending: String
    /// Its steps.
    public var steps: Int
    /// The straight way to the goal and the way that was flown, in metres.
    public var straightDistance: Double
    /// The way that was flown, in metres.
    public var pathLength: Double
    /// The bytes that were sent.
    public var bytesSent: Int
    /// The branch of every step; empty if there are none.
    public var branches: [String]

    private enum CodingKeys: String, CodingKey {
      case file, episode, ending, steps, branches
      case straightDistance = "straight_distance"
      case pathLength = "path_length"
      case bytesSent = "bytes_sent"
    }
  }

  /// A run whose method flies.
  ///
  /// - Throws: ``ExperimentError/noFlights(method:)``, or what keeps the run from being opened.
  package static func openFlying(
    run path: String, observer: any TrainingObserver
  ) throws -> (method: any FlyingMethod, network: Network) {
    let run = try open(run: path, observer: observer)
    guard let method = run.method as? any FlyingMethod else {
      throw ExperimentError.noFlights(method: run.recipe.methodName)
    }
    return (method, run.network)
  }

  /// Draws one of the test flights of a run: a map as PNG, or an animation as GIF.
  ///
  /// - Parameters:
  ///   - path: the folder of the run.
  ///   - episode: the number of the flight, from 0.
  ///   - file: ends in `.png` or `.gif`.
  /// - Throws: ``ExperimentError/noFlights(method:)`` for a run that does not fly,
  ///   ``ExperimentError/pictureName(_:)``, or what keeps it from being flown or written.
  public static func drawFlight(
    run path: String, episode: Int, to file: String, observer: any TrainingObserver
  ) throws -> FlightSummary {
    let isAnimated = file.hasSuffix(".gif")
    guard isAnimated || file.hasSuffix(".png") else { throw ExperimentError.pictureName(file) }
    let run = try openFlying(run: path, observer: observer)
    let flight = try run.method.flight(run.network, episode: episode)
    let picture = FlightPicture(
      environment: flight.environment, record: flight.record,
      tagCount: max(1, flight.branches.count))
    let bytes: [UInt8]
    if isAnimated {
      var animation = AnimatedGIF()
      for frame in picture.frames(metresPerFrame: 1) { animation.append(frame.drawn) }
      bytes = try animation.gif()
    } else {
      bytes = try picture.map().drawn.png()
    }
    try AtomicFile.write(bytes, to: file)
    return FlightSummary(
      file: file, episode: episode, ending: flight.record.ending?.rawValue ?? "",
      steps: flight.record.steps.count, straightDistance: flight.record.straightDistance,
      pathLength: flight.record.pathLength, bytesSent: flight.record.totalBytesSent,
      branches: flight.branches.isEmpty
        ? [] : flight.record.steps.map { flight.branches[$0.tag] })
  }
}

extension RGBPicture {
  /// The same for the module that writes files.
  fileprivate var drawn: PixelPicture { PixelPicture(width: width, height: height, bytes: bytes) }
}
