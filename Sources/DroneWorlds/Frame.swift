/// A picture of a scene, with what it shows.
public struct Frame: Hashable, Sendable {
  /// The camera it was taken with.
  public let camera: Camera
  /// Red, green and blue of 0 to 255: `[height, width, 3]`.
  public var colours: [UInt8]
  /// Metres along the camera's axis, infinite for the sky: `[height, width]`.
  public var depth: [Float]
  /// The obstacles that are seen, by number, ``SceneRenderer/floor`` or ``SceneRenderer/sky``:
  /// `[height, width]`.
  public var identities: [Int32]

  /// Creates a black picture of the sky.
  public init(camera: Camera) {
    self.camera = camera
    colours = [UInt8](repeating: 0, count: 3 * camera.pixelCount)
    depth = [Float](repeating: .infinity, count: camera.pixelCount)
    identities = [Int32](repeating: SceneRenderer.sky, count: camera.pixelCount)
  }

  /// Depth as a share of a limit, `[height, width]`: `min(1, depth / farLimit)`, 1 for the sky.
  public func normalisedDepth(farLimit: Double) -> [Float] {
    var depth = depth
    depth.withUnsafeMutableBufferPointer { SceneRenderer.normalise($0, farLimit: farLimit) }
    return depth
  }
}
