/// An element-wise function of two operands that broadcast against each other.
package enum BinaryFunction: Sendable {
  case add
  /// `max(a + b, 0)`.
  case addReLU
  case subtract
  case multiply
  case divide
  case maximum
  case minimum
  /// The share of the gradient of `max(a, b)` that goes to `a`: 1, 0, or ½ where they are equal.
  case maximumShare
  /// The share of the gradient of `min(a, b)` that goes to `a`: 1, 0, or ½ where they are equal.
  case minimumShare
  /// 1 where the operands are equal, 0 elsewhere.
  case equal

  /// The function of two tensors under PyTorch's broadcasting rules.
  ///
  /// - Precondition: the shapes broadcast against each other.
  package func applied<Scalar: TensorScalar>(
    _ a: Tensor<Scalar>, _ b: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    guard let shape = a.shape.broadcast(with: b.shape) else {
      preconditionFailure("\(self): \(a.shape) and \(b.shape) do not broadcast")
    }
    return a.withUnsafeBufferPointer { aBuffer in
      b.withUnsafeBufferPointer { bBuffer in
        Tensor(shape) { buffer in
          guard let aBase = aBuffer.baseAddress, let bBase = bBuffer.baseAddress,
            let base = buffer.baseAddress, buffer.count > 0
          else { return }
          let nest = LoopNest(
            shape, a.shape.strides(broadcastTo: shape), b.shape.strides(broadcastTo: shape),
            shape.strides)
          let (aStep, bStep, _) = nest.innerStrides
          nest.forEachRow(operationsPerElement: 1) { range, aOffset, bOffset, cOffset in
            combine(
              aBase + aOffset + range.lowerBound * aStep, step: aStep,
              bBase + bOffset + range.lowerBound * bStep, step: bStep,
              into: base + cOffset + range.lowerBound, count: range.count)
          }
        }
      }
    }
  }

  /// Combines two vectors, or a vector and an element repeated where the step is zero.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func combine<Scalar: TensorScalar>(
    _ a: UnsafePointer<Scalar>, step aStep: Int, _ b: UnsafePointer<Scalar>, step bStep: Int,
    into c: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    switch self {
    case .add: run(a, aStep, b, bStep, c, count) { $0 + $1 }
    case .addReLU:
      run(a, aStep, b, bStep, c, count) { a, b in
        let sum = a + b
        return sum < 0 ? 0 : sum
      }
    case .subtract: run(a, aStep, b, bStep, c, count) { $0 - $1 }
    case .multiply: run(a, aStep, b, bStep, c, count) { $0 * $1 }
    case .divide: run(a, aStep, b, bStep, c, count) { $0 / $1 }
    // A NaN in either operand wins, as in PyTorch.
    case .maximum: run(a, aStep, b, bStep, c, count) { a, b in a > b || a != a ? a : b }
    case .minimum: run(a, aStep, b, bStep, c, count) { a, b in a < b || a != a ? a : b }
    case .maximumShare:
      run(a, aStep, b, bStep, c, count) { a, b in (a > b ? 0.5 : 0) + (a >= b ? 0.5 : 0) }
    case .minimumShare:
      run(a, aStep, b, bStep, c, count) { a, b in (a < b ? 0.5 : 0) + (a <= b ? 0.5 : 0) }
    case .equal: run(a, aStep, b, bStep, c, count) { a, b in a == b ? 1 : 0 }
    }
  }
}

@inline(__always)
private func run<Scalar: TensorScalar>(
  _ a: UnsafePointer<Scalar>, _ aStep: Int, _ b: UnsafePointer<Scalar>, _ bStep: Int,
  _ c: UnsafeMutablePointer<Scalar>, _ count: Int, _ function: (Scalar, Scalar) -> Scalar
) {
  if bStep == 0 {
    let repeated = b.pointee
    mapElements(a, into: c, count: count) { function($0, repeated) }
  } else if aStep == 0 {
    let repeated = a.pointee
    mapElements(b, into: c, count: count) { function(repeated, $0) }
  } else {
    mapElements(a, b, into: c, count: count, function)
  }
}
