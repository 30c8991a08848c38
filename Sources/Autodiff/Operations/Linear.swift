public import Tensors

/// An affine map of the last axis: `x · W + b`.
///
/// Inputs: `[…, inputFeatures]`, the weight `[inputFeatures, outputFeatures]`, and optionally the
/// bias `[outputFeatures]`. Value: `[…, outputFeatures]`.
public struct Linear: Operation {
  /// `linear`.
  public static let name = "linear"

  /// Creates the operation.
  public init() {}

  /// Multiplies and adds; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let input = inputs[0]
    let weight = inputs[1]
    let bias = inputs.count > 2 ? inputs[2] : nil
    precondition(
      input.shape.rank >= 1 && weight.shape.rank == 2 && input.shape[-1] == weight.shape[0],
      "linear: weight \(weight.shape) does not fit input \(input.shape)")
    let columns = weight.shape[1]
    precondition(
      bias.map { $0.shape == [columns] } ?? true,
      "linear: bias \(inputs.last?.shape ?? []) for \(columns) output features")
    let inner = weight.shape[0]
    let rows = input.count / max(inner, 1)
    let flat = input.reshaped(to: [rows, inner])
    var outputShape = input.shape
    outputShape[-1] = columns
    let inputShape = input.shape
    var product = matrixProduct(flat, weight)
    if let bias { product.addToEachRow(bias) }
    let value = product.reshaped(to: outputShape)
    guard requiring.contains(true) else { return Evaluation(value) }
    let weightForInput = requiring[0] ? weight : nil
    let inputForWeight = requiring[1] ? flat : nil
    let needsBias = requiring.count > 2 && requiring[2]
    let hasBias = bias != nil
    return Evaluation(value) { gradient in
      let upstream = gradient.reshaped(to: [rows, columns])
      var gradients: [Tensor<Scalar>?] = [
        weightForInput.map {
          matrixProduct(upstream, $0, transposeRight: true).reshaped(to: inputShape)
        },
        inputForWeight.map { matrixProduct($0, upstream, transposeLeft: true) },
      ]
      if hasBias { gradients.append(needsBias ? sumOverRows(upstream) : nil) }
      return gradients
    }
  }
}
