internal import Boxes
internal import Networks
internal import Tensors

extension ProposalLayer: ONNXLowerable {
  package var isExact: Bool { true }

  /// For one image at a time: the operator that removes overlaps gives as many boxes as are left,
  /// and empty ones are put behind them.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.fixBatch()
    let chosen = candidates(site, into: &graph)
    let boxes = graph.decodedBoxes(
      chosen.differences, from: chosen.anchors, BoxCoder(), height: anchors.imageHeight,
      width: anchors.imageWidth, site)
    let scores = graph.step(
      "Reshape", [chosen.scores, graph.constant(site.inner("row"), [1, 1, -1])], site, "scores")
    // Coordinates [left, top, right, bottom] are as good as [top, left, bottom, right] here.
    let batched = graph.step(
      "Unsqueeze", [boxes, graph.constant(site.inner("axis"), [0])], site, "batched")
    let selected = graph.step(
      "NonMaxSuppression",
      [
        batched, scores, graph.constant(site.inner("count"), [count]),
        graph.constant(site.inner("threshold"), Tensor([1], [Float(threshold)])),
      ], site, "selected")
    let column = graph.step(
      "Gather", [selected, graph.constant(site.inner("box"), [2])], site, "kept_column",
      ["axis": .int(1)])
    let kept = graph.step(
      "Reshape", [column, graph.constant(site.inner("flat"), [-1])], site, "kept")
    let best = graph.step("Gather", [boxes, kept], site, "best", ["axis": .int(0)])
    let filler = graph.constant(
      site.inner("filler"), Tensor<Float>([count, 4], repeating: 0))
    let filled = graph.step("Concat", [best, filler], site, "filled", ["axis": .int(0)])
    let cut = graph.step(
      "Slice",
      [
        filled, graph.constant(site.inner("from"), [0]), graph.constant(site.inner("to"), [count]),
        graph.constant(site.inner("rows"), [0]),
      ], site, "cut")
    return graph.add(
      "Unsqueeze", [cut, graph.constant(site.inner("front"), [0])], output: site.name)
  }

  /// The best of each level: scores `[n]`, differences `[n, 4]` and anchors `[n, 4]`, as centres and
  /// extents.
  private func candidates(
    _ site: LoweringSite, into graph: inout GraphLowering
  ) -> (scores: String, differences: String, anchors: String) {
    let scores = graph.step(
      "Reshape", [site.inputs[0], graph.constant(site.inner("all"), [-1])], site, "all_scores")
    let differences = graph.step(
      "Reshape", [site.inputs[1], graph.constant(site.inner("quads"), [-1, 4])], site,
      "all_differences")
    let forms = anchors.centresAndExtents
    let anchors = graph.constant(
      site.inner("anchors"), Tensor<Float>([forms.count / 4, 4], forms))
    var picked: [String] = []
    for (level, range) in self.anchors.levelRanges.enumerated() {
      let part = graph.step(
        "Slice",
        [
          scores, graph.constant(site.inner("start\(level)"), [range.lowerBound]),
          graph.constant(site.inner("end\(level)"), [range.upperBound]),
        ], site, "level\(level)")
      let places = graph.second(
        "TopK",
        [part, graph.constant(site.inner("k\(level)"), [min(candidates, range.count)])], site,
        "top\(level)", ["axis": .int(0), "sorted": .int(1)])
      picked.append(
        graph.step(
          "Add", [places, graph.constant(site.inner("offset\(level)"), [range.lowerBound])], site,
          "places\(level)"))
    }
    let places =
      picked.count == 1
      ? picked[0] : graph.step("Concat", picked, site, "places", ["axis": .int(0)])
    return (
      graph.step("Gather", [scores, places], site, "best_scores"),
      graph.step("Gather", [differences, places], site, "best_differences"),
      graph.step("Gather", [anchors, places], site, "best_anchors")
    )
  }
}

