public import Tensors

/// `exp(x) / Σ exp(x)` along an axis.
public struct Softmax: Operation {
  /// The name `softmax`.
  public static let name = "softmax"

  /// The axis whose elements sum to one; negative counts from the end.
  public let axis: Int

  /// Creates the operation; the last axis is the fast one.
  public init(axis: Int = -1) { self.axis = axis }

  /// Evaluates on one input of rank at least 1.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    evaluateSoftmax(
      single(inputs, Self.name), axis: axis, logarithm: false, requiring: requiring[0])
  }
}

/// `x − log Σ exp(x)` along an axis.
public struct LogSoftmax: Operation {
  /// The name `log_softmax`.
  public static let name = "log_softmax"

  /// The axis whose exponentials sum to one; negative counts from the end.
  public let axis: Int

  /// Creates the operation; the last axis is the fast one.
  public init(axis: Int = -1) { self.axis = axis }

  /// Evaluates on one input of rank at least 1.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    evaluateSoftmax(
      single(inputs, Self.name), axis: axis, logarithm: true, requiring: requiring[0])
  }
}

private func evaluateSoftmax<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, axis: Int, logarithm: Bool, requiring: Bool
) -> Evaluation<Scalar> {
  let axis = x.shape.resolve(axis)
  // Another axis than the last changes places with it and back; the swap is its own inverse.
  var swap = Array(0..<x.shape.rank)
  swap.swapAt(axis, x.shape.rank - 1)
  func swapped(_ tensor: Tensor<Scalar>) -> Tensor<Scalar> {
    axis == tensor.shape.rank - 1 ? tensor : tensor.transposed(swap)
  }
  let rows = softmaxRows(swapped(x), logarithm: logarithm)
  let value = swapped(rows)
  guard requiring else { return Evaluation(value) }
  return Evaluation(value) { gradient in
    let gradient = swapped(gradient)
    let result = gradient.withUnsafeBufferPointer { g in
      rows.withUnsafeBufferPointer { y in
        Tensor<Scalar>(rows.shape) { target in
          guard let g = g.baseAddress, let y = y.baseAddress, let target = target.baseAddress
          else { return }
          let columns = rows.shape[-1]
          SoftmaxKernel.pullBack(
            g, y: y, into: target, rows: rows.count / max(columns, 1), columns: columns,
            logarithm: logarithm)
        }
      }
    }
    return [swapped(result)]
  }
}

/// The softmax along the last axis, or its logarithm.
func softmaxRows<Scalar: TensorScalar>(_ x: Tensor<Scalar>, logarithm: Bool) -> Tensor<Scalar> {
  let columns = x.shape[-1]
  return x.withUnsafeBufferPointer { source in
    Tensor(x.shape) { target in
      guard let source = source.baseAddress, let target = target.baseAddress, x.count > 0
      else { return }
      SoftmaxKernel.rows(
        source, into: target, rows: x.count / columns, columns: columns, logarithm: logarithm)
    }
  }
}
