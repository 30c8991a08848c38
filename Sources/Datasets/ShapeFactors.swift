/// What varies between the images of the synthetic 3-D shapes world.
public enum ShapeFactor: String, CaseIterable, Codable, Sendable {
  /// The colour of the floor, ten hues.
  case floorHue = "floor_hue"
  /// The colour of the walls, ten hues.
  case wallHue = "wall_hue"
  /// The colour of the object, ten hues.
  case objectHue = "object_hue"
  /// The size of the object, eight steps.
  case scale = "scale"
  /// The form of the object: cube, cylinder, sphere, capsule.
  case shape = "shape"
  /// The side from which the room is seen, fifteen steps from −30° to 30°.
  case orientation = "orientation"

  /// The number of values.
  public var valueCount: Int {
    switch self {
    case .floorHue, .wallHue, .objectHue: 10
    case .scale: 8
    case .shape: 4
    case .orientation: 15
    }
  }

  /// The names of the values, in order.
  public var valueNames: [String] {
    switch self {
    case .floorHue, .wallHue, .objectHue:
      [
        "red", "orange", "lime", "green", "spring green", "cyan", "azure", "blue", "purple",
        "magenta",
      ]
    case .scale: (0..<valueCount).map { "scale \($0 + 1)" }
    case .shape: ShapeFactors.Form.allCases.map(\.rawValue)
    case .orientation:
      (0..<valueCount).map { "\(Int((ShapeFactors.degrees($0) * 10).rounded()) / 10)°" }
    }
  }
}

/// One scene of the synthetic 3-D shapes world: a value for every factor.
public struct ShapeFactors: Hashable, Sendable {
  /// The forms that the object can have.
  public enum Form: String, CaseIterable, Sendable {
    /// A box with equal edges.
    case cube
    /// An upright cylinder, as high as it is wide.
    case cylinder
    /// A ball.
    case sphere
    /// An upright cylinder with rounded ends.
    case capsule
  }

  /// The number of different scenes, 480,000.
  public static let sceneCount = ShapeFactor.allCases.reduce(1) { $0 * $1.valueCount }

  private var values: [UInt8]

  /// The scene with a number; the last factor, the orientation, changes fastest.
  ///
  /// - Precondition: `0 <= scene < sceneCount`.
  public init(scene: Int) {
    precondition(scene >= 0 && scene < ShapeFactors.sceneCount, "ShapeFactors: scene \(scene)")
    var rest = scene
    values = ShapeFactor.allCases.reversed().map { factor in
      let (quotient, value) = rest.quotientAndRemainder(dividingBy: factor.valueCount)
      rest = quotient
      return UInt8(value)
    }.reversed()
  }

  /// The number of the scene.
  public var scene: Int {
    zip(ShapeFactor.allCases, values).reduce(0) { $0 * $1.0.valueCount + Int($1.1) }
  }

  /// The value of a factor, from 0.
  ///
  /// - Precondition: what is set is below ``ShapeFactor/valueCount``.
  public subscript(factor: ShapeFactor) -> Int {
    get { Int(values[ShapeFactors.position(factor)]) }
    set {
      precondition(newValue >= 0 && newValue < factor.valueCount, "ShapeFactors: \(newValue)")
      values[ShapeFactors.position(factor)] = UInt8(newValue)
    }
  }

  private static func position(_ factor: ShapeFactor) -> Int {
    switch factor {
    case .floorHue: 0
    case .wallHue: 1
    case .objectHue: 2
    case .scale: 3
    case .shape: 4
    case .orientation: 5
    }
  }

  /// The form of the object.
  public var form: Form { Form.allCases[self[.shape]] }

  /// The angle of an orientation, −30° to 30°.
  static func degrees(_ orientation: Int) -> Double { -30 + 60 * Double(orientation) / 14 }
}