extension BoxDecodeLayer: ONNXLowerable {
  package var isExact: Bool { true }

  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let (count, width) = (site.outputShape[0], site.outputShape[1])
    let differences = graph.step(
      "Reshape",
      [site.inputs[0], graph.constant(site.inner("groups"), [0, count, width / 4, 4])], site,
      "differences")
    let references: String
    if let anchors {
      references = graph.constant(
        site.inner("anchors"), Tensor<Float>([1, count, 1, 4], anchors.centresAndExtents))
    } else {
      let boxes = graph.step(
        "Reshape", [site.inputs[1], graph.constant(site.inner("quads"), [0, count, 1, 4])], site,
        "boxes")
      let low = graph.lastAxis(boxes, 0..<2, site, "low")
      let extent = graph.step(
        "Sub", [graph.lastAxis(boxes, 2..<4, site, "high"), low], site, "extent_of_boxes")
      let half = graph.step(
        "Mul", [extent, graph.constant(site.inner("half_of_boxes"), Tensor<Float>(0.5))], site,
        "half_of_extent")
      let centre = graph.step("Add", [low, half], site, "centre_of_boxes")
      references = graph.step("Concat", [centre, extent], site, "references", ["axis": .int(-1)])
    }
    let boxes = graph.decodedBoxes(
      differences, from: references, coder, height: imageHeight, width: imageWidth, site)
    return graph.add(
      "Reshape", [boxes, graph.constant(site.inner("shape"), [0, count, width])],
      output: site.name)
  }
}

extension AnchorGrid {
  /// The centre and the extent of every anchor, four numbers each.
  fileprivate var centresAndExtents: [Float] {
    boxes.flatMap { box in
      [(box.left + box.right) / 2, (box.top + box.bottom) / 2, box.width, box.height]
    }
  }
}

extension GraphLowering {
  /// A range of the last axis of a value.
  fileprivate mutating func lastAxis(
    _ value: String, _ range: Range<Int>, _ site: LoweringSite, _ name: String
  ) -> String {
    step(
      "Slice",
      [
        value, constant(site.inner("\(name)_from"), [range.lowerBound]),
        constant(site.inner("\(name)_to"), [range.upperBound]),
        constant(site.inner("\(name)_axis"), [-1]),
      ], site, name)
  }

  /// Boxes inside an image, of differences and of what they are from, as centres and extents; four
  /// numbers along the last axis of each.
  fileprivate mutating func decodedBoxes(
    _ differences: String, from references: String, _ coder: BoxCoder, height: Int, width: Int,
    _ site: LoweringSite
  ) -> String {
    func constant(_ name: String, _ value: Float) -> String {
      self.constant(site.inner(name), Tensor<Float>(value))
    }
    let centres = lastAxis(references, 0..<2, site, "reference_centre")
    let extents = lastAxis(references, 2..<4, site, "reference_extent")
    let move = step(
      "Div",
      [
        lastAxis(differences, 0..<2, site, "move"),
        constant("centre_weight", coder.centreWeight),
      ], site, "unweighted_move")
    let centre = step(
      "Add", [centres, step("Mul", [move, extents], site, "moved")], site, "centre")
    let growth = step(
      "Div",
      [
        lastAxis(differences, 2..<4, site, "growth"),
        constant("extent_weight", coder.extentWeight),
      ], site, "unweighted_growth")
    let bounded = step(
      "Min", [growth, constant("limit", BoxCoder.largestLogarithm)], site, "bounded")
    let extent = step(
      "Mul", [step("Exp", [bounded], site, "factor"), extents], site, "extent")
    let half = step("Mul", [extent, constant("half", 0.5)], site, "half_extent")
    let edges = step(
      "Concat",
      [
        step("Sub", [centre, half], site, "lower_edges"),
        step("Add", [centre, half], site, "upper_edges"),
      ], site, "edges", ["axis": .int(-1)])
    let above = step("Max", [edges, constant("zero", 0)], site, "above")
    let corner = [Float(width), Float(height)]
    let image = self.constant(site.inner("image"), Tensor<Float>([4], corner + corner))
    return step("Min", [above, image], site, "clamped")
  }
}

