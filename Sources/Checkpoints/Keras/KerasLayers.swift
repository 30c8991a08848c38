internal import Networks
internal import Tensors

/// The Keras layers that can be expressed, and as what.
enum KerasLayers {
  /// The translation of every known class, one line each.
  static let translations: [String: KerasTranslation] = expressed.merging(inferenceOnly) {
    (expressed, _) in expressed
  }

  private static let expressed: [String: KerasTranslation] = [
    "Activation": .init("activation", make: activation),
    "Add": .init { (_, _) throws(CheckpointError) in [KerasPart(AddLayer())] },
    "Average": .init(make: average),
    "AveragePooling2D": .init("pool_size", "strides", "padding", make: averagePooling),
    "BatchNormalization": .init(
      "axis", "momentum", "epsilon", "center", "scale", "fused", "renorm_momentum",
      fixed: ["renorm": .bool(false)], training: .batchStatistics, make: batchNormalization),
    "CenterCrop": .init("height", "width", make: centerCrop),
    "Concatenate": .init("axis", make: concatenate),
    "Conv2D": .init(
      "filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", "activation",
      "use_bias", make: convolution),
    "Conv2DTranspose": .init(
      "filters", "kernel_size", "strides", "padding", "output_padding", "dilation_rate", "groups",
      "activation", "use_bias", make: transposedConvolution),
    "Cropping2D": .init("cropping", make: cropping),
    "CustomScaleLayer": .init("scale", make: scaledSum),
    // As Keras 2 registers it.
    "Custom>CustomScaleLayer": .init("scale", make: scaledSum),
    "Dense": .init("units", "activation", "use_bias", make: dense),
    "DepthwiseConv2D": .init(
      "kernel_size", "strides", "padding", "depth_multiplier", "dilation_rate", "activation",
      "use_bias", fixed: ["groups": .integer(1)], make: depthwiseConvolution),
    "Dropout": .init("rate", "noise_shape", training: .random, make: dropout),
    "ELU": .init("alpha") { (layer, _) throws(CheckpointError) in
      [KerasPart(ELULayer(alpha: try layer.number("alpha", default: 1)))]
    },
    "Flatten": .init { (_, _) throws(CheckpointError) in [KerasPart(FlattenLayer())] },
    "GlobalAveragePooling2D": .init("keepdims", make: globalAveragePooling),
    "GlobalMaxPooling2D": .init("keepdims", make: globalMaxPooling),
    "GroupNormalization": .init(
      "groups", "axis", "epsilon", "center", "scale", make: groupNormalization),
    "LayerNormalization": .init(
      "axis", "epsilon", "center", "scale", fixed: ["rms_scaling": .bool(false)],
      make: layerNormalization),
    "LayerScale": .init("projection_dim", "init_values", make: layerScale),
    "LeakyReLU": .init("alpha", "negative_slope", make: leakyReLU),
    "MaxPooling2D": .init("pool_size", "strides", "padding", make: maxPooling),
    "Multiply": .init { (_, _) throws(CheckpointError) in [KerasPart(MultiplyLayer())] },
    "Normalization": .init("axis", "mean", "variance", "invert", make: normalization),
    "PReLU": .init("shared_axes", make: prelu),
    "Permute": .init("dims", make: permute),
    "RandomCrop": .init("height", "width", "rng_type", training: .augmentation, make: randomCrop),
    "ReLU": .init("max_value", "negative_slope", fixed: ["threshold": .integer(0)], make: relu),
    "Rescaling": .init("scale", "offset", make: rescaling),
    "Reshape": .init("target_shape", make: reshape),
    "Resizing": .init(
      "height", "width", "interpolation", "crop_to_aspect_ratio", "fill_mode", "fill_value",
      fixed: ["pad_to_aspect_ratio": .bool(false), "antialias": .bool(false)], make: resizing),
    "SeparableConv2D": .init(
      "filters", "kernel_size", "strides", "padding", "dilation_rate", "depth_multiplier",
      "activation", "use_bias", fixed: ["groups": .integer(1)], make: separableConvolution),
    "Softmax": .init("axis", make: softmax),
    "Subtract": .init(make: difference),
    "UpSampling2D": .init("size", "interpolation", make: upSampling),
    "ZeroPadding2D": .init("padding", make: zeroPadding),
  ]

  /// What changes values in training only: noise, augmentation and penalties.
  private static let inferenceOnly: [String: KerasTranslation] = {
    var translations: [String: KerasTranslation] = [:]
    for name in noises { translations[name] = .init(inferenceOf: .random, make: identity) }
    for name in augmentations {
      translations[name] = .init(inferenceOf: .augmentation, make: identity)
    }
    for name in ["ActivityRegularization", "Identity"] {
      translations[name] = .init(inferenceOf: .without, make: identity)
    }
    return translations
  }()

  private static let noises = [
    "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout2D", "StochasticDepth",
  ]

  private static let augmentations = [
    "AugMix", "CutMix", "MixUp", "RandAugment", "RandomBrightness", "RandomColorDegeneration",
    "RandomColorJitter", "RandomContrast", "RandomElasticTransform", "RandomErasing", "RandomFlip",
    "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective",
    "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear",
    "RandomTranslation", "RandomZoom",
  ]

  static func identity(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard inputs.count == 1 else {
      throw layer.failure("reads \(inputs.count) values, expected one")
    }
    return [KerasPart(IdentityLayer())]
  }

  /// The height, width and channels of a layer's only input.
  static func image(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> (height: Int, width: Int, channels: Int) {
    guard let input = inputs.first, inputs.count == 1, input.rank == 3 else {
      throw layer.failure(
        "reads \(inputs.map(\.description).joined(separator: " and ")), expected one image")
    }
    return (input[0], input[1], input[2])
  }
}
