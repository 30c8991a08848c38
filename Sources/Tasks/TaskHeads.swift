internal import Autodiff
internal import Networks
internal import Tensors

/// The layers that several kinds of tasks share.
enum TaskHeads {
  /// The name of an input of every head.
  static func input(_ index: Int) -> String { index == 0 ? "edge" : "edge\(index)" }

  private static func builder(_ edges: [(name: String, shape: Shape)]) -> NetworkBuilder {
    NetworkBuilder(
      inputs: edges.enumerated().map { Network.Input(input($0.offset), $0.element.shape) })
  }

  /// Layers to a vector of answers.
  ///
  /// These are MTL-Split's flattened features, a linear layer, dropout, ReLU and a linear layer; a
  /// linear layer on the mean over all places; or the network's own answers. Several values stand
  /// side by side once they are flattened, or means.
  ///
  /// Source of the former: https://arxiv.org/abs/2407.05982, section 3.
  static func vector(
    _ task: TaskConfiguration, _ edges: [(name: String, shape: Shape)], answers: Int
  ) throws -> Network {
    for edge in edges where edge.shape.rank != 1 && edge.shape.rank != 3 {
      throw TaskError.edgeShape(
        task: task.name, edge: edge.name, expected: "[features] or [height, width, channels]",
        found: edge.shape)
    }
    var builder = builder(edges)
    var value: String
    switch task.head {
    case .network:
      guard edges.count == 1, edges[0].shape == [answers] else {
        throw TaskError.edgeShape(
          task: task.name, edge: edges.map(\.name).joined(separator: ", "),
          expected: "\(answers) answers", found: edges[0].shape)
      }
      value = builder.add("answer", IdentityLayer(), after: input(0))
    case .mlp:
      value = vector(&builder, edges, "flatten", FlattenLayer())
      let count = edges.reduce(0) { $0 + $1.shape.elementCount }
      value = builder.add("linear1", LinearLayer(count, task.hidden), after: value)
      if task.dropout > 0 {
        value = builder.add("dropout", DropoutLayer(rate: task.dropout), after: value)
      }
      value = builder.add("relu", ActivationLayer(.relu), after: value)
      value = builder.add("linear2", LinearLayer(task.hidden, answers), after: value)
    case .pooled, .convolutional, .atrous, .singleStage, .twoStage:
      value = vector(&builder, edges, "pool", GlobalAveragePoolLayer())
      let count = edges.reduce(0) { $0 + $1.shape[-1] }
      value = builder.add("linear", LinearLayer(count, answers), after: value)
    }
    return try builder.network(name: task.name, outputs: [value])
  }

  /// The edges as one vector, those that are images through a layer first.
  private static func vector(
    _ builder: inout NetworkBuilder, _ edges: [(name: String, shape: Shape)], _ name: String,
    _ layer: some Layer
  ) -> String {
    let vectors = edges.enumerated().map { index, edge in
      edge.shape.rank == 1
        ? input(index)
        : builder.add(edges.count == 1 ? name : "\(name).\(index)", layer, after: input(index))
    }
    return vectors.count == 1
      ? vectors[0] : builder.add("concat", ConcatenateLayer(), inputs: vectors)
  }

  /// Layers from features to an answer for every pixel of the image.
  ///
  /// `convolutional` is the head of a fully convolutional network: a convolution of 3×3, batch norm,
  /// ReLU, dropout and a convolution of 1×1, enlarged bilinearly. `atrous` is DeepLabv3's: a
  /// convolution of 1×1, convolutions of 3×3 with dilations 6, 12 and 18 divided by what makes them
  /// fit the features, and the mean over all places, side by side. Source: Chen and others 2017,
  /// https://arxiv.org/abs/1706.05587, section 3.3.
  ///
  /// Several features are enlarged or reduced to the extents of the first and stand side by side. An
  /// auxiliary head of the former kind reads the last edge, if the task has one, and gives the second
  /// output.
  static func dense(
    _ task: TaskConfiguration, _ edges: [(name: String, shape: Shape)], answers: Int, image: Shape
  ) throws -> Network {
    for edge in edges where edge.shape.rank != 3 {
      throw TaskError.edgeShape(
        task: task.name, edge: edge.name, expected: "[height, width, channels]", found: edge.shape)
    }
    var builder = builder(edges)
    let own = edges.dropLast(task.auxiliary == nil ? 0 : 1)
    var (value, shape) = (input(0), edges[0].shape)
    if own.count > 1 {
      var maps = [value]
      for (index, edge) in own.enumerated().dropFirst() {
        shape[2] += edge.shape[2]
        maps.append(
          builder.add(
            "fit.\(index)", ResizeLayer(height: shape[0], width: shape[1], mode: .bilinear),
            after: input(index)))
      }
      value = builder.add("fused", ConcatenateLayer(), inputs: maps)
    }
    var outputs = [
      task.head == .atrous
        ? atrous(&builder, task, value, shape, answers, image)
        : convolutional(&builder, task, "", value, shape, answers, image)
    ]
    if task.auxiliary != nil {
      outputs.append(
        convolutional(
          &builder, task, "auxiliary.", input(own.count), edges[own.count].shape, answers, image))
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
    _ builder: inout NetworkBuilder, _ task: TaskConfiguration, _ input: String, _ shape: Shape,
    _ answers: Int, _ image: Shape
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
