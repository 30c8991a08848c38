internal import Tensors

/// Makes data sets of the synthetic 3-D shapes world, which need no download.
public enum ShapesDataset {
  /// Some scenes chosen at random, rendered into memory, with the labels of every factor as tasks.
  ///
  /// The training and the test part of one seed share no scene: they are taken from the two ends of
  /// one random order of all scenes.
  ///
  /// - Parameters:
  ///   - part: the end of the random order that the scenes come from.
  ///   - count: the number of scenes, at most half of all, 240,000.
  ///   - seed: what the order follows from.
  ///   - size: the rows and columns of an image.
  ///   - factor: what the class label is.
  /// - Throws: ``DatasetError/invalidOption(name:value:expected:)`` for a count or size out of
  ///   range.
  public static func dataset(
    part: DatasetPart, count: Int, seed: UInt64, size: Int = 64, factor: ShapeFactor = .shape,
    progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> ImageDataset {
    let limit = ShapeFactors.sceneCount / 2
    guard (1...limit).contains(count) else {
      throw .invalidOption(name: "samples", value: "\(count)", expected: "1 to \(limit)")
    }
    guard (8...1024).contains(size) else {
      throw .invalidOption(name: "size", value: "\(size)", expected: "8 to 1024 pixels")
    }
    var random = RandomSource(seed: seed, purpose: "shapes scenes")
    let order = random.permutation(ShapeFactors.sceneCount)
    let scenes =
      part == .train ? Array(order.prefix(count)) : Array(order.reversed().prefix(count))
    return dataset(
      name: "shapes/\(part.rawValue)", scenes: scenes, size: size, factor: factor,
      progress: progress)
  }

  /// The scenes with some numbers, see ``ShapeFactors/init(scene:)``.
  ///
  /// - Precondition: every number is below ``ShapeFactors/sceneCount``.
  public static func dataset(
    name: String, scenes: [Int], size: Int = 64, factor: ShapeFactor = .shape,
    progress: DatasetProgress.Handler? = nil
  ) -> ImageDataset {
    let factors = scenes.map { ShapeFactors(scene: $0) }
    let tasks = ShapeFactor.allCases.map { factor in
      LabelSet(
        name: factor.rawValue, classNames: factor.valueNames,
        labels: factors.map { Int32($0[factor]) })
    }
    let renderer = ShapesRenderer(size: size)
    let length = size * size * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: scenes.count * length) {
      buffer, initialized in
      guard let base = buffer.baseAddress else { return }
      nonisolated(unsafe) let target = base
      let step = 512
      for start in stride(from: 0, to: scenes.count, by: step) {
        let end = min(scenes.count, start + step)
        ThreadPool.current.forEach((end - start + 15) / 16) { block in
          for index in start + block * 16..<min(end, start + block * 16 + 16) {
            renderer.render(factors[index], into: target + index * length)
          }
        }
        progress?(
          DatasetProgress(subject: name, unit: .images, completed: end, total: scenes.count))
      }
      initialized = scenes.count * length
    }
    let classTask = tasks[ShapeFactor.allCases.firstIndex(of: factor) ?? 0]
    return ImageDataset(
      name: name, imageShape: [size, size, 3], classNames: classTask.classNames, pixels: pixels,
      labels: classTask.labels, tasks: tasks)
  }
}
