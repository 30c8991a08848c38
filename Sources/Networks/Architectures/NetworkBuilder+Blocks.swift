internal import Tensors

extension NetworkBuilder {
  /// A convolution without bias and its batch norm.
  ///
  /// - Parameter padding: keeps the extent at stride 1 unless given.
  mutating func convolution(
    _ name: String, _ normalization: String, after input: String, _ inputs: Int, _ outputs: Int,
    kernel: Int, stride: Int = 1, groups: Int = 1, padding: Padding? = nil,
    epsilon: Double = 1e-5, momentum: Double = 0.1
  ) -> String {
    let value = add(
      name,
      ConvolutionLayer(
        inputs, outputs, kernel: Extent2D(kernel), stride: Extent2D(stride),
        padding: padding ?? .all(kernel / 2), groups: groups, hasBias: false),
      after: input)
    return add(
      normalization,
      BatchNormalizationLayer(outputs, epsilon: epsilon, momentum: momentum), after: value)
  }

  /// A convolution without bias, its batch norm and an activation, as torchvision's
  /// `Conv2dNormActivation` names them: `name.0`, `name.1`, `name.2`.
  mutating func normalizedConvolution(
    _ name: String, after input: String, _ inputs: Int, _ outputs: Int, kernel: Int,
    stride: Int = 1, groups: Int = 1, activation: Activation?, epsilon: Double = 1e-5,
    momentum: Double = 0.1
  ) -> String {
    let value = convolution(
      "\(name).0", "\(name).1", after: input, inputs, outputs, kernel: kernel, stride: stride,
      groups: groups, epsilon: epsilon, momentum: momentum)
    guard let activation else { return value }
    return add("\(name).2", ActivationLayer(activation), after: value)
  }

  /// Channels scaled by what all pixels say of them: Hu and others 2018,
  /// https://arxiv.org/abs/1709.01507, as torchvision names it (`name.fc1`, `name.fc2`).
  ///
  /// - Parameters:
  ///   - squeezed: the channels in between.
  ///   - activation: after the first convolution.
  ///   - gate: after the second.
  mutating func squeezeExcitation(
    _ name: String, after input: String, channels: Int, squeezed: Int, activation: Activation,
    gate: Activation
  ) -> String {
    var value = add(
      "\(name).avgpool", GlobalAveragePoolLayer(keepsDimensions: true), after: input)
    value = add("\(name).fc1", ConvolutionLayer(channels, squeezed, kernel: 1), after: value)
    value = add("\(name).activation", ActivationLayer(activation), after: value)
    value = add("\(name).fc2", ConvolutionLayer(squeezed, channels, kernel: 1), after: value)
    value = add("\(name).scale_activation", ActivationLayer(gate), after: value)
    return add("\(name).scale", MultiplyLayer(), inputs: [input, value])
  }
}

/// The multiple of 8 nearest to a number of channels, and never less than nine tenths of it.
func roundedChannels(_ channels: Double) -> Int {
  let rounded = max(8, Int(channels + 4) / 8 * 8)
  return Double(rounded) < 0.9 * channels ? rounded + 8 : rounded
}
