// x: the input, y: the output, g: the gradient of the output.

extension Activation {
  /// What the gradient is computed from.
  package var retention: Retention {
    switch self {
    case .relu, .relu6, .selu, .hardSigmoid, .sigmoid, .tanh: .output
    case .silu, .hardSwish, .gelu, .geluTanh, .softplus: .input
    }
  }

  /// Applies the activation to contiguous elements in the calling thread; `y` may be `x`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func apply<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    switch self {
    case .relu: mapElements(x, into: y, count: count) { $0 < 0 ? 0 : $0 }
    case .relu6: mapElements(x, into: y, count: count) { clamped($0, 0, 6) }
    case .selu:
      mapElements(x, into: y, count: count) {
        Scalar(SELUConstants.scale) * exponentialLinear($0, Scalar(SELUConstants.alpha))
      }
    case .silu: mapElements(x, into: y, count: count) { $0 * logistic($0) }
    case .hardSwish:
      mapElements(x, into: y, count: count) { $0 * clamped($0 + 3, 0, 6) / 6 }
    case .hardSigmoid: mapElements(x, into: y, count: count) { clamped($0 + 3, 0, 6) / 6 }
    case .gelu: mapElements(x, into: y, count: count) { $0 * normalDistribution($0) }
    case .geluTanh:
      mapElements(x, into: y, count: count) { $0 * (1 + Scalar.kernelTanh(tanhArgument($0))) / 2 }
    case .sigmoid: mapElements(x, into: y, count: count) { logistic($0) }
    case .tanh: mapElements(x, into: y, count: count) { Scalar.kernelTanh($0) }
    case .softplus:
      mapElements(x, into: y, count: count) {
        ($0 > 0 ? $0 : 0) + Scalar.kernelLogOnePlus(Scalar.kernelExp(-abs($0)))
      }
    }
  }

  /// Applies the activation in place to contiguous elements in the calling thread.
  package func apply<Scalar: TensorScalar>(
    inPlace y: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    apply(UnsafePointer(y), into: y, count: count)
  }

  /// Multiplies a gradient by the derivative, which follows from what ``retention`` names; `dx`
  /// may be `g`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func pullBack<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, retained: UnsafePointer<Scalar>,
    into dx: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    switch self {
    case .relu: mapElements(g, retained, into: dx, count: count) { $1 > 0 ? $0 : 0 }
    case .relu6:
      mapElements(g, retained, into: dx, count: count) { g, y in
        // A product rather than nested conditions, which would become branches.
        (y > 0 ? g : 0) * (y < 6 ? 1 : 0)
      }
    case .selu:
      mapElements(g, retained, into: dx, count: count) { g, y in
        let scale = Scalar(SELUConstants.scale)
        return g * (y > 0 ? scale : y + scale * Scalar(SELUConstants.alpha))
      }
    case .silu:
      mapElements(g, retained, into: dx, count: count) { g, x in
        let s = logistic(x)
        return g * s * (1 + x * (1 - s))
      }
    case .hardSwish:
      mapElements(g, retained, into: dx, count: count) { g, x in
        let inside = g * (x / 3 + 1 / 2)
        let below = x < 3 ? inside : g
        return x > -3 ? below : 0
      }
    case .hardSigmoid:
      mapElements(g, retained, into: dx, count: count) { g, y in
        (y > 0 ? g : 0) * (y < 1 ? 1 / 6 : 0)
      }
    case .gelu:
      mapElements(g, retained, into: dx, count: count) { g, x in
        let density = Scalar.kernelExp(-x * x / 2) * Scalar(0.398_942_280_401_432_7)
        return g * (normalDistribution(x) + x * density)
      }
    case .geluTanh:
      mapElements(g, retained, into: dx, count: count) { g, x in
        let t = Scalar.kernelTanh(tanhArgument(x))
        let slope = Scalar(tanhScale) * (1 + 3 * Scalar(tanhCubic) * x * x)
        return g * ((1 + t) / 2 + x * (1 - t * t) * slope / 2)
      }
    case .sigmoid: mapElements(g, retained, into: dx, count: count) { $0 * $1 * (1 - $1) }
    case .tanh: mapElements(g, retained, into: dx, count: count) { $0 * (1 - $1 * $1) }
    case .softplus: mapElements(g, retained, into: dx, count: count) { $0 * logistic($1) }
    }
  }
}

/// The constants for which activations keep zero mean and unit variance: Klambauer et al.,
/// "Self-Normalizing Neural Networks" (2017), equation 14, https://arxiv.org/abs/1706.02515.
enum SELUConstants {
  static let scale = 1.050_700_987_355_480_5
  static let alpha = 1.673_263_242_354_377_2
}

/// `√(2/π)` and the cubic coefficient of the approximation of GELU.
private let tanhScale = 0.797_884_560_802_865_4
private let tanhCubic = 0.044_715

@inline(__always)
private func tanhArgument<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
  Scalar(tanhScale) * (x + Scalar(tanhCubic) * x * x * x)
}

@inline(__always)
private func normalDistribution<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
  (1 + Scalar.kernelErf(x * Scalar(0.707_106_781_186_547_5))) / 2
}

/// The logistic function, exact at both ends: an infinite exponential gives zero.
@inline(__always)
func logistic<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { 1 / (1 + Scalar.kernelExp(-x)) }

/// `x` above zero, `α (eˣ − 1)` below: the sum of both, one of them zero, without a branch.
@inline(__always)
func exponentialLinear<Scalar: TensorScalar>(_ x: Scalar, _ alpha: Scalar) -> Scalar {
  (x < 0 ? 0 : x) + alpha * Scalar.kernelExpMinusOne(x < 0 ? x : 0)
}

/// A number held between two others; NaN stays NaN.
@inline(__always)
func clamped<Scalar: TensorScalar>(_ x: Scalar, _ lower: Scalar, _ upper: Scalar) -> Scalar {
  let raised = x < lower ? lower : x
  return raised > upper ? upper : raised
}
