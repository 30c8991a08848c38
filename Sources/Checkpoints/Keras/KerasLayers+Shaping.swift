internal import Networks
internal import Tensors

extension KerasLayers {
  static func maxPooling(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    _ = try image(layer, inputs)
    let kernel = try layer.window("pool_size", default: 2)
    return [
      KerasPart(
        MaxPoolLayer(
          kernel: kernel, stride: try layer.window("strides", default: kernel),
          padding: try layer.isPaddedSame() ? .same : .none))
    ]
  }

  /// What lies outside the image never counts.
  static func averagePooling(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    _ = try image(layer, inputs)
    let kernel = try layer.window("pool_size", default: 2)
    return [
      KerasPart(
        AveragePoolLayer(
          kernel: kernel, stride: try layer.window("strides", default: kernel),
          padding: try layer.isPaddedSame() ? .same : .none, countsPadding: false))
    ]
  }

  static func globalAveragePooling(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    _ = try image(layer, inputs)
    let keeps = try layer.bool("keepdims", default: false)
    return [KerasPart(GlobalAveragePoolLayer(keepsDimensions: keeps))]
  }

  static func globalMaxPooling(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let image = try image(layer, inputs)
    let pool = MaxPoolLayer(kernel: Extent2D(height: image.height, width: image.width))
    guard try !layer.bool("keepdims", default: false) else { return [KerasPart(pool)] }
    return [
      KerasPart(pool, suffix: "pool"), KerasPart(ReshapeLayer([image.channels])),
    ]
  }

  static func zeroPadding(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    _ = try image(layer, inputs)
    let edges = try layer.edges("padding")
    return [
      KerasPart(
        PadLayer(before: [edges.top, edges.left, 0], after: [edges.bottom, edges.right, 0]))
    ]
  }

  static func cropping(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let image = try image(layer, inputs)
    let edges = try layer.edges("cropping")
    guard edges.top + edges.bottom < image.height, edges.left + edges.right < image.width else {
      throw layer.failure("leaves nothing of \(inputs[0])")
    }
    return [
      KerasPart(
        SliceLayer(
          starts: [edges.top, edges.left, 0],
          ends: [image.height - edges.bottom, image.width - edges.right, nil], steps: [1, 1, 1]))
    ]
  }

  static func upSampling(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let image = try image(layer, inputs)
    let size = try layer.window("size", default: 2)
    let modes: [String: ResizeMode] = ["nearest": .nearest, "bilinear": .bilinear]
    let name = layer["interpolation"].map { $0.string ?? $0.words } ?? "nearest"
    guard let mode = modes[name] else {
      throw layer.failure("has interpolation '\(name)', expected 'nearest' or 'bilinear'")
    }
    // Extents and windows are bounded, so that the products cannot overflow.
    let height = image.height * size.height
    let width = image.width * size.width
    guard max(height, width) <= Plausibility.largestExtent else {
      throw layer.failure("makes an image of \(height)×\(width)")
    }
    return [KerasPart(ResizeLayer(height: height, width: width, mode: mode))]
  }

  static func concatenate(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let rank = inputs[0].rank
    let axis = try layer.integer("axis", default: -1, in: -rank...rank)
    guard axis != 0 else { throw layer.failure("joins batches, which is not supported") }
    return [KerasPart(ConcatenateLayer(axis: axis < 0 ? axis : axis - 1))]
  }

  static func reshape(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    try reshape(layer, inputs, to: layer["target_shape"])
  }

  static func reshape(
    _ layer: KerasConfiguration, _ inputs: [Shape], to target: JSONValue?
  ) throws(CheckpointError) -> [KerasPart] {
    let extents = (target?.array ?? []).map { $0.integer ?? 0 }
    let known = extents.filter { $0 != -1 }
    var product = 1
    for extent in known {
      guard (1...Plausibility.largestExtent).contains(extent), known.count <= Shape.maximumRank,
        product <= Plausibility.mostElements
      else {
        throw layer.failure("makes the shape \(target?.words ?? "missing")")
      }
      product *= extent
    }
    let count = inputs[0].elementCount
    guard target?.array != nil, extents.count - known.count <= 1,
      extents.count <= Shape.maximumRank, count % product == 0,
      extents.contains(-1) || count == product
    else {
      throw layer.failure("makes \(target?.words ?? "no shape") of \(inputs[0])")
    }
    return [KerasPart(ReshapeLayer(Shape(extents.map { $0 == -1 ? count / product : $0 })))]
  }

  static func permute(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let order = (layer["dims"]?.array ?? []).map { ($0.integer ?? 0) - 1 }
    guard order.sorted() == Array(0..<inputs[0].rank) else {
      throw layer.failure("orders the axes of \(inputs[0]) as \(layer["dims"]?.words ?? "missing")")
    }
    return [KerasPart(TransposeLayer(order))]
  }
}
