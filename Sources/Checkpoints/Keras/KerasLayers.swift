internal import Networks
internal import Tensors

/// The Keras layers that can be expressed, and as what.
enum KerasLayers {
  /// Makes the parts of a layer from its configuration and the shapes of its inputs.
  typealias Translation =
    @Sendable (KerasConfiguration, [Shape]) throws(CheckpointError) -> [KerasPart]

  /// The translation of every known class, one line each.
  static let translations: [String: Translation] = [
    "Activation": activation,
    "Add": { (_, _) throws(CheckpointError) in [KerasPart(AddLayer())] },
    "AveragePooling2D": averagePooling,
    "BatchNormalization": batchNormalization,
    "Concatenate": concatenate,
    "Conv2D": convolution,
    "Conv2DTranspose": transposedConvolution,
    "Cropping2D": cropping,
    "Dense": dense,
    "DepthwiseConv2D": depthwiseConvolution,
    "Dropout": dropout,
    "ELU": { (layer, _) throws(CheckpointError) in
      [KerasPart(ELULayer(alpha: try layer.number("alpha", default: 1)))]
    },
    "Flatten": { (layer, _) throws(CheckpointError) in
      try layer.requireChannelsLast()
      return [KerasPart(FlattenLayer())]
    },
    "GlobalAveragePooling2D": globalAveragePooling,
    "GlobalMaxPooling2D": globalMaxPooling,
    "LayerNormalization": layerNormalization,
    "LeakyReLU": leakyReLU,
    "MaxPooling2D": maxPooling,
    "Multiply": { (_, _) throws(CheckpointError) in [KerasPart(MultiplyLayer())] },
    "Normalization": normalization,
    "PReLU": prelu,
    "Permute": permute,
    "ReLU": relu,
    "Rescaling": { (layer, _) throws(CheckpointError) in
      let scale = try layer.number("scale")
      return [
        KerasPart(ScaleShiftLayer(scale: scale, shift: try layer.number("offset", default: 0)))
      ]
    },
    "Reshape": reshape,
    "SeparableConv2D": separableConvolution,
    "Softmax": { (layer, inputs) throws(CheckpointError) in
      try layer.requireLastAxis("axis", of: inputs[0])
      return [KerasPart(SoftmaxLayer())]
    },
    "UpSampling2D": upSampling,
    "ZeroPadding2D": zeroPadding,
  ]

  /// The height, width and channels of a layer's only input.
  static func image(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> (height: Int, width: Int, channels: Int) {
    try layer.requireChannelsLast()
    guard let input = inputs.first, inputs.count == 1, input.rank == 3 else {
      throw layer.failure(
        "reads \(inputs.map(\.description).joined(separator: " and ")), expected one image")
    }
    return (input[0], input[1], input[2])
  }
}
