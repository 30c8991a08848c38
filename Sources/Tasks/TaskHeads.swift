internal import Autodiff
internal import Networks
internal import Tensors

/// The layers that several kinds of tasks share.
enum TaskHeads {
  /// The name of the first input of every head.
  static let input = "edge"

  /// Layers from one value to a vector of answers: MTL-Split's flattened features, a linear layer,
  /// dropout, ReLU and a linear layer; a linear layer on the mean over all places; or the network's
  /// own answers.
  ///
  /// Source of the former: https://arxiv.org/abs/2407.05982, section 3.
  static func vector(
    _ task: TaskConfiguration, _ edges: [(name: String, shape: Shape)], answers: Int
  ) throws -> Network {
    guard edges.count == 1 else {
      throw TaskError.edgeShape(
        task: task.name, edge: edges.map(\.name).joined(separator: ", "),
        expected: "one value", found: [])
    }
    let shape = edges[0].shape
    guard shape.rank == 1 || shape.rank == 3 else {
      throw TaskError.edgeShape(
        task: task.name, edge: edges[0].name, expected: "[features] or [height, width, channels]",
        found: shape)
    }
    var builder = NetworkBuilder(input: input, shape: shape)
    var value = input
    switch task.head {
    case .mlp:
      if shape.rank > 1 { value = builder.add("flatten", FlattenLayer(), after: value) }
      value = builder.add("linear1", LinearLayer(shape.elementCount, task.hidden), after: value)
      if task.dropout > 0 {
        value = builder.add("dropout", DropoutLayer(rate: task.dropout), after: value)
      }
      value = builder.add("relu", ActivationLayer(.relu), after: value)
      value = builder.add("linear2", LinearLayer(task.hidden, answers), after: value)
    case .network:
      guard shape == [answers] else {
        throw TaskError.edgeShape(
          task: task.name, edge: edges[0].name, expected: "\(answers) answers", found: shape)
      }
      value = builder.add("answer", IdentityLayer(), after: value)
    case .pooled, .convolutional, .atrous, .singleStage, .twoStage:
      if shape.rank > 1 { value = builder.add("pool", GlobalAveragePoolLayer(), after: value) }
      value = builder.add("linear", LinearLayer(shape[-1], answers), after: value)
    }
    return try builder.network(name: task.name, outputs: [value])
  }

  /// Layers from features to an answer for every pixel of the image.
  ///
  /// `convolutional` is the head of a fully convolutional network: a convolution of 3×3, batch norm,
  /// ReLU, dropout and a convolution of 1×1, enlarged bilinearly. `atrous` is DeepLabv3's: a
  /// convolution of 1×1, convolutions of 3×3 with dilations 6, 12 and 18 divided by what makes them
  /// fit the features, and the mean over all places, side by side. Source: Chen and others 2017,
  /// https://arxiv.org/abs/1706.05587, section 3.3.
  ///
  /// An auxiliary head of the former kind reads the second edge and gives the second output.
  static func dense(
    _ task: TaskConfiguration, _ edges: [(name: String, shape: Shape)], answers: Int, image: Shape
  ) throws -> Network {
    for edge in edges where edge.shape.rank != 3 {
      throw TaskError.edgeShape(
        task: task.name, edge: edge.name, expected: "[height, width, channels]", found: edge.shape)
    }
    var builder = NetworkBuilder(
      inputs: edges.enumerated().map {
        Network.Input($0.offset == 0 ? input : "\(input)\($0.offset)", $0.element.shape)
      })
    var outputs = [
      task.head == .atrous
        ? atrous(&builder, task, edges[0].shape, answers, image)
        : convolutional(&builder, task, "", input, edges[0].shape, answers, image)
    ]
    if edges.count > 1 {
      outputs.append(
        convolutional(
          &builder, task, "auxiliary.", "\(input)1", edges[1].shape, answers, image))
    }
    return try builder.network(name: task.name, outputs: outputs)
  }

  /// A convolution that keeps the extents, batch norm and ReLU.
  static func convolution(
    _ builder: inout NetworkBuilder, _ name: String, after value: String, _ inputs: Int,
    _ outputs: Int, kernel: Int, dilation: Int = 1
  ) -> String {
    var value = builder.add(
      "\(name)conv",
      ConvolutionLayer(
        inputs, outputs, kernel: Extent2D(kernel), padding: .all(kernel / 2 * dilation),
        dilation: Extent2D(dilation), hasBias: false), after: value)
    value = builder.add("\(name)bn", BatchNormalizationLayer(outputs), after: value)
    return builder.add("\(name)relu", ActivationLayer(.relu), after: value)
  }

  private static func answer(
    _ builder: inout NetworkBuilder, _ task: TaskConfiguration, _ prefix: String,
    after value: String, _ channels: Int, _ answers: Int, _ image: Shape
  ) -> String {
    var value = value
    if task.dropout > 0 {
      value = builder.add("\(prefix)dropout", DropoutLayer(rate: task.dropout), after: value)
    }
    value = builder.add(
      "\(prefix)classifier", ConvolutionLayer(channels, answers, kernel: 1), after: value)
    return builder.add(
      "\(prefix)output", ResizeLayer(height: image[0], width: image[1], mode: .bilinear),
      after: value)
  }

  private static func convolutional(
    _ builder: inout NetworkBuilder, _ task: TaskConfiguration, _ prefix: String,
    _ input: String, _ shape: Shape, _ answers: Int, _ image: Shape
  ) -> String {
    let value = convolution(
      &builder, prefix, after: input, shape[2], task.hidden, kernel: 3)
    return answer(&builder, task, prefix, after: value, task.hidden, answers, image)
  }

  private static func atrous(
    _ builder: inout NetworkBuilder, _ task: TaskConfiguration, _ shape: Shape, _ answers: Int,
    _ image: Shape
  ) -> String {
    let width = task.hidden
    var parts = [convolution(&builder, "aspp0.", after: input, shape[2], width, kernel: 1)]
    for (index, dilation) in dilations(for: shape).enumerated() {
      parts.append(
        convolution(
          &builder, "aspp\(index + 1).", after: input, shape[2], width, kernel: 3,
          dilation: dilation))
    }
    var pooled = builder.add(
      "pool.mean", GlobalAveragePoolLayer(keepsDimensions: true), after: input)
    // No batch norm here: a batch of one image would have one value a channel.
    pooled = builder.add("pool.conv", ConvolutionLayer(shape[2], width, kernel: 1), after: pooled)
    pooled = builder.add("pool.relu", ActivationLayer(.relu), after: pooled)
    parts.append(
      builder.add(
        "pool.resize", ResizeLayer(height: shape[0], width: shape[1], mode: .nearest),
        after: pooled))
    var value = builder.add("concat", ConcatenateLayer(), inputs: parts)
    value = convolution(
      &builder, "project.", after: value, width * parts.count, width, kernel: 1)
    value = convolution(&builder, "head.", after: value, width, width, kernel: 3)
    return answer(&builder, task, "", after: value, width, answers, image)
  }

  /// 6, 12 and 18, made for features of some 33 pixels, in proportion to the features at hand.
  static func dilations(for shape: Shape) -> [Int] {
    let scale = min(1, Double(min(shape[0], shape[1])) / 33)
    return [6, 12, 18].map { max(1, Int((Double($0) * scale).rounded())) }
  }
}
