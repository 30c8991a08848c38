internal import Foundation

/// A part of the world: what stands on the floor, and the light it is seen in.
public struct Scene: Codable, Hashable, Sendable {
  /// The sky, whose colour goes from one at the horizon to another overhead.
  public struct Sky: Codable, Hashable, Sendable {
    /// At the horizon; what is lost in haze takes this colour.
    public var horizon: Colour
    /// Overhead.
    public var zenith: Colour

    /// Creates a sky.
    public init(horizon: Colour, zenith: Colour) {
      self.horizon = horizon
      self.zenith = zenith
    }
  }

  /// The light of the sun and of everything else.
  public struct Light: Codable, Hashable, Sendable {
    /// Where the sun is, in radians counter-clockwise from the x axis.
    public var azimuth: Double
    /// How high the sun is, in radians over the horizon.
    public var elevation: Double
    /// The share of its colour that a surface shows when the sun stands over it, besides `ambient`.
    public var direct: Double
    /// The share of its colour that a surface shows without the sun.
    public var ambient: Double

    /// Creates a light.
    public init(azimuth: Double, elevation: Double, direct: Double, ambient: Double) {
      self.azimuth = azimuth
      self.elevation = elevation
      self.direct = direct
      self.ambient = ambient
    }

    /// The direction towards the sun, of length 1.
    public var direction: SIMD3<Double> {
      SIMD3(
        cos(azimuth) * cos(elevation), sin(azimuth) * cos(elevation), sin(elevation))
    }
  }

  /// What can be flown into.
  public var obstacles: [Obstacle]
  /// How the floor, z = 0, looks.
  public var floor: Material
  /// The sky.
  public var sky: Sky
  /// The light.
  public var light: Light
  /// How much less is seen of a thing for every metre it is away: about `exp(-haze · metres)` is
  /// left.
  public var haze: Double
  /// The side of the world in metres, a square around the origin.
  public var extent: Double
  /// A place that no obstacle is near, in metres.
  public var start: SIMD2<Double>

  /// Creates a scene.
  public init(
    obstacles: [Obstacle], floor: Material, sky: Sky, light: Light, haze: Double, extent: Double,
    start: SIMD2<Double> = .zero
  ) {
    self.obstacles = obstacles
    self.floor = floor
    self.sky = sky
    self.light = light
    self.haze = haze
    self.extent = extent
    self.start = start
  }
}
