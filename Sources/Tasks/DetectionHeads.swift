internal import Autodiff
internal import Boxes
internal import Foundation
internal import Networks
internal import Tensors

/// The layers of detectors: a feature pyramid, and one or two stages on it.
struct DetectionHeads {
  let task: TaskConfiguration
  let edges: [(name: String, shape: Shape)]
  let classCount: Int
  let image: Shape

  /// The nodes whose parameters do not begin as layers of their kind usually do.
  static let scores = "scores"
  static let differences = "differences"

  /// The anchors of all levels, from the finest to the coarsest.
  let anchors: AnchorGrid

  /// Checks the edges.
  ///
  /// - Throws: `TaskError` unless they are feature maps from the finest to the coarsest, or for more
  ///   anchors than there can be.
  init(
    task: TaskConfiguration, edges: [(name: String, shape: Shape)], classCount: Int, image: Shape
  ) throws(TaskError) {
    for edge in edges where edge.shape.rank != 3 {
      throw .edgeShape(
        task: task.name, edge: edge.name, expected: "[height, width, channels]", found: edge.shape)
    }
    for (finer, coarser) in zip(edges, edges.dropFirst())
    where coarser.shape[0] > finer.shape[0] || coarser.shape[1] > finer.shape[1] {
      throw .edgeShape(
        task: task.name, edge: coarser.name,
        expected: "at most the \(finer.shape[0])×\(finer.shape[1]) of \(finer.name) before it",
        found: coarser.shape)
    }
    var levels = edges.map { AnchorGrid.Level(height: $0.shape[0], width: $0.shape[1]) }
    for _ in 0..<task.detection.extraLevels {
      guard let last = levels.last else { break }
      levels.append(
        AnchorGrid.Level(height: (last.height + 1) / 2, width: (last.width + 1) / 2))
    }
    let grid = AnchorGrid(
      checking: levels, imageHeight: image[0], imageWidth: image[1],
      scale: Float(task.detection.anchorScale), octaves: task.detection.octaves,
      ratios: task.detection.ratios.map { Float($0) })
    guard let grid else { throw .anchors(task: task.name) }
    self.task = task
    self.edges = edges
    self.classCount = classCount
    self.image = image
    anchors = grid
  }

  /// Layers from features to the answers, followed by what only training needs.
  func network() throws -> Network {
    var builder = NetworkBuilder(
      inputs: edges.enumerated().map {
        Network.Input(TaskHeads.input($0.offset), $0.element.shape)
      })
    let maps = pyramid(&builder)
    let outputs =
      task.head == .twoStage ? twoStages(&builder, maps) : singleStage(&builder, maps)
    return try builder.network(name: task.name, outputs: outputs)
  }

  /// Begins scores so that nearly everything is background, lest the few objects are drowned, and
  /// differences at nearly nothing.
  ///
  /// Source: https://arxiv.org/abs/1708.02002, section 4.1.
  static func begin(
    _ network: inout Network, isSingleStage: Bool, seed: UInt64
  ) throws(NetworkError) {
    for node in network.nodes {
      let part = node.name.split(separator: ".").first.map(String.init) ?? node.name
      guard part == DetectionHeads.scores || part == DetectionHeads.differences else { continue }
      for path in node.parameterPaths {
        guard let shape = network.parameters[path]?.shape else { continue }
        if path.hasSuffix(".weight") {
          var random = RandomSource(seed: seed, purpose: path)
          try network.setParameter(path, to: random.normal(shape, standardDeviation: 0.01))
        } else {
          let isScore = part == DetectionHeads.scores && isSingleStage
          try network.setParameter(
            path, to: Tensor(shape, repeating: isScore ? -Float(log(99.0)) : 0))
        }
      }
    }
  }

  // MARK: - Layers

  /// Maps of one number of channels, the coarser ones added to the finer: a feature pyramid.
  ///
  /// Source: Lin and others 2017, https://arxiv.org/abs/1612.03144, section 3. Extra levels are
  /// every second pixel of the one before.
  private func pyramid(_ builder: inout NetworkBuilder) -> [String] {
    let width = task.hidden
    var merged = [String](repeating: "", count: edges.count)
    for level in edges.indices.reversed() {
      let shape = edges[level].shape
      var value = builder.add(
        "lateral.\(level)", ConvolutionLayer(shape[2], width, kernel: 1),
        after: TaskHeads.input(level))
      if level + 1 < edges.count {
        let upper = builder.add(
          "up.\(level)", ResizeLayer(height: shape[0], width: shape[1], mode: .nearest),
          after: merged[level + 1])
        value = builder.add("merge.\(level)", AddLayer(), inputs: [value, upper])
      }
      merged[level] = value
    }
    var maps = merged.indices.map { level in
      builder.add(
        "pyramid.\(level)",
        ConvolutionLayer(width, width, kernel: 3, padding: .all(1)), after: merged[level])
    }
    for level in edges.count..<edges.count + task.detection.extraLevels {
      maps.append(
        builder.add("pyramid.\(level)", SliceLayer.subsampling(2), after: maps[level - 1]))
    }
    return maps
  }

