import Autodiff
import Tensors
import Testing

@Suite struct ReferenceTests {
  @Test(arguments: try ReferenceCase.all()) func valuesAndGradientsEqualThoseOfPyTorch(
    _ item: ReferenceCase
  ) throws {
    let handler = try #require(
      ReferenceHandlers.all[item.operation], "no handler for \(item.operation)")
    let evaluation = try handler(item).evaluate(
      item.inputs.map(\.tensor), requiring: item.gradients.map { $0 != nil })
    expectClose(evaluation.value, item.output, "value")
    for (own, expected) in zip(evaluation.auxiliary, item.auxiliary) {
      expectClose(own, expected, "auxiliary value")
    }
    // Batch normalisation also says of how many values its statistics are.
    let own = item.operation == BatchNormalization.name ? 1 : 0
    #expect(evaluation.auxiliary.count == item.auxiliary.count + own)
    let pullback = try #require(evaluation.pullback)
    let gradients = pullback(item.upstream.tensor)
    #expect(gradients.count == item.gradients.count)
    for (index, expected) in item.gradients.enumerated() {
      guard let expected else { continue }
      let gradient = try #require(gradients[index])
      expectClose(gradient, expected, "gradient of input \(index)")
    }
  }

  @Test func everyHandlerHasAReferenceCase() throws {
    let named = Set(try ReferenceCase.all().map(\.operation))
    #expect(Set(ReferenceHandlers.all.keys) == named)
  }

  /// Every operation is in the committed file, but those that PyTorch cannot say anything about:
  /// random numbers of the project's own, and an estimate instead of a gradient.
  @Test func everyOperationIsComparedWithPyTorch() {
    let names = Set(OperationCase.all.map { type(of: $0.operation).name })
    #expect(
      names.subtracting(ReferenceHandlers.all.keys)
        == ["dropout", "straight_through_replace", "straight_through_round"])
  }
}

/// Expects equal shapes and elements, within 10⁻⁵ of the element or of one.
func expectClose(
  _ tensor: Tensor<Float>, _ reference: ReferenceArray, _ what: Comment,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(tensor.shape == reference.shape, what, sourceLocation: sourceLocation)
  let worst = zip(tensor.scalars, reference.values).map { own, expected in
    own == expected ? 0 : (own - expected).magnitude / max(1, expected.magnitude)
  }
  #expect(worst.allSatisfy { $0 <= 1e-5 }, what, sourceLocation: sourceLocation)
}
