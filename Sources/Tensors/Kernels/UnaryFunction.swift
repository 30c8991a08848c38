internal import RealModule

/// What a function of one operand needs in order to compute its gradient.
package enum Retention: Sendable {
  case nothing
  case input
  case output
}

/// An element-wise function of one operand; Double attributes are converted to the scalar type.
package enum UnaryFunction: Sendable {
  /// `scale · x + shift`.
  case affine(scale: Double, shift: Double)
  case exponential
  case logarithm
  case squareRoot
  case absolute
  case power(Double)
  case clamp(lower: Double, upper: Double)
  case leakyReLU(slope: Double)
  /// `x` above zero, `α (eˣ − 1)` below.
  case elu(alpha: Double)
  /// The nearest integer, halves to even; its pullback passes the gradient through.
  case straightThroughRound
  case activation(Activation)

  /// What ``pulledBack(_:retained:)`` needs besides the gradient.
  package var retention: Retention {
    switch self {
    case .affine, .straightThroughRound: .nothing
    case .exponential, .squareRoot, .elu: .output
    case .logarithm, .absolute, .power, .clamp: .input
    case .leakyReLU(let slope): slope >= 0 ? .output : .input
    case .activation(let activation): activation.retention
    }
  }

  /// The function of every element.
  package func applied<Scalar: TensorScalar>(to x: Tensor<Scalar>) -> Tensor<Scalar> {
    x.mapChunks { source, target, count in apply(source, into: target, count: count) }
  }

  /// The gradient of the operand, given that of the value and what ``retention`` names.
  package func pulledBack<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, retained: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    if case .straightThroughRound = self { return gradient }
    return gradient.mapChunks(with: retained) { gradient, retained, target, count in
      pullBack(gradient, retained: retained, into: target, count: count)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func apply<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    switch self {
    case .affine(let scale, let shift):
      let (scale, shift) = (Scalar(scale), Scalar(shift))
      mapElements(x, into: y, count: count) { scale * $0 + shift }
    case .exponential: mapElements(x, into: y, count: count) { Scalar.kernelExp($0) }
    case .logarithm: mapElements(x, into: y, count: count) { Scalar.log($0) }
    case .squareRoot: mapElements(x, into: y, count: count) { $0.squareRoot() }
    case .absolute: mapElements(x, into: y, count: count) { $0.magnitude }
    case .power(let exponent):
      if exponent == 2 {
        mapElements(x, into: y, count: count) { $0 * $0 }
      } else {
        mapElements(x, into: y, count: count) { raised($0, exponent) }
      }
    case .clamp(let lower, let upper):
      let (lower, upper) = (Scalar(lower), Scalar(upper))
      mapElements(x, into: y, count: count) { clamped($0, lower, upper) }
    case .leakyReLU(let slope):
      let slope = Scalar(slope)
      mapElements(x, into: y, count: count) { $0 > 0 ? $0 : slope * $0 }
    case .elu(let alpha):
      let alpha = Scalar(alpha)
      mapElements(x, into: y, count: count) { exponentialLinear($0, alpha) }
    case .straightThroughRound:
      mapElements(x, into: y, count: count) { $0.rounded(.toNearestOrEven) }
    case .activation(let activation): activation.apply(x, into: y, count: count)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func pullBack<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, retained: UnsafePointer<Scalar>,
    into dx: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    switch self {
    case .affine(let scale, _):
      let scale = Scalar(scale)
      mapElements(g, into: dx, count: count) { scale * $0 }
    case .exponential: mapElements(g, retained, into: dx, count: count) { $0 * $1 }
    case .logarithm: mapElements(g, retained, into: dx, count: count) { $0 / $1 }
    case .squareRoot: mapElements(g, retained, into: dx, count: count) { $0 / (2 * $1) }
    case .absolute:
      mapElements(g, retained, into: dx, count: count) { g, x in
        let notPositive = x < 0 ? -g : 0
        return x > 0 ? g : notPositive
      }
    case .power(let exponent):
      if exponent == 2 {
        mapElements(g, retained, into: dx, count: count) { 2 * $0 * $1 }
      } else if exponent == 0 {
        mapElements(g, into: dx, count: count) { _ in 0 }
      } else {
        let factor = Scalar(exponent)
        mapElements(g, retained, into: dx, count: count) { $0 * factor * raised($1, exponent - 1) }
      }
    case .clamp(let lower, let upper):
      let (lower, upper) = (Scalar(lower), Scalar(upper))
      mapElements(g, retained, into: dx, count: count) { g, x in
        (x <= upper ? g : 0) * (x >= lower ? 1 : 0)
      }
    case .leakyReLU(let slope):
      let slope = Scalar(slope)
      mapElements(g, retained, into: dx, count: count) { $1 > 0 ? $0 : slope * $0 }
    case .elu(let alpha):
      let alpha = Scalar(alpha)
      mapElements(g, retained, into: dx, count: count) { g, y in y > 0 ? g : g * (y + alpha) }
    case .straightThroughRound: dx.update(from: g, count: count)
    case .activation(let activation):
      activation.pullBack(g, retained: retained, into: dx, count: count)
    }
  }
}

/// `x` to a constant power; as in C, a negative base has a value only for whole exponents.
@inline(__always)
private func raised<Scalar: TensorScalar>(_ x: Scalar, _ exponent: Double) -> Scalar {
  if let whole = Int(exactly: exponent) { return Scalar.pow(x, whole) }
  if exponent == 0.5 { return x.squareRoot() }
  return Scalar.pow(x, Scalar(exponent))
}
