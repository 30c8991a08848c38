public import Tensors

/// Two convolutions before two linear layers, in which most of the weights and operations are.
///
/// LeNet-5's order of layers (LeCun and others 1998, https://doi.org/10.1109/5.726791) with ReLUs and
/// with strides in place of pooling (Springenberg and others 2015, https://arxiv.org/abs/1412.6806).
public enum LeNet {
  /// `conv1` and `conv2`, 3×3 of stride 2, and `fc1` and `fc2`.
  ///
  /// - Parameters:
  ///   - classes: the length of the logits.
  ///   - inputShape: `[height, width, channels]`.
  ///   - channels: of the two convolutions.
  ///   - hidden: the width of `fc1`.
  /// - Throws: ``NetworkError`` if the input is too small.
  public static func strided(
    classes: Int, inputShape: Shape, channels: (Int, Int) = (16, 32), hidden: Int = 1024
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(shape: inputShape)
    var value = builder.add(
      "conv1",
      ConvolutionLayer(
        inputShape[2], channels.0, kernel: 3, stride: 2, padding: .all(1)), after: "input")
    value = builder.add("relu1", ActivationLayer(.relu), after: value)
    value = builder.add(
      "conv2",
      ConvolutionLayer(channels.0, channels.1, kernel: 3, stride: 2, padding: .all(1)),
      after: value)
    value = builder.add("relu2", ActivationLayer(.relu), after: value)
    value = builder.add("flatten", FlattenLayer(), after: value)
    let features = (inputShape[0] + 3) / 4 * ((inputShape[1] + 3) / 4) * channels.1
    value = builder.add("fc1", LinearLayer(features, hidden), after: value)
    value = builder.add("relu3", ActivationLayer(.relu), after: value)
    value = builder.add("fc2", LinearLayer(hidden, classes), after: value)
    return try builder.network(name: "lenet-strided", outputs: [value])
  }
}
