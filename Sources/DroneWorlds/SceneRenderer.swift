internal import CKernels
internal import Foundation

/// Takes pictures of scenes, and measures how far away what they show is.
///
/// The ray through the middle of every pixel meets surfaces in closed form. Depth is planar: metres
/// along the camera's axis. Every machine gives the same bits, whatever the length of its vectors,
/// but for the last ones of sines and cosines; and nothing depends on the number of threads, as one
/// picture is one thread's work.
public struct SceneRenderer: Hashable, Sendable {
  /// What ``render(_:from:depth:identities:colours:)`` writes for pixels that show only sky.
  public static let sky = Int32(RAYCAST_SKY)
  /// What ``render(_:from:depth:identities:colours:)`` writes for pixels that show the floor.
  public static let floor = Int32(RAYCAST_FLOOR)

  /// The camera.
  public let camera: Camera
  /// The most numbers in a vector, 4, 8 or 16.
  ///
  /// For tests; pictures do not depend on it.
  package var lanes = 16

  /// Creates a renderer for a camera.
  public init(camera: Camera = Camera()) { self.camera = camera }

  /// The numbers in the longest vectors of this machine.
  package static var longestVector: Int { raycast_lanes() }

  /// Renders a scene into memory, without taking any.
  ///
  /// - Parameters:
  ///   - scene: what there is to see.
  ///   - pose: where from; its height over the floor is above 0.
  ///   - depth: `[height, width]` metres along the camera's axis, infinite for the sky.
  ///   - identities: `[height, width]`, what is seen: the obstacle with that number, ``floor`` or
  ///     ``sky``. Not needed for depth alone.
  ///   - colours: `[height, width, 3]`, red, green and blue of 0 to 255; needs identities.
  /// - Precondition: the buffers have the sizes of a picture.
  public func render(
    _ scene: PreparedScene, from pose: Pose, depth: UnsafeMutableBufferPointer<Float>,
    identities: UnsafeMutableBufferPointer<Int32>? = nil,
    colours: UnsafeMutableBufferPointer<UInt8>? = nil
  ) {
    let count = camera.pixelCount
    precondition(
      depth.count == count && identities.map { $0.count == count } ?? true
        && colours.map { $0.count == 3 * count && identities != nil } ?? true,
      "SceneRenderer: memory for other than \(camera.height)×\(camera.width) pixels")
    precondition(pose.position.z > 0, "SceneRenderer: a camera \(pose.position.z) m over the floor")
    var view = raycast_view()
    view.width = camera.width
    view.height = camera.height
    view.focal = Float(camera.focalLength)
    (view.x, view.y, view.z) = (pose.position.x, pose.position.y, pose.position.z)
    view.cosine = cos(pose.yaw)
    view.sine = sin(pose.yaw)
    scene.withScene { scene in
      raycast_frame(
        lanes, scene, &view, depth.baseAddress, identities?.baseAddress, colours?.baseAddress)
    }
  }

  /// Renders a scene into new memory.
  public func frame(_ scene: PreparedScene, from pose: Pose) -> Frame {
    var frame = Frame(camera: camera)
    frame.depth.withUnsafeMutableBufferPointer { depth in
      frame.identities.withUnsafeMutableBufferPointer { identities in
        frame.colours.withUnsafeMutableBufferPointer { colours in
          render(scene, from: pose, depth: depth, identities: identities, colours: colours)
        }
      }
    }
    return frame
  }
}
