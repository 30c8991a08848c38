internal import Networks
internal import Tensors

// ONNX's `ceil_mode` counts windows and divisors differently from version to version and from the
// engine. What a last window hangs over is written as padding instead, which means the same to
// every reader.

/// The padding of a pool: what the layer asks for, and what its last windows hang over by.
private struct PoolEdges {
  let stated: EdgePadding
  let overhang: Extent2D

  init(
    _ site: LoweringSite, _ kernel: Extent2D, _ stride: Extent2D, _ padding: Padding
  ) {
    let input = site.inputShapes[0]
    let stated = padding.resolved(for: input, kernel: kernel, stride: stride)
    func overhang(_ extent: Int, _ count: Int, _ kernel: Int, _ stride: Int) -> Int {
      max(0, (count - 1) * stride + kernel - extent)
    }
    self.stated = stated
    self.overhang = Extent2D(
      height: overhang(
        input[0] + stated.top + stated.bottom, site.outputShape[0], kernel.height, stride.height),
      width: overhang(
        input[1] + stated.left + stated.right, site.outputShape[1], kernel.width, stride.width))
  }

  var all: EdgePadding {
    EdgePadding(
      top: stated.top, bottom: stated.bottom + overhang.height, left: stated.left,
      right: stated.right + overhang.width)
  }
}

extension MaxPoolLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let edges = PoolEdges(site, kernel, stride, padding)
    return graph.add(
      "MaxPool", [site.input], output: site.name,
      [
        "kernel_shape": .ints(kernel.list), "strides": .ints(stride.list),
        "pads": .ints(edges.all.list),
      ])
  }
}

extension AveragePoolLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let edges = PoolEdges(site, kernel, stride, padding)
    var input = site.input
    var pads = edges.all
    var countsPads = countsPadding
    if edges.overhang.area + edges.overhang.height + edges.overhang.width > 0, countsPadding {
      // Stated padding counts in the mean, what hangs over does not.
      if !edges.stated.isNone {
        let amounts = graph.constant(
          site.inner("pads"),
          [0, 0, edges.stated.top, edges.stated.left]
            + [0, 0, edges.stated.bottom, edges.stated.right])
        input = graph.add(
          "Pad", [input, amounts], output: graph.unique(site.inner("padded")),
          ["mode": .string("constant")])
      }
      pads = EdgePadding(
        top: 0, bottom: edges.overhang.height, left: 0, right: edges.overhang.width)
      countsPads = false
    }
    return graph.add(
      "AveragePool", [input], output: site.name,
      [
        "kernel_shape": .ints(kernel.list), "strides": .ints(stride.list),
        "pads": .ints(pads.list), "count_include_pad": .int(countsPads ? 1 : 0),
      ])
  }
}

extension GlobalAveragePoolLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    guard !keepsDimensions else {
      return graph.add("GlobalAveragePool", [site.input], output: site.name)
    }
    let pooled = graph.add(
      "GlobalAveragePool", [site.input], output: graph.unique(site.inner("pooled")))
    return graph.add("Flatten", [pooled], output: site.name, ["axis": .int(1)])
  }
}
