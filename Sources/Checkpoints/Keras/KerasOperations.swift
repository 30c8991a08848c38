internal import Networks
internal import Tensors

/// Operations on values that stand in a model as layers of their own, and as what they are expressed.
///
/// `x / 127.5` in a functional model is `tf.math.truediv` in a file of Keras 2 and `TrueDivide` in
/// one of Keras 3. Arguments go by TensorFlow's names in both.
enum KerasOperations {
  /// The translation of an operation by what a file calls it.
  static func named(_ name: String) -> KerasTranslation? { translations[name] }

  /// Arguments that Keras 3 or an operation of TensorFlow calls otherwise.
  static let aliases = [
    "bias": "y", "dims": "perm", "features": "x", "input": "x", "inputs": "x", "logits": "x",
    "newshape": "shape", "slice_spec": "key", "tensor": "x", "value": "x", "values": "x",
    "images": "x", "input_tensor": "x", "xs": "x",
  ]

  private static let translations: [String: KerasTranslation] = {
    var translations: [String: KerasTranslation] = [:]
    for (names, translation) in all {
      for name in names { translations[name] = translation }
    }
    return translations
  }()

  private static let all: [(names: [String], KerasTranslation)] =
    arithmetic + activations + [
      (
        ["tf.cast", "Cast"],
        .init(operation: ["x"], keys: ["dtype"], make: KerasLayers.identity)
      ),
      (
        ["tf.identity", "tf.stop_gradient", "tf.convert_to_tensor", "StopGradient"],
        .init(operation: ["x"], make: KerasLayers.identity)
      ),
      (["tf.__operators__.getitem", "GetItem"], .init(operation: ["x", "key"], make: item)),
      (
        ["tf.concat", "Concatenate"],
        .init(operation: ["x", "axis"], make: KerasLayers.concatenate)
      ),
      (["tf.stack", "Stack"], .init(operation: ["x", "axis"], make: stack)),
      (["tf.reshape", "Reshape"], .init(operation: ["x", "shape"], make: reshape)),
      (
        ["tf.math.reduce_mean", "Mean"],
        .init(operation: ["x", "axis", "keepdims"], make: mean)
      ),
      (
        ["tf.image.resize", "Resize"],
        .init(
          operation: ["x", "size"], keys: ["method", "interpolation", "fill_mode", "fill_value"],
          fixed: [
            "antialias": .bool(false), "crop_to_aspect_ratio": .bool(false),
            "pad_to_aspect_ratio": .bool(false), "preserve_aspect_ratio": .bool(false),
          ], make: resize)
      ),
    ]

  private static let arithmetic: [(names: [String], KerasTranslation)] = [
    (
      ["tf.__operators__.add", "tf.math.add", "Add"], .init(operation: ["x", "y"], make: sum)
    ),
    (
      ["tf.nn.bias_add"],
      .init(operation: ["x", "y"], fixed: ["data_format": .string("NHWC")], make: sum)
    ),
    (["tf.math.subtract", "Subtract"], .init(operation: ["x", "y"], make: difference)),
    (["tf.math.multiply", "Multiply"], .init(operation: ["x", "y"], make: product)),
    (
      ["tf.math.truediv", "tf.math.divide", "tf.math.divide_no_nan", "TrueDivide", "Divide"],
      .init(operation: ["x", "y"], make: quotient)
    ),
    (["tf.math.negative", "Negative"], .init(operation: ["x"], make: negative)),
    (["tf.math.square", "Square"], .init(operation: ["x"], make: square)),
    (["tf.math.maximum", "Maximum"], .init(operation: ["x", "y"], make: maximum)),
    (
      ["tf.clip_by_value", "Clip"],
      .init(
        operation: ["x", "clip_value_min", "clip_value_max"], keys: ["x_min", "x_max"],
        make: clip)
    ),
  ]

  private static let activations: [(names: [String], KerasTranslation)] = [
    activation(["tf.nn.relu6", "Relu6"], .relu6),
    activation(["tf.math.sigmoid", "tf.nn.sigmoid", "Sigmoid"], .sigmoid),
    activation(["tf.math.tanh", "tf.nn.tanh", "Tanh"], .tanh),
    activation(["tf.math.softplus", "tf.nn.softplus", "Softplus"], .softplus),
    activation(["tf.nn.selu", "Selu"], .selu),
    activation(["HardSigmoid"], .hardSigmoid),
    activation(["HardSilu"], .hardSwish),
    (
      // TensorFlow's beta is 1 unless given.
      ["tf.nn.silu", "tf.nn.swish", "Silu"],
      .init(operation: ["x"], fixed: ["beta": .integer(1)], make: function(.silu))
    ),
    (
      ["tf.nn.relu", "Relu", "ReLU"],
      .init(
        operation: ["x"], keys: ["max_value", "negative_slope"],
        fixed: ["threshold": .integer(0)], make: KerasLayers.relu)
    ),
    (
      ["tf.nn.leaky_relu", "LeakyRelu"],
      .init(operation: ["x", "alpha"], keys: ["negative_slope"], make: leakyReLU)
    ),
    (
      ["tf.nn.elu", "Elu"],
      .init(
        operation: ["x"], fixed: ["alpha": .integer(1)],
        make: { (_, _) throws(CheckpointError) in
          [KerasPart(ELULayer())]
        })
    ),
    (
      ["tf.nn.softmax", "Softmax"],
      .init(operation: ["x", "axis"], make: KerasLayers.softmax)
    ),
  ]

  private static func activation(
    _ names: [String], _ activation: Activation
  ) -> (names: [String], KerasTranslation) {
    (names, .init(operation: ["x"], make: function(activation)))
  }

  private static func function(_ activation: Activation) -> KerasTranslation.Make {
    { (_, _) throws(CheckpointError) in [KerasPart(ActivationLayer(activation))] }
  }

  private static func leakyReLU(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    // Unlike the layer's, the function's slope is 0.2 in TensorFlow and in Keras.
    let key = operation["negative_slope"] == nil ? "alpha" : "negative_slope"
    return [KerasPart(LeakyReLULayer(slope: try operation.number(key, default: 0.2)))]
  }
}
