/// A colour as shares of red, green and blue light, 0 to 1 each.
public struct Colour: Codable, Hashable, Sendable {
  /// The share of red.
  public var red: Float
  /// The share of green.
  public var green: Float
  /// The share of blue.
  public var blue: Float

  /// Creates a colour.
  public init(red: Float, green: Float, blue: Float) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// Creates a colour from its place on the circle of hues, how far it is from grey, and how light
  /// its lightest part is, 0 to 1 each.
  public init(hue: Double, saturation: Double, value: Double) {
    let position = hue * 6
    func part(_ ramp: Double) -> Float {
      Float(value * (1 - saturation + saturation * min(1, max(0, ramp))))
    }
    self.init(
      red: part(abs(position - 3) - 1), green: part(2 - abs(position - 2)),
      blue: part(2 - abs(position - 4)))
  }

  var vector: SIMD3<Float> { SIMD3(red, green, blue) }
}