  /// A score and a difference for every anchor of every map, from a tower of 3×3.
  ///
  /// - Returns: `[anchors, questions]` and `[anchors, 4]`.
  private func dense(
    _ builder: inout NetworkBuilder, _ maps: [String], questions: Int
  ) -> (scores: String, differences: String) {
    let width = task.hidden
    let forms = anchors.formCount
    var scores: [String] = []
    var differences: [String] = []
    for (level, map) in maps.enumerated() {
      let tower = TaskHeads.convolution(
        &builder, "tower.\(level).", after: map, width, width, kernel: 3)
      let count = anchors.levelRanges[level].count
      let score = builder.add(
        "\(DetectionHeads.scores).\(level)",
        ConvolutionLayer(width, forms * questions, kernel: 3, padding: .all(1)), after: tower)
      scores.append(
        builder.add("score_rows.\(level)", ReshapeLayer([count, questions]), after: score))
      let difference = builder.add(
        "\(DetectionHeads.differences).\(level)",
        ConvolutionLayer(width, forms * 4, kernel: 3, padding: .all(1)), after: tower)
      differences.append(
        builder.add("difference_rows.\(level)", ReshapeLayer([count, 4]), after: difference))
    }
    func joined(_ name: String, _ parts: [String]) -> String {
      parts.count == 1
        ? parts[0] : builder.add(name, ConcatenateLayer(axis: 0), inputs: parts)
    }
    return (joined("all_scores", scores), joined("all_differences", differences))
  }

  /// A score for every class at every anchor.
  ///
  /// - Returns: logits `[anchors, classes]` and boxes `[anchors, 4]`, and for training the
  ///   differences `[anchors, 4]`.
  private func singleStage(_ builder: inout NetworkBuilder, _ maps: [String]) -> [String] {
    let (scores, differences) = dense(&builder, maps, questions: classCount)
    let boxes = builder.add("boxes", BoxDecodeLayer(anchors: anchors), after: differences)
    return [scores, boxes, differences]
  }

  /// Proposals, and the class and place of what is in them.
  ///
  /// - Returns: logits `[proposals, 1 + classes]`, background first, and boxes
  ///   `[proposals, 4 · classes]`; for training the proposals' differences, the proposals, and
  ///   scores and differences of the anchors.
  private func twoStages(_ builder: inout NetworkBuilder, _ maps: [String]) -> [String] {
    let (scores, differences) = dense(&builder, maps, questions: 1)
    let settings = task.detection
    let proposals = builder.add(
      "proposals",
      ProposalLayer(
        anchors: anchors, count: settings.proposals, candidates: settings.candidates),
      inputs: [scores, differences])
    let stride = Double(image[0]) / Double(edges[0].shape[0])
    let features = builder.add(
      "regions",
      RegionAlignLayer(
        imageHeight: image[0], imageWidth: image[1], resolution: settings.resolution,
        coarserFrom: 28 * stride), inputs: [proposals] + maps)
    let length = settings.resolution * settings.resolution * task.hidden
    var value = builder.add(
      "region_rows", ReshapeLayer([settings.proposals, length]), after: features)
    for layer in 1...2 {
      value = builder.add(
        "fc\(layer)", LinearLayer(layer == 1 ? length : 4 * task.hidden, 4 * task.hidden),
        after: value)
      value = builder.add("fc\(layer).relu", ActivationLayer(.relu), after: value)
    }
    let logits = builder.add(
      "classes", LinearLayer(4 * task.hidden, 1 + classCount), after: value)
    let refinements = builder.add(
      "refinements", LinearLayer(4 * task.hidden, 4 * classCount), after: value)
    let boxes = builder.add(
      "boxes", BoxDecodeLayer(imageHeight: image[0], imageWidth: image[1]),
      inputs: [refinements, proposals])
    return [logits, boxes, refinements, proposals, scores, differences]
  }
}
