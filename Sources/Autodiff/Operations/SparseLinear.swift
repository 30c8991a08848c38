public import Tensors

/// An affine map of the last axis by a matrix whose entries lie where a pattern says; nothing is
/// computed or kept for the places where there are none.
///
/// Inputs: `[…, inputs]`, the entries `[entries]` in the pattern's order, and optionally the bias
/// `[outputs]`. Value: `[…, outputs]`.
public struct SparseLinear: Operation {
  /// `sparse_linear`.
  public static let name = "sparse_linear"

  /// Where the entries lie.
  public let pattern: SparsePattern

  /// Creates the operation.
  public init(_ pattern: SparsePattern) { self.pattern = pattern }

  /// Multiplies and adds; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (input, weight) = (inputs[0], inputs[1])
    let bias = inputs.count > 2 ? inputs[2] : nil
    precondition(
      input.shape.rank >= 1 && input.shape[-1] == pattern.inputCount
        && weight.shape == [pattern.entryCount]
        && bias.map { $0.shape == [pattern.outputCount] } ?? true,
      "sparse_linear: \(inputs.map(\.shape)) for \(pattern.inputCount) inputs, "
        + "\(pattern.outputCount) outputs and \(pattern.entryCount) entries")
    let inputShape = input.shape
    var outputShape = inputShape
    outputShape[-1] = pattern.outputCount
    let samples = input.count / pattern.inputCount
    guard requiring.contains(true) else {
      // A sample alone has nothing beside it to fill vectors with.
      if samples == 1 {
        return Evaluation(
          pattern.vectorProduct(input, weight, bias: bias).reshaped(to: outputShape))
      }
      return Evaluation(
        pattern.product(tiled(input, pattern.inputCount, samples), weight)
          .samples(adding: bias).reshaped(to: outputShape))
    }
    let tiles = tiled(input, pattern.inputCount, samples)
    let value = pattern.product(tiles, weight).samples(adding: bias).reshaped(to: outputShape)
    let weightForInput = requiring[0] ? weight : nil
    let inputForWeight = requiring[1] ? tiles : nil
    let needsBias = requiring.count > 2 && requiring[2]
    let hasBias = bias != nil
    return Evaluation(value) { [pattern] gradient in
      let upstream = tiled(gradient, pattern.outputCount, samples)
      var gradients: [Tensor<Scalar>?] = [
        weightForInput.map {
          pattern.product(upstream, $0, isTransposed: true).samples().reshaped(to: inputShape)
        },
        inputForWeight.map { pattern.weightGradient(input: $0, upstream: upstream) },
      ]
      if hasBias {
        gradients.append(
          needsBias
            ? sumOverRows(gradient.reshaped(to: [samples, pattern.outputCount])) : nil)
      }
      return gradients
    }
  }

  private func tiled<Scalar: TensorScalar>(
    _ tensor: Tensor<Scalar>, _ features: Int, _ samples: Int
  ) -> TiledSamples<Scalar> {
    TiledSamples(
      tensor, features: features,
      tile: SparsePattern.tile(
        features: max(pattern.inputCount, pattern.outputCount), samples: samples))
  }
}
