/// What the scenes of a world are like, and the drone and its camera in them.
///
/// Decoding takes the default for every key that is missing. Lengths are metres.
public struct WorldOptions: Codable, Hashable, Sendable {
  /// The side of the world, a square around the origin, with walls around it.
  public var extent = 100.0
  /// The fewest obstacles in 100 square metres.
  public var minimumDensity = 1.6
  /// The most obstacles in 100 square metres.
  public var maximumDensity = 3.2
  /// The smallest radius or half side of an obstacle.
  public var minimumSize = 0.25
  /// The largest radius or half side of an obstacle; walls are up to three times as long.
  public var maximumSize = 1.3
  /// The smallest height of an obstacle.
  public var minimumHeight = 1.0
  /// The largest height of an obstacle.
  public var maximumHeight = 7.0
  /// The height over the floor at which the drone flies.
  public var altitude = 1.5
  /// The radius of the sphere that the drone fills.
  public var droneRadius = 0.35
  /// The distance that obstacles keep from the place where the drone starts.
  public var startClearance = 2.5
  /// The columns of the camera's picture.
  public var cameraWidth = 128
  /// The rows of the camera's picture.
  public var cameraHeight = 72
  /// The camera's horizontal field of view, in degrees.
  public var fieldOfViewDegrees = 90.0
  /// The depth from which on normalised depth is 1.
  public var farLimit = 20.0

  /// The keys as files have them.
  public enum CodingKeys: String, CodingKey, CaseIterable, Sendable {
    /// See ``WorldOptions/extent``.
    case extent
    /// See ``WorldOptions/minimumDensity``.
    case minimumDensity = "minimum_density"
    /// See ``WorldOptions/maximumDensity``.
    case maximumDensity = "maximum_density"
    /// See ``WorldOptions/minimumSize``.
    case minimumSize = "minimum_size"
    /// See ``WorldOptions/maximumSize``.
    case maximumSize = "maximum_size"
    /// See ``WorldOptions/minimumHeight``.
    case minimumHeight = "minimum_height"
    /// See ``WorldOptions/maximumHeight``.
    case maximumHeight = "maximum_height"
    /// See ``WorldOptions/altitude``.
    case altitude
    /// See ``WorldOptions/droneRadius``.
    case droneRadius = "drone_radius"
    /// See ``WorldOptions/startClearance``.
    case startClearance = "start_clearance"
    /// See ``WorldOptions/cameraWidth``.
    case cameraWidth = "camera_width"
    /// See ``WorldOptions/cameraHeight``.
    case cameraHeight = "camera_height"
    /// See ``WorldOptions/fieldOfViewDegrees``.
    case fieldOfViewDegrees = "field_of_view_degrees"
    /// See ``WorldOptions/farLimit``.
    case farLimit = "far_limit"
  }

  /// Creates the default options.
  public init() {}

  /// Reads options; a key that is missing keeps its default.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(.extent, &extent)
    try read(.minimumDensity, &minimumDensity)
    try read(.maximumDensity, &maximumDensity)
    try read(.minimumSize, &minimumSize)
    try read(.maximumSize, &maximumSize)
    try read(.minimumHeight, &minimumHeight)
    try read(.maximumHeight, &maximumHeight)
    try read(.altitude, &altitude)
    try read(.droneRadius, &droneRadius)
    try read(.startClearance, &startClearance)
    try read(.cameraWidth, &cameraWidth)
    try read(.cameraHeight, &cameraHeight)
    try read(.fieldOfViewDegrees, &fieldOfViewDegrees)
    try read(.farLimit, &farLimit)
  }

  /// The camera.
  ///
  /// - Precondition: the options have no ``problems()``.
  public var camera: Camera {
    Camera(
      width: cameraWidth, height: cameraHeight, fieldOfView: fieldOfViewDegrees * .pi / 180)
  }
}
