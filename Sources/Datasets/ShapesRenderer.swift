internal import Foundation

/// What a ray from the camera met.
public enum ShapesSurface: UInt8, Sendable {
  /// The floor of the room.
  case floor
  /// One of the walls.
  case wall
  /// The object.
  case object
}

/// What one pixel of a scene shows, for masks, boxes and depth.
public struct ShapesHit: Hashable, Sendable {
  /// What is seen.
  public let surface: ShapesSurface
  /// The distance from the camera along the ray, in units of the room (the object is about one
  /// across).
  public let distance: Float
}

/// Draws scenes of the synthetic 3-D shapes world: an object in the middle of a room, seen from a
/// little above, under one light.
///
/// Rays meet surfaces in closed form, so an image follows from its factors alone. The factors are
/// those of "3D Shapes" (Burgess and Kim 2018, https://github.com/google-deepmind/3d-shapes); the
/// images are this renderer's own.
public struct ShapesRenderer: Sendable {
  /// The rows and columns of an image.
  public let size: Int

  /// Creates a renderer.
  ///
  /// - Precondition: `size` is at least 1.
  public init(size: Int = 64) {
    precondition(size >= 1, "ShapesRenderer: size \(size)")
    self.size = size
  }

  /// The image of a scene, `size · size · 3` bytes, row-major and channels-last.
  public func render(_ factors: ShapeFactors) -> [UInt8] {
    let count = size * size * 3
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let base = buffer.baseAddress else { return }
      render(factors, into: base)
      initialized = count
    }
  }

  /// What the centre of every pixel shows, row-major.
  public func hits(_ factors: ShapeFactors) -> [ShapesHit] {
    let scene = ShapesScene(factors)
    return (0..<size * size).map { pixel in
      let direction = scene.direction(x: coordinate(pixel % size), y: coordinate(pixel / size))
      let hit = scene.trace(direction)
      return ShapesHit(surface: hit.surface, distance: hit.distance)
    }
  }

  /// Where the middle of a row or column, or a place near it, lies between −1 and 1.
  private func coordinate(_ index: Int, offset: Float = 0) -> Float {
    (Float(index) + 0.5 + offset) * 2 / Float(size) - 1
  }

  func render(_ factors: ShapeFactors, into target: UnsafeMutablePointer<UInt8>) {
    let scene = ShapesScene(factors)
    withUnsafeTemporaryAllocation(of: ShapesScene.Sample.self, capacity: size * size) { samples in
      for y in 0..<size {
        for x in 0..<size {
          samples.initializeElement(
            at: y * size + x, to: scene.sample(x: coordinate(x), y: coordinate(y)))
        }
      }
      for y in 0..<size {
        for x in 0..<size {
          let sample = samples[y * size + x]
          var colour = sample.colour
          // Only pixels with an edge beside them need more rays.
          if isEdge(samples, x, y) { colour = smooth(scene, x, y) }
          let clamped = colour.clamped(lowerBound: .zero, upperBound: .one) * 255
          let pixel = target + (y * size + x) * 3
          for channel in 0..<3 { pixel[channel] = UInt8(clamped[channel].rounded()) }
        }
      }
    }
  }

  private func isEdge(
    _ samples: UnsafeMutableBufferPointer<ShapesScene.Sample>, _ x: Int, _ y: Int
  ) -> Bool {
    let face = samples[y * size + x].face
    return (x > 0 && samples[y * size + x - 1].face != face)
      || (x + 1 < size && samples[y * size + x + 1].face != face)
      || (y > 0 && samples[(y - 1) * size + x].face != face)
      || (y + 1 < size && samples[(y + 1) * size + x].face != face)
  }

  /// The mean of nine rays through a pixel.
  private func smooth(_ scene: ShapesScene, _ x: Int, _ y: Int) -> SIMD3<Float> {
    let third: Float = 1 / 3
    var sum = SIMD3<Float>.zero
    for down in [-third, 0, third] {
      for right in [-third, 0, third] {
        sum += scene.sample(x: coordinate(x, offset: right), y: coordinate(y, offset: down)).colour
      }
    }
    return sum / 9
  }
}
