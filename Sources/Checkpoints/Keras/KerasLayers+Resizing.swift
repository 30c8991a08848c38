internal import Networks
internal import Tensors

extension KerasLayers {
  static func resizing(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    _ = try image(layer, inputs)
    let size = try size(layer)
    let mode = layer["interpolation"]?.string ?? "bilinear"
    guard try layer.bool("crop_to_aspect_ratio", default: false) else {
      return [try resize(layer, inputs[0], to: size, mode: mode, suffix: "")]
    }
    return try cropAndResize(layer, inputs[0], to: size, mode: mode)
  }

  /// The middle of an image, or what fits of it enlarged where it is too small.
  static func centerCrop(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let image = try image(layer, inputs)
    let size = try size(layer)
    guard image.height >= size.height, image.width >= size.width else {
      return try cropAndResize(layer, inputs[0], to: size, mode: "bilinear")
    }
    return [crop(inputs[0], to: size)]
  }

  /// In inference Keras 2 crops to the ratio of the size and resizes; versions of Keras 3 differ.
  static func randomCrop(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let image = try image(layer, inputs)
    let size = try size(layer)
    if (image.height, image.width) == (size.height, size.width) {
      return [KerasPart(IdentityLayer())]
    }
    guard layer.version == 2 else {
      throw layer.failure(
        "makes \(size.height)×\(size.width) of \(image.height)×\(image.width) pixels, which "
          + "depends on the version of Keras outside training; give it images of that size")
    }
    return try cropAndResize(layer, inputs[0], to: size, mode: "bilinear")
  }

  private static func size(_ layer: KerasConfiguration) throws(CheckpointError) -> Extent2D {
    let range = 1...Plausibility.largestImageSide
    return Extent2D(
      height: try layer.integer("height", in: range), width: try layer.integer("width", in: range))
  }

  private static func crop(_ input: Shape, to size: Extent2D, suffix: String = "") -> KerasPart {
    let top = (input[0] - size.height) / 2
    let left = (input[1] - size.width) / 2
    return KerasPart(
      SliceLayer(
        starts: [top, left, 0], ends: [top + size.height, left + size.width, nil],
        steps: [1, 1, 1]), suffix: suffix)
  }

  /// The largest middle part that has the ratio of a size, resized to it.
  private static func cropAndResize(
    _ layer: KerasConfiguration, _ input: Shape, to size: Extent2D, mode: String
  ) throws(CheckpointError) -> [KerasPart] {
    // Extents are bounded, so that the products neither overflow nor leave Double's integers.
    let part = Extent2D(
      height: max(1, min(input[0], input[1] * size.height / size.width)),
      width: max(1, min(input[1], input[0] * size.width / size.height)))
    let cropped: Shape = [part.height, part.width, input[2]]
    return [
      crop(input, to: part, suffix: "crop"),
      try resize(layer, cropped, to: size, mode: mode, suffix: ""),
    ]
  }

  /// One resampling, by the centres of pixels.
  static func resize(
    _ layer: KerasConfiguration, _ input: Shape, to size: Extent2D, mode: String, suffix: String
  ) throws(CheckpointError) -> KerasPart {
    let isWhole = size.height % input[0] == 0 && size.width % input[1] == 0
    // The nearest pixel is the same by corners and by centres only for whole factors.
    let modes: [String: ResizeMode] =
      isWhole ? ["bilinear": .bilinear, "nearest": .nearest] : ["bilinear": .bilinear]
    guard let mode = modes[mode] else {
      throw layer.failure(
        "resizes \(input[0])×\(input[1]) to \(size.height)×\(size.width) pixels by '\(mode)', "
          + "expected 'bilinear', or 'nearest' by a whole factor")
    }
    return KerasPart(
      ResizeLayer(height: size.height, width: size.width, mode: mode), suffix: suffix)
  }
}
