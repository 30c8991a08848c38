public import Tensors

/// The matrix product over the last two axes, with equal leading axes.
///
/// Inputs: `[…, m, k]` and `[…, k, n]`, each optionally given transposed. Value: `[…, m, n]`.
public struct MatrixMultiplication: Operation {
  /// `matmul`.
  public static let name = "matmul"

  /// Whether the left operand is given as `[…, k, m]`.
  public var transposeLeft: Bool
  /// Whether the right operand is given as `[…, n, k]`.
  public var transposeRight: Bool

  /// Creates the operation.
  public init(transposeLeft: Bool = false, transposeRight: Bool = false) {
    self.transposeLeft = transposeLeft
    self.transposeRight = transposeRight
  }

  /// Multiplies; see the type for the shapes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let left = inputs[0]
    let right = inputs[1]
    let rank = left.shape.rank
    precondition(
      rank >= 2 && right.shape.rank == rank
        && left.shape.dimensions.dropLast(2) == right.shape.dimensions.dropLast(2),
      "matmul: \(left.shape) and \(right.shape) must agree in all but the last two axes")
    let batch = left.shape.product(0..<rank - 2)
    func stacked(_ tensor: Tensor<Scalar>) -> Tensor<Scalar> {
      tensor.reshaped(to: [batch, tensor.shape[-2], tensor.shape[-1]])
    }
    func product(
      _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ transposeA: Bool, _ transposeB: Bool,
      _ shape: Shape
    ) -> Tensor<Scalar> {
      batchedMatrixProduct(
        a, b, transposeLeft: transposeA, transposeRight: transposeB, shape: shape)
    }
    let a = stacked(left)
    let b = stacked(right)
    var shape = left.shape
    shape[-2] = left.shape[transposeLeft ? -1 : -2]
    shape[-1] = right.shape[transposeRight ? -2 : -1]
    let value = product(a, b, transposeLeft, transposeRight, shape)
    guard requiring.contains(true) else { return Evaluation(value) }
    let rightForLeft = requiring[0] ? b : nil
    let leftForRight = requiring[1] ? a : nil
    let leftShape = left.shape
    let rightShape = right.shape
    return Evaluation(value) { [transposeLeft, transposeRight] gradient in
      let upstream = stacked(gradient)
      return [
        rightForLeft.map {
          transposeLeft
            ? product($0, upstream, transposeRight, true, leftShape)
            : product(upstream, $0, false, !transposeRight, leftShape)
        },
        leftForRight.map {
          transposeRight
            ? product(upstream, $0, true, transposeLeft, rightShape)
            : product($0, upstream, !transposeLeft, false, rightShape)
        },
      ]
    }
  }
}
