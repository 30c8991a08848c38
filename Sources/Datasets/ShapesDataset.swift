internal import Tensors

/// Makes data sets of the synthetic 3-D shapes world, which need no download.
///
/// Every scene is annotated with its six factors (`floor_hue`, `wall_hue`, `object_hue`, `scale`,
/// `shape`, `orientation`), the scale as a number from 0 to 1 (`scale_value`) and its `attributes`,
/// see ``attributeNames``. `boxes`, `mask` and `depth` are made when asked for.
public enum ShapesDataset {
  /// Some scenes chosen at random, rendered into memory.
  ///
  /// The training and the test part of one seed share no scene: they are taken from the two ends of
  /// one random order of all scenes.
  ///
  /// - Parameters:
  ///   - part: the end of the random order that the scenes come from.
  ///   - count: the number of scenes, at most ``ShapesSplit/sceneCount(_:)``.
  ///   - seed: what the order and the noise follow from.
  ///   - size: the rows and columns of an image.
  ///   - factor: what the class label is.
  ///   - annotations: what is annotated besides the factors.
  ///   - split: which scenes each part may have.
  ///   - noise: what disturbs the images; annotations are of the undisturbed scene.
  /// - Throws: ``DatasetError/invalidOption(name:value:expected:)`` for a count or size out of
  ///   range.
  public static func dataset(
    part: DatasetPart, count: Int, seed: UInt64, size: Int = 64, factor: ShapeFactor = .shape,
    annotations: Set<ShapesAnnotation> = [], split: ShapesSplit = .random,
    noise: ImageNoise = .none, progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> ImageDataset {
    let limit = split.sceneCount(part)
    guard (1...limit).contains(count) else {
      throw .invalidOption(name: "samples", value: "\(count)", expected: "1 to \(limit)")
    }
    guard (8...1024).contains(size) else {
      throw .invalidOption(name: "size", value: "\(size)", expected: "8 to 1024 pixels")
    }
    var random = RandomSource(seed: seed, purpose: "shapes scenes")
    let order = random.permutation(ShapeFactors.sceneCount)
    let admitted = (part == .train ? order : order.reversed()).lazy
      .filter { split.admits($0, to: part) }
    return dataset(
      name: "shapes/\(part.rawValue)", scenes: Array(admitted.prefix(count)), size: size,
      factor: factor, annotations: annotations, noise: noise, seed: seed, progress: progress)
  }

  /// The scenes with some numbers, see ``ShapeFactors/init(scene:)``.
  ///
  /// - Parameters:
  ///   - name: the name of the data set.
  ///   - scenes: the numbers.
  ///   - size: the rows and columns of an image.
  ///   - factor: what the class label is.
  ///   - annotations: what is annotated besides the factors.
  ///   - noise: what disturbs the images; a scene's noise follows from the seed and its number.
  ///   - seed: what the noise follows from.
  /// - Precondition: every number is below ``ShapeFactors/sceneCount``.
  public static func dataset(
    name: String, scenes: [Int], size: Int = 64, factor: ShapeFactor = .shape,
    annotations: Set<ShapesAnnotation> = [], noise: ImageNoise = .none, seed: UInt64 = 0,
    progress: DatasetProgress.Handler? = nil
  ) -> ImageDataset {
    let factors = scenes.map { ShapeFactors(scene: $0) }
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
            noise.apply(
              to: UnsafeMutableBufferPointer(start: target + index * length, count: length),
              seed: seed, sample: scenes[index])
          }
        }
        progress?(
          DatasetProgress(subject: name, unit: .images, completed: end, total: scenes.count))
      }
      initialized = scenes.count * length
    }
    return ImageDataset(
      name: name, imageShape: [size, size, 3], classNames: factor.valueNames, pixels: pixels,
      labels: factors.map { Int32($0[factor]) },
      annotations: Self.annotations(factors)
        + Self.annotations(factors, size: size, wanted: annotations))
  }
}
