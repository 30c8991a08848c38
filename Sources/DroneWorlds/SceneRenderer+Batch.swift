internal import Tensors

extension SceneRenderer {
  /// Renders many pictures in parallel, over the pool of threads of the task.
  ///
  /// - Parameters:
  ///   - count: the number of pictures.
  ///   - depth: `[count, height, width]` metres along the camera's axis, infinite for the sky.
  ///   - identities: `[count, height, width]`, as for one picture.
  ///   - colours: `[count, height, width, 3]`, as for one picture.
  ///   - view: the scene and the pose of a picture; called on any thread.
  ///   - finish: called with the number of each picture that is done, on its thread.
  /// - Precondition: the buffers have the sizes of that many pictures.
  public func renderAll(
    _ count: Int, depth: UnsafeMutableBufferPointer<Float>,
    identities: UnsafeMutableBufferPointer<Int32>? = nil,
    colours: UnsafeMutableBufferPointer<UInt8>? = nil,
    view: (Int) -> (scene: PreparedScene, pose: Pose), finish: (Int) -> Void = { _ in }
  ) {
    let size = camera.pixelCount
    precondition(
      depth.count == count * size && identities.map { $0.count == count * size } ?? true
        && colours.map { $0.count == 3 * count * size } ?? true,
      "SceneRenderer: memory for other than \(count) pictures")
    ThreadPool.current.forEach(count) { index in
      let (scene, pose) = view(index)
      let pixels = index * size..<(index + 1) * size
      let bytes = 3 * pixels.lowerBound..<3 * pixels.upperBound
      render(
        scene, from: pose, depth: UnsafeMutableBufferPointer(rebasing: depth[pixels]),
        identities: identities.map { UnsafeMutableBufferPointer(rebasing: $0[pixels]) },
        colours: colours.map { UnsafeMutableBufferPointer(rebasing: $0[bytes]) })
      finish(index)
    }
  }

  /// Makes depth in metres a share of a limit: `min(1, depth / farLimit)`, 1 for the sky.
  public static func normalise(_ depth: UnsafeMutableBufferPointer<Float>, farLimit: Double) {
    let scale = Float(1 / farLimit)
    for index in depth.indices { depth[index] = min(1, depth[index] * scale) }
  }
}
