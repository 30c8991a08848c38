import Autodiff
import Boxes
import Networks
import Tensors
import Testing

@Suite struct RegionLayerTests {
  private let anchors = AnchorGrid(
    levels: [.init(height: 2, width: 2), .init(height: 1, width: 1)], imageHeight: 16,
    imageWidth: 16, scale: 1, ratios: [1])

  private func proposals(
    _ layer: ProposalLayer, scores: [Float], differences: [Float]? = nil
  ) -> [[Float]] {
    var context = LayerContext<Float>(isTraining: false, seed: 0)
    let batch = scores.count / 5
    let value = layer.evaluate(
      [
        Variable(Tensor([batch, 5, 1], scores)),
        Variable(
          differences.map { Tensor([batch, 5, 4], $0) } ?? Tensor([batch, 5, 4], repeating: 0)),
      ], parameters: [], context: &context
    ).value.scalars
    return stride(from: 0, to: value.count, by: 4).map { Array(value[$0..<$0 + 4]) }
  }

  @Test func theBestBoxesComeFirstAndEmptyOnesFill() {
    let layer = ProposalLayer(anchors: anchors, count: 4, candidates: 2, threshold: 0.7)
    // Two of the four places of the first level are candidates, and the one of the second.
    #expect(
      proposals(layer, scores: [1, 5, 3, 2, 4]) == [
        [8, 0, 16, 8], [0, 0, 16, 16], [0, 8, 8, 16], [0, 0, 0, 0],
      ])
    let one = ProposalLayer(anchors: anchors, count: 1)
    #expect(
      proposals(one, scores: [1, 5, 3, 2, 4, 9, 0, 0, 0, 0]) == [[8, 0, 16, 8], [0, 0, 8, 8]])
  }

  @Test func overlapsGoAndBoxesEndAtTheImage() {
    let layer = ProposalLayer(anchors: anchors, count: 2, threshold: 0.5)
    // The second place is moved onto the first, and the third half out of the image.
    let differences: [Float] = [
      0, 0, 0, 0, -1, 0, 0, 0, -0.5, 0, 0, 0, 0, 0, -9, -9, 0, 0, -9, -9,
    ]
    #expect(
      proposals(layer, scores: [5, 4, 3, 0, -1], differences: differences) == [
        [0, 0, 8, 8], [0, 8, 4, 16],
      ])
  }

  /// Scores and differences learn from what becomes of them elsewhere, not through the choice.
  @Test func noGradientPassesTheChoice() {
    var context = LayerContext<Float>(isTraining: true, seed: 0)
    let scores = Variable(Tensor<Float>([1, 5, 1], [1, 2, 3, 4, 5]), requiresGradient: true)
    let boxes = ProposalLayer(anchors: anchors, count: 2).evaluate(
      [scores, Variable(Tensor([1, 5, 4], repeating: 0))], parameters: [], context: &context)
    (boxes.sum() + scores.sum()).backward()
    #expect(scores.gradient?.scalars == [1, 1, 1, 1, 1])
  }

  @Test func boxesAreLookedUpInTheMapOfTheirSize() {
    let layer = RegionAlignLayer(
      imageHeight: 16, imageWidth: 16, resolution: 1, coarserFrom: 8)
    #expect(layer.sides(levelCount: 3) == [0..<8, 8..<16, 16..<(.infinity)])
    var context = LayerContext<Float>(isTraining: false, seed: 0)
    let boxes = Tensor<Float>([1, 3, 4], [0, 0, 7.9, 7.9, 0, 0, 8, 8, 4, 4, 4, 4])
    let value = layer.evaluate(
      [
        Variable(boxes), Variable(Tensor([1, 4, 4, 1], repeating: 1)),
        Variable(Tensor([1, 2, 2, 1], repeating: 2)),
      ], parameters: [], context: &context
    ).value
    #expect(value.shape == [1, 3, 1, 1, 1])
    for (found, expected) in zip(value.scalars, [1, 2, 1]) {
      #expect(abs(Double(found) - Double(expected)) < 1e-6)
    }
  }

  @Test func shapesThatDoNotFitAreRefused() {
    let layer = ProposalLayer(anchors: anchors, count: 2)
    #expect(throws: LayerError.self) { try layer.outputShape([[5, 1], [4, 4]]) }
    let align = RegionAlignLayer(imageHeight: 16, imageWidth: 16)
    #expect(throws: LayerError.self) { try align.outputShape([[5, 4], [4, 4, 2], [2, 2, 3]]) }
    #expect(throws: LayerError.self) { try align.outputShape([[5, 3], [4, 4, 2]]) }
    let decode = BoxDecodeLayer(imageHeight: 16, imageWidth: 16)
    #expect(throws: LayerError.self) { try decode.outputShape([[5, 8], []]) }
    #expect(throws: LayerError.self) { try decode.outputShape([[5, 6], [5, 4]]) }
    #expect(throws: LayerError.self) {
      try BoxDecodeLayer(anchors: anchors).outputShape([[4, 4]])
    }
    // Attributes that a file may claim.
    for damaged in [
      RegionAlignLayer(imageHeight: 0, imageWidth: 16),
      RegionAlignLayer(imageHeight: 16, imageWidth: 16, resolution: 0),
      RegionAlignLayer(imageHeight: 16, imageWidth: 16, sampling: 1 << 20),
      RegionAlignLayer(imageHeight: 16, imageWidth: 16, coarserFrom: -1),
    ] { #expect(throws: LayerError.self) { try damaged.outputShape([[5, 4], [4, 4, 2]]) } }
    #expect(throws: LayerError.self) {
      try ProposalLayer(anchors: anchors, count: 0).outputShape([[5, 1], [5, 4]])
    }
  }
}
