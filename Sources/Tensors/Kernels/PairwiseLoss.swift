/// A loss between a prediction and a target, element by element; PyTorch's definitions.
package enum PairwiseLoss: Sendable {
  /// `(p − t)²`.
  case squared
  /// `|p − t|`.
  case absolute
  /// `(p − t)² / 2β` where the difference is below β, `|p − t| − β/2` elsewhere.
  case smoothAbsolute(beta: Double)
  /// The cross-entropy of a logit `p` with a probability `t`.
  case binaryCrossEntropy

  /// The loss of every element.
  package func losses<Scalar: TensorScalar>(
    _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    prediction.mapChunks(with: target) { losses($0, $1, into: $2, count: $3) }
  }

  /// The derivative by the prediction of every element's loss.
  package func derivatives<Scalar: TensorScalar>(
    _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    prediction.mapChunks(with: target) { derivatives($0, $1, into: $2, count: $3) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func losses<Scalar: TensorScalar>(
    _ p: UnsafePointer<Scalar>, _ t: UnsafePointer<Scalar>,
    into losses: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    switch self {
    case .squared: mapElements(p, t, into: losses, count: count) { ($0 - $1) * ($0 - $1) }
    case .absolute: mapElements(p, t, into: losses, count: count) { ($0 - $1).magnitude }
    case .smoothAbsolute(let beta):
      let beta = Scalar(beta)
      mapElements(p, t, into: losses, count: count) { p, t in
        let distance = (p - t).magnitude
        return distance < beta ? distance * distance / (2 * beta) : distance - beta / 2
      }
    case .binaryCrossEntropy:
      mapElements(p, t, into: losses, count: count) { p, t in
        let positive = p > 0 ? p : 0
        return positive - p * t + Scalar.kernelLogOnePlus(Scalar.kernelExp(-p.magnitude))
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func derivatives<Scalar: TensorScalar>(
    _ p: UnsafePointer<Scalar>, _ t: UnsafePointer<Scalar>,
    into derivatives: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    switch self {
    case .squared: mapElements(p, t, into: derivatives, count: count) { 2 * ($0 - $1) }
    case .absolute: mapElements(p, t, into: derivatives, count: count) { sign($0 - $1) }
    case .smoothAbsolute(let beta):
      let beta = Scalar(beta)
      mapElements(p, t, into: derivatives, count: count) { p, t in
        let difference = p - t
        return difference.magnitude < beta ? difference / beta : sign(difference)
      }
    case .binaryCrossEntropy:
      mapElements(p, t, into: derivatives, count: count) { logistic($0) - $1 }
    }
  }
}

/// 1, 0 or −1 by the sign of a number.
@inline(__always)
private func sign<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
  let negative: Scalar = x < 0 ? -1 : 0
  return x > 0 ? 1 : negative
}
