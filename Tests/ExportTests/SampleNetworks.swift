import Boxes
import Datasets
import Networks
import Tasks
import Tensors

/// Networks with parameters nowhere at their beginnings.
enum SampleNetworks {
  /// A narrow residual network with moved batch statistics.
  static func resnet(depth: Int = 8, inputShape: Shape = [32, 32, 3]) throws -> Network {
    try randomized(ResNet.narrow(depth: depth, classes: 10, inputShape: inputShape))
  }

  /// The same network with parameters, statistics among them, that differ in every element.
  static func randomized(_ network: Network, seed: UInt64 = 3) throws -> Network {
    var network = network
    network.initializeParameters(seed: seed)
    var random = RandomSource(seed: seed)
    for node in network.nodes {
      for specification in node.layer.parameters where specification.role != .weight {
        let isPositive = ["running_var", "variance", "weight"].contains(specification.name)
        try network.setParameter(
          "\(node.name).\(specification.name)",
          to: isPositive
            ? random.uniform(specification.shape, in: 0.5...1.5)
            : random.normal(specification.shape, standardDeviation: 0.2))
      }
    }
    return network
  }

  /// Anchors on two maps.
  private static let anchors = AnchorGrid(
    levels: [.init(height: 4, width: 5), .init(height: 2, width: 3)], imageHeight: 32,
    imageWidth: 40, scale: 2, ratios: [0.5, 1])

  /// Proposals on two maps and the features of them from both.
  static func detector() throws -> Network {
    var builder = NetworkBuilder(shape: [32, 40, 3])
    var maps: [String] = []
    var scores: [String] = []
    var differences: [String] = []
    for (level, stride) in [8, 16].enumerated() {
      let map = builder.add(
        "map\(level)", ConvolutionLayer(3, 4, kernel: 4, stride: Extent2D(stride)),
        after: "input")
      maps.append(map)
      let count = level == 0 ? 40 : 12
      let score = builder.add(
        "score\(level)", ConvolutionLayer(4, 2, kernel: 1), after: map)
      scores.append(
        builder.add("scores\(level)", ReshapeLayer([count, 1]), after: score))
      let difference = builder.add(
        "difference\(level)", ConvolutionLayer(4, 8, kernel: 1), after: map)
      differences.append(
        builder.add("differences\(level)", ReshapeLayer([count, 4]), after: difference))
    }
    let allScores = builder.add("scores", ConcatenateLayer(axis: 0), inputs: scores)
    let allDifferences = builder.add("differences", ConcatenateLayer(axis: 0), inputs: differences)
    let boxes = builder.add(
      "boxes", ProposalLayer(anchors: anchors, count: 12), inputs: [allScores, allDifferences])
    let features = builder.add(
      "features",
      RegionAlignLayer(imageHeight: 32, imageWidth: 40, resolution: 3, coarserFrom: 16),
      inputs: [boxes] + maps)
    let flat = builder.add("flat", ReshapeLayer([12, 36]), after: features)
    let answer = builder.add("answer", LinearLayer(36, 3), after: flat)
    let difference = builder.add("refinement", LinearLayer(36, 8), after: flat)
    let refined = builder.add(
      "refined", BoxDecodeLayer(imageHeight: 32, imageWidth: 40), inputs: [difference, boxes])
    let placed = builder.add(
      "placed", BoxDecodeLayer(anchors: anchors), after: allDifferences)
    return try randomized(
      builder.network(name: "detector", outputs: [answer, refined, boxes, allScores, placed]))
  }

  /// The heads of tasks on a narrow network: both kinds of detector, and a class for every pixel.
  static func tasks() throws -> Network {
    let boxes = AnnotationSet(
      name: "boxes", content: .boxes(names: ["cat", "dog"], rows: [[]]))
    let mask = AnnotationSet(
      name: "mask",
      content: .classMaps(
        names: ["a", "b", "c"], ignored: nil,
        maps: AnnotationMaps(
          height: 32, width: 40, elements: [UInt8](repeating: 0, count: 1280))))
    let dataset = ImageDataset(
      name: "one", imageShape: [32, 40, 3], classNames: ["any"],
      pixels: [UInt8](repeating: 0, count: 3840), labels: [0], annotations: [boxes, mask])
    var two = TaskConfiguration(
      name: "two", kind: .detection, annotation: "boxes", reads: ["layer2", "layer3"],
      head: .twoStage, hidden: 4)
    two.detection.proposals = 7
    two.detection.resolution = 3
    var one = two
    one.name = "one"
    one.head = .singleStage
    one.detection.extraLevels = 1
    var set = try TaskSet(
      [
        one, two,
        TaskConfiguration(
          name: "mask", kind: .segmentation, reads: ["layer2"], head: .atrous, hidden: 4),
      ], dataset: dataset)
    let network = try set.attach(
      to: resnet(inputShape: [32, 40, 3]), at: "layer3", seed: 5)
    return try randomized(set.deployed(network))
  }

