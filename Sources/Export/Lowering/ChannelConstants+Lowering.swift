internal import Networks
internal import Tensors

extension ChannelScaleShiftLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.scaleShift(site, scale: scale, shift: shift)
  }
}

extension StandardizeLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let (scale, shift) = factors(site.parameters)
    return graph.scaleShift(site, scale: scale, shift: shift)
  }
}

extension GraphLowering {
  /// Appends a product and a sum with constants, one for each channel or one for all.
  fileprivate mutating func scaleShift(
    _ site: LoweringSite, scale: [Double], shift: [Double]
  ) -> String {
    let shape = scale.count == 1 ? [1] : site.inputLayout.channelBroadcast
    let factors = constant(site.inner("scale"), Tensor(shape, scale.map { Float($0) }))
    let summands = constant(site.inner("shift"), Tensor(shape, shift.map { Float($0) }))
    let scaled = step("Mul", [site.input, factors], site, "scaled")
    return add("Add", [scaled, summands], output: site.name)
  }
}
