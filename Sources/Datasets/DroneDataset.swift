public import DroneWorlds
internal import Tensors

/// Makes data sets of what a drone's camera sees, with the distance of every pixel as the annotation
/// `depth`, in metres.
///
/// Views are taken on random flights, some of each world. What is farther than the world's far limit,
/// the sky with it, is as far as that.
public enum DroneDataset {
  /// Views of a world before another is made.
  private static let viewsOfWorld = 4

  /// The generator of the worlds of a part; the parts of a seed share none.
  public static func generator(
    _ part: DatasetPart, options: WorldOptions, seed: UInt64
  ) -> SceneGenerator {
    var random = RandomSource(seed: seed, purpose: "drone views \(part.rawValue)")
    return SceneGenerator(options: options, seed: random.next())
  }

  /// Some views, rendered into memory.
  ///
  /// - Parameters:
  ///   - count: the number of views.
  ///   - seed: what worlds and flights follow from.
  /// - Throws: ``DatasetError/invalidOption(name:value:expected:)`` for a count out of range, or options
  ///   of no world.
  public static func dataset(
    part: DatasetPart, count: Int, options: WorldOptions = WorldOptions(), seed: UInt64,
    progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> ImageDataset {
    guard (1...1_000_000).contains(count) else {
      throw .invalidOption(name: "samples", value: "\(count)", expected: "1 to 1000000")
    }
    if let problem = options.problems().first {
      throw .invalidOption(name: "world", value: "\(options)", expected: "\(problem)")
    }
    let name = "drone/\(part.rawValue)"
    let generator = generator(part, options: options, seed: seed)
    let renderer = SceneRenderer(camera: options.camera)
    let size = options.camera.pixelCount
    var pixels = [UInt8](repeating: 0, count: 3 * size * count)
    var depth = [Float](repeating: 0, count: size * count)
    let worlds = (count + viewsOfWorld - 1) / viewsOfWorld
    let step = 64
    pixels.withUnsafeMutableBufferPointer { pixels in
      depth.withUnsafeMutableBufferPointer { depth in
        // Every view has places of its own.
        nonisolated(unsafe) let (pixels, depth) = (pixels, depth)
        for start in stride(from: 0, to: worlds, by: step) {
          let end = min(worlds, start + step)
          ThreadPool.current.forEach(end - start) { offset in
            let world = start + offset
            var environment = DroneEnvironment(
              generator: generator, episode: world, goalDistance: 5...10)
            var random = RandomSource(
              seed: generator.seed, purpose: "drone views", index: world)
            var identities = [Int32](repeating: 0, count: size)
            for view in world * viewsOfWorld..<min(count, (world + 1) * viewsOfWorld) {
              let turn = (2 * random.uniform() - 1) * Double.pi
              let free = environment.freeDistance(turn: turn, limit: 10)
              let forward = min(random.uniform() * 10, max(0, free - 0.5))
              if environment.ending == nil {
                environment.step(DroneAction(forward: forward, turn: turn))
              }
              let own = UnsafeMutableBufferPointer(
                rebasing: depth[view * size..<(view + 1) * size])
              identities.withUnsafeMutableBufferPointer {
                renderer.render(
                  environment.prepared, from: environment.pose, depth: own, identities: $0,
                  colours: UnsafeMutableBufferPointer(
                    rebasing: pixels[3 * view * size..<3 * (view + 1) * size]))
              }
              for pixel in own.indices { own[pixel] = min(own[pixel], Float(options.farLimit)) }
            }
          }
          progress?(
            DatasetProgress(
              subject: name, unit: .images, completed: min(count, end * viewsOfWorld),
              total: count))
        }
      }
    }
    let camera = options.camera
    return ImageDataset(
      name: name, imageShape: [camera.height, camera.width, 3], classNames: ["view"],
      pixels: pixels, labels: [Int32](repeating: 0, count: count),
      annotations: [
        AnnotationSet(
          name: "depth",
          content: .depth(
            maps: AnnotationMaps(height: camera.height, width: camera.width, elements: depth)))
      ])
  }
}