  /// A layer, and the shapes of what it reads.
  struct Single: Sendable {
    var name: String
    var layer: any Layer
    var inputs: [Shape]

    init(_ name: String, _ layer: any Layer, _ inputs: Shape...) {
      self.name = name
      self.layer = layer
      self.inputs = inputs
    }

    /// The samples it is run on at once: layers that choose boxes take one in ONNX.
    var batch: Int { layer is ProposalLayer || layer is RegionAlignLayer ? 1 : 3 }

    /// A network of the layer alone.
    func network() throws -> Network {
      let names = inputs.indices.map { "x\($0)" }
      return try SampleNetworks.randomized(
        Network(
          name: name, inputs: zip(names, inputs).map { Network.Input($0, $1) },
          nodes: [Node("y", layer, inputs: names)], outputs: ["y"]))
    }
  }

  /// From four values to three.
  private static let connections = SparseConnections(
    SparsePattern(inputCount: 4, inputsOfOutputs: [[0, 3], [1], [1, 2, 3]]))

  /// Every kind of layer, in each way it is lowered.
  static let singles: [Single] =
    Activation.allCases.flatMap {
      [
        Single("activation \($0)", ActivationLayer($0), [3, 4, 2]),
        Single(
          "fused \($0)", ConvolutionLayer(2, 3, kernel: 1, activation: $0), [3, 4, 2]),
      ]
    } + [
      Single("leaky relu", LeakyReLULayer(slope: 0.2), [5]),
      Single("absolute", AbsoluteLayer(), [4, 5, 3]),
      Single("elu", ELULayer(alpha: 0.7), [5]),
      Single("prelu of channels", PReLULayer(3), [4, 5, 3]),
      Single("prelu of features", PReLULayer(3), [3]),
      Single("prelu of one factor", PReLULayer(1), [4, 5, 3]),
      Single("logarithm", LogarithmLayer(floor: 1e-3), [7]),
      Single("softmax of pixels", SoftmaxLayer(), [4, 5, 3]),
      Single("softmax of features", SoftmaxLayer(), [7]),
      Single("softmax of tokens", SoftmaxLayer(), [4, 7]),
      Single("dropout", DropoutLayer(rate: 0.5), [4]),
      Single("identity", IdentityLayer(), [4, 5, 3]),
      Single("scale and shift", ScaleShiftLayer(scale: 2, shift: -1), [4]),
      Single("scale", ScaleShiftLayer(scale: 2), [4]),
      Single("shift", ScaleShiftLayer(scale: 1, shift: 3), [4]),
      Single("no scale or shift", ScaleShiftLayer(scale: 1), [4]),
      Single("batch norm of images", BatchNormalizationLayer(3, epsilon: 0.1), [4, 5, 3]),
      Single("batch norm of features", BatchNormalizationLayer(3), [3]),
      Single("batch norm of tokens", BatchNormalizationLayer(3), [6, 3]),
      Single(
        "batch norm without scale", BatchNormalizationLayer(3, hasScale: false), [4, 5, 3]),
      Single(
        "batch norm of tokens without shift", BatchNormalizationLayer(3, hasShift: false), [6, 3]),
      Single("standardized pixels", StandardizeLayer(3), [4, 5, 3]),
      Single("standardized features", StandardizeLayer(1), [4]),
      Single(
        "constants of channels", ChannelScaleShiftLayer(scale: [2, 1, -1], shift: [0, 1, 3]),
        [4, 5, 3]),
      Single(
        "constants of features", ChannelScaleShiftLayer(scale: [2, 1], shift: [0, 1]), [2]),
      Single("add", AddLayer(), [4, 5, 3], [1, 1, 3], [4, 5, 3]),
      Single("add pixels", AddLayer(), [4, 5, 3], [4, 5, 1]),
      Single("multiply", MultiplyLayer(), [4, 5, 3], [1, 5, 1]),
      Single("concatenate channels", ConcatenateLayer(), [4, 5, 3], [4, 5, 2]),
      Single("concatenate rows", ConcatenateLayer(axis: 0), [4, 5, 3], [2, 5, 3]),
      Single("concatenate columns", ConcatenateLayer(axis: -2), [4, 5, 3], [4, 2, 3]),
      Single("concatenate features", ConcatenateLayer(), [4], [2], [3]),
      Single("convolution", ConvolutionLayer(3, 4, kernel: 3, padding: .all(1)), [6, 7, 3]),
      Single(
        "convolution same",
        ConvolutionLayer(
          3, 4, kernel: Extent2D(height: 3, width: 2), stride: 2, padding: .same, hasBias: false),
        [6, 7, 3]),
      Single(
        "convolution in groups",
        ConvolutionLayer(
          4, 6, kernel: Extent2D(height: 2, width: 3),
          stride: Extent2D(height: 2, width: 1),
          padding: .explicit(EdgePadding(top: 1, bottom: 0, left: 2, right: 1)),
          dilation: Extent2D(height: 1, width: 2), groups: 2), [6, 7, 4]),
      Single(
        "depthwise convolution", ConvolutionLayer(4, 4, kernel: 3, groups: 4), [6, 7, 4]),
      Single(
        "transposed convolution",
        TransposedConvolutionLayer(
          4, 6, kernel: Extent2D(height: 3, width: 2), stride: 2,
          padding: EdgePadding(top: 1, bottom: 0, left: 0, right: 1),
          outputPadding: Extent2D(height: 1, width: 0), groups: 2), [3, 4, 4]),
      Single(
        "dilated transposed convolution",
        TransposedConvolutionLayer(2, 3, kernel: 2, dilation: 2, hasBias: false), [3, 4, 2]),
      Single("linear of features", LinearLayer(4, 3), [4]),
      Single("sparse linear of features", SparseLinearLayer(connections), [4]),
      Single(
        "sparse linear of pixels", SparseLinearLayer(connections, activation: .relu), [3, 5, 4]),
      Single(
        "sparse convolution",
        SparseConvolutionLayer(connections, kernel: 3, stride: 2, padding: .all(1)), [5, 6, 4]),
      Single("linear without bias", LinearLayer(4, 3, hasBias: false, activation: .relu), [4]),
      Single("linear of tokens", LinearLayer(4, 3, activation: .tanh), [6, 4]),
      Single("linear of tokens without bias", LinearLayer(4, 3, hasBias: false), [6, 4]),
      Single("linear of pixels", LinearLayer(4, 3, activation: .silu), [5, 6, 4]),
      Single(
        "attention in windows", WindowAttentionLayer(channels: 4, heads: 2, window: 2),
        [4, 6, 4]),
      Single(
        "attention in shifted windows",
        WindowAttentionLayer(channels: 4, heads: 2, window: 2, shift: 1), [4, 6, 4]),
      Single(
        "attention in shifted windows over a padded image",
        WindowAttentionLayer(channels: 6, heads: 3, window: 3, shift: 1), [4, 7, 6]),
      Single(
        "attention in one window",
        WindowAttentionLayer(channels: 4, heads: 1, window: 5, shift: 2), [4, 5, 4]),
      Single(
        "attention to what came before", CausalAttentionLayer(channels: 6, heads: 3, length: 5),
        [5, 6]),
      Single("max pool", MaxPoolLayer(kernel: 2), [6, 7, 3]),
      Single(
        "max pool with overhang",
        MaxPoolLayer(kernel: 3, stride: 2, padding: .all(1), ceilMode: true), [6, 7, 3]),
      Single(
        "max pool whose last window would begin in the padding",
        MaxPoolLayer(kernel: 2, stride: 3, padding: .all(1), ceilMode: true), [5, 5, 2]),
      Single("max pool same", MaxPoolLayer(kernel: 3, stride: 2, padding: .same), [6, 7, 3]),
      Single("average pool", AveragePoolLayer(kernel: 3, stride: 2, padding: .all(1)), [6, 7, 3]),
      Single(
        "average pool without its padding",
        AveragePoolLayer(kernel: 3, stride: 2, padding: .same, countsPadding: false), [6, 7, 3]),
      Single(
        "average pool with overhang",
        AveragePoolLayer(kernel: 3, stride: 2, ceilMode: true), [6, 8, 3]),
      Single(
        "average pool with overhang and padding",
        AveragePoolLayer(kernel: 3, stride: 2, padding: .all(1), ceilMode: true), [6, 8, 3]),
      Single(
        "average pool with overhang without its padding",
        AveragePoolLayer(
          kernel: 3, stride: 2, padding: .all(1), ceilMode: true, countsPadding: false),
        [6, 8, 3]),
      Single("global pool", GlobalAveragePoolLayer(), [4, 5, 3]),
      Single("global pool to a pixel", GlobalAveragePoolLayer(keepsDimensions: true), [4, 5, 3]),
      Single("flatten an image", FlattenLayer(), [4, 5, 3]),
      Single("flatten a pixel", FlattenLayer(), [1, 1, 3]),
      Single("flatten tokens", FlattenLayer(), [4, 5]),
      Single("reshape an image", ReshapeLayer([10, 6]), [4, 5, 3]),
      Single("reshape to an image", ReshapeLayer([2, 3, 4]), [24]),
      Single("reshape to a pixel", ReshapeLayer([1, 1, 24]), [24]),
      Single("reshape from image to image", ReshapeLayer([2, 10, 3]), [4, 5, 3]),
      Single("transpose an image", TransposeLayer([1, 2, 0]), [4, 5, 3]),
      Single("transpose tokens", TransposeLayer([1, 0]), [4, 5]),
      Single("transpose four axes", TransposeLayer([3, 0, 2, 1]), [2, 3, 4, 5]),
      Single("layer norm of tokens", LayerNormalizationLayer([3]), [6, 3]),
      Single("layer norm of features", LayerNormalizationLayer([5], epsilon: 0.1), [5]),
      Single("layer norm of all tokens", LayerNormalizationLayer([6, 3]), [6, 3]),
      Single("layer norm of pixels", LayerNormalizationLayer([3]), [4, 5, 3]),
      Single("layer norm of rows", LayerNormalizationLayer([5, 3]), [4, 5, 3]),
      Single("layer norm of images", LayerNormalizationLayer([4, 5, 3]), [4, 5, 3]),
      Single(
        "layer norm without shift", LayerNormalizationLayer([3], hasShift: false), [6, 3]),
      Single(
        "group norm without scale",
        GroupNormalizationLayer(groups: 2, channels: 6, hasScale: false),
        [4, 5, 6]),
      Single("group norm", GroupNormalizationLayer(groups: 2, channels: 6), [4, 5, 6]),
      Single("group norm of features", GroupNormalizationLayer(groups: 2, channels: 6), [6]),
      Single("group norm of tokens", GroupNormalizationLayer(groups: 3, channels: 6), [4, 6]),
      Single("gdn of an image", GDNLayer(3), [4, 5, 3]),
      Single("inverse gdn of an image", GDNLayer(3, isInverse: true), [4, 5, 3]),
      Single("gdn of squares of tokens", GDNLayer(4, norm: .squared), [6, 4]),
      Single("entropy bottleneck of an image", EntropyBottleneckLayer(3), [4, 5, 3]),
      Single("entropy bottleneck of features", EntropyBottleneckLayer(5), [5]),
      Single("power normalisation of an image", PowerNormalizationLayer(), [4, 5, 3]),
      Single("power normalisation of features", PowerNormalizationLayer(), [5]),
      Single("soft quantiser of an image", SoftQuantizerLayer(levels: 5), [4, 5, 3]),
      Single("soft quantiser and a channel", SoftQuantizerLayer(), [6], [1]),
      Single("gaussian conditional", GaussianConditionalLayer(), [4, 5, 3], [4, 5, 3]),
      Single(
        "gaussian conditional around means", GaussianConditionalLayer(), [4, 5, 3], [4, 5, 3],
        [4, 5, 3]),
      Single("embedding of a token", EmbeddingLayer(tokens: 3, features: 4), []),
      Single("embedding of tokens", EmbeddingLayer(tokens: 3, features: 4), [6]),
      Single("embedding of rows of tokens", EmbeddingLayer(tokens: 3, features: 4), [2, 6]),
      Single("embedding of pixels", EmbeddingLayer(tokens: 3, features: 4), [2, 3, 2]),
      Single("nearest, larger", ResizeLayer(height: 8, width: 15, mode: .nearest), [4, 5, 3]),
      Single("nearest, smaller", ResizeLayer(height: 3, width: 7, mode: .nearest), [9, 10, 3]),
      Single("bilinear, larger", ResizeLayer(height: 7, width: 11), [4, 5, 3]),
      Single("bilinear, smaller", ResizeLayer(height: 3, width: 2), [9, 10, 3]),
      Single(
        "bilinear on corners", ResizeLayer(height: 7, width: 3, mode: .bilinearAlignCorners),
        [4, 5, 3]),
      Single("pad", PadLayer(before: [1, 0, 2], after: [0, 3, 1], value: 0.5), [4, 5, 3]),
      Single(
        "slice", SliceLayer(starts: [1, 0, 0], ends: [nil, 4, 2], steps: [2, 1, 1]), [4, 5, 3]),
      Single("subsample", SliceLayer.subsampling(2), [4, 5, 3]),
      Single(
        "proposals", ProposalLayer(anchors: anchors, count: 9, candidates: 8, threshold: 0.3),
        [anchors.count, 1], [anchors.count, 4]),
      Single(
        "more proposals than boxes", ProposalLayer(anchors: anchors, count: 60, candidates: 6),
        [anchors.count, 1], [anchors.count, 4]),
      Single("boxes from anchors", BoxDecodeLayer(anchors: anchors), [anchors.count, 8]),
      Single(
        "boxes from boxes", BoxDecodeLayer(imageHeight: 3, imageWidth: 4), [6, 12], [6, 4]),
      Single(
        "region align", RegionAlignLayer(imageHeight: 4, imageWidth: 5, resolution: 2), [6, 4],
        [4, 5, 3]),
      Single("slice of everything", SliceLayer(starts: [0], ends: [9], steps: [1]), [5]),
    ]
}