extension RegionAlignLayer: ONNXLowerable {
  package var isExact: Bool { true }

  /// Every box is looked up in every map and what is not its own is multiplied by 0: ONNX has no
  /// operator that chooses.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.fixBatch()
    let count = site.inputShapes[0][0]
    let channels = site.outputShape[3]
    let boxes = graph.step(
      "Reshape", [site.inputs[0], graph.constant(site.inner("quads"), [-1, 4])], site, "boxes")
    let images = graph.constant(site.inner("images"), [Int](repeating: 0, count: count))
    let maps = site.inputs.dropFirst().count
    let side = maps > 1 ? sides(of: boxes, site, into: &graph) : ""
    var parts: [String] = []
    for level in 0..<maps {
      let shape = site.inputShapes[level + 1]
      let across = Float(shape[1]) / Float(imageWidth)
      let down = Float(shape[0]) / Float(imageHeight)
      let scaled = graph.step(
        "Mul",
        [
          boxes,
          graph.constant(
            site.inner("scale\(level)"), Tensor<Float>([1, 4], [across, down, across, down])),
        ], site, "scaled\(level)")
      let grid = graph.step(
        "RoiAlign", [site.inputs[level + 1], scaled, images], site, "grid\(level)",
        [
          "output_height": .int(resolution), "output_width": .int(resolution),
          "sampling_ratio": .int(sampling), "spatial_scale": .float(1), "mode": .string("avg"),
          "coordinate_transformation_mode": .string("half_pixel"),
        ])
      guard maps > 1 else {
        parts.append(grid)
        break
      }
      let range = sides(levelCount: maps)[level]
      var conditions: [String] = []
      if range.lowerBound > 0 {
        let bound = graph.constant(
          site.inner("from\(level)"), Tensor<Float>(Float(range.lowerBound)))
        conditions.append(graph.step("GreaterOrEqual", [side, bound], site, "reaches\(level)"))
      }
      if range.upperBound.isFinite {
        let bound = graph.constant(
          site.inner("to\(level)"), Tensor<Float>(Float(range.upperBound)))
        conditions.append(graph.step("Less", [side, bound], site, "below\(level)"))
      }
      let isOwn =
        conditions.count == 1 ? conditions[0] : graph.step("And", conditions, site, "own\(level)")
      let share = graph.step("Cast", [isOwn], site, "share\(level)", ["to": .int(1)])
      parts.append(graph.step("Mul", [grid, share], site, "part\(level)"))
    }
    let sum = parts.count == 1 ? parts[0] : graph.step("Sum", parts, site, "sum")
    let lastChannels = graph.step(
      "Transpose", [sum], site, "channels_last", ["perm": .ints([0, 2, 3, 1])])
    return graph.add(
      "Reshape",
      [
        lastChannels,
        graph.constant(site.inner("shape"), [1, count, resolution, resolution, channels]),
      ], output: site.name)
  }

  /// The root of the area of every box, `[count, 1, 1, 1]`.
  private func sides(
    of boxes: String, _ site: LoweringSite, into graph: inout GraphLowering
  ) -> String {
    let (high, low) = (
      graph.lastAxis(boxes, 2..<4, site, "high"), graph.lastAxis(boxes, 0..<2, site, "low")
    )
    let extents = graph.step("Sub", [high, low], site, "extents")
    let area = graph.step(
      "ReduceProd", [extents, graph.constant(site.inner("across"), [1])], site, "area",
      ["keepdims": .int(1)])
    return graph.step(
      "Reshape",
      [
        graph.step("Sqrt", [area], site, "side"),
        graph.constant(site.inner("column"), [-1, 1, 1, 1]),
      ], site, "sides")
  }
}
