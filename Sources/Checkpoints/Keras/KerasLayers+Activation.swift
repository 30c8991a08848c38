internal import Networks
internal import Suggestions
internal import Tensors

extension KerasLayers {
  static func activation(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let name = try layer.activationName()
    let parts = try function(name, of: layer, suffix: "")
    return parts.isEmpty ? [KerasPart(IdentityLayer())] : parts
  }

  /// The activation inside another layer, as a node of its own called `<layer>.<activation>`, so
  /// that it can be left off; nothing for `linear`.
  static func innerActivation(
    of layer: KerasConfiguration
  ) throws(CheckpointError) -> [KerasPart] {
    let name = try layer.activationName()
    return try function(name, of: layer, suffix: name)
  }

  private static let functions: [String: any Layer] = [
    "elu": ELULayer(),
    "gelu": ActivationLayer(.gelu),
    "hard_silu": ActivationLayer(.hardSwish),
    "hard_swish": ActivationLayer(.hardSwish),
    "leaky_relu": LeakyReLULayer(slope: 0.2),
    "relu": ActivationLayer(.relu),
    "relu6": ActivationLayer(.relu6),
    "selu": ActivationLayer(.selu),
    "sigmoid": ActivationLayer(.sigmoid),
    "silu": ActivationLayer(.silu),
    "softmax": SoftmaxLayer(),
    "softplus": ActivationLayer(.softplus),
    "swish": ActivationLayer(.silu),
    "tanh": ActivationLayer(.tanh),
  ]

  private static func function(
    _ name: String, of layer: KerasConfiguration, suffix: String
  ) throws(CheckpointError) -> [KerasPart] {
    if name == "linear" { return [] }
    if name == "hard_sigmoid" { return try hardSigmoid(of: layer, suffix: suffix) }
    guard let function = functions[name] else {
      let known = Array(functions.keys) + ["hard_sigmoid", "linear"]
      throw layer.failure(
        "has the unknown activation '\(name)'"
          + (NearestName.of(name, among: known).map { " (did you mean '\($0)'?)" } ?? ""))
    }
    return [KerasPart(function, suffix: suffix)]
  }

  /// Keras 3 has `relu6(x + 3) / 6`, Keras 2 has `x / 5 + 1 / 2` held between 0 and 1.
  private static func hardSigmoid(
    of layer: KerasConfiguration, suffix: String
  ) throws(CheckpointError) -> [KerasPart] {
    guard let version = layer.version else {
      throw layer.failure(
        "has the activation hard_sigmoid, which depends on the version of Keras, and the file "
          + "does not say which wrote it")
    }
    if version >= 3 { return [KerasPart(ActivationLayer(.hardSigmoid), suffix: suffix)] }
    let name = suffix.isEmpty ? "" : suffix + "."
    return [
      KerasPart(ScaleShiftLayer(scale: 1.2, shift: 3), suffix: name + "scale"),
      KerasPart(ActivationLayer(.relu6), suffix: name + "clip"),
      KerasPart(ScaleShiftLayer(scale: 1.0 / 6), suffix: suffix),
    ]
  }

  static func relu(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let slope = try layer.number("negative_slope", default: 0)
    guard let bound = layer["max_value"] else {
      return [KerasPart(slope == 0 ? ActivationLayer(.relu) : LeakyReLULayer(slope: slope))]
    }
    guard let limit = bound.number, limit > 0, limit.isFinite, slope == 0 else {
      throw layer.failure(
        "has max_value \(bound.words) and negative_slope \(slope), expected a positive max_value "
          + "and no slope beside it")
    }
    return limit == 6 ? [KerasPart(ActivationLayer(.relu6))] : clip(from: 0, to: limit)
  }

  static func leakyReLU(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let key = layer["negative_slope"] == nil ? "alpha" : "negative_slope"
    return [KerasPart(LeakyReLULayer(slope: try layer.number(key, default: 0.3)))]
  }

  static func prelu(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let shape = inputs[0]
    let shared = Set((layer["shared_axes"]?.array ?? []).compactMap(\.integer))
    let slopes = Shape((0..<shape.rank).map { shared.contains($0 + 1) ? 1 : shape[$0] })
    guard slopes.elementCount == 1 || slopes.elementCount == shape[-1], slopes.rank > 0,
      slopes[-1] == slopes.elementCount
    else {
      throw layer.failure("has slopes \(slopes), expected one for each channel or one for all")
    }
    return [
      KerasPart(
        PReLULayer(slopes.elementCount), weights: [KerasWeight("weight", "alpha", shape: slopes)])
    ]
  }

  static func dropout(
    _ layer: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let rate = try layer.number("rate")
    guard rate >= 0, rate < 1 else { throw layer.failure("has rate \(rate), expected 0 to 1") }
    // Dropping whole rows or channels is for training only.
    return [KerasPart(layer["noise_shape"] == nil ? DropoutLayer(rate: rate) : IdentityLayer())]
  }
}
