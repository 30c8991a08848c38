public import Tensors

/// How much each value belongs to each of several centres: `softmax_j(−σ |x − c_j|)`.
///
/// Source: soft quantisation of SemanticNN, https://arxiv.org/abs/2511.11038.
public struct SoftAssignment: Operation {
  /// The name `soft_assignment`.
  public static let name = "soft_assignment"

  /// σ: the larger, the more of a value belongs to its nearest centre.
  public let sharpness: Double

  /// Creates the operation.
  public init(sharpness: Double = 1) { self.sharpness = sharpness }

  /// Evaluates on values of any shape and `[centres]`; the result has the centres as its last axis.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (values, centers) = pair(inputs, Self.name)
    precondition(
      centers.shape.rank == 1 && centers.count > 0, "soft_assignment: centres of \(centers.shape)")
    let levels = centers.count
    let sharpness = Scalar(sharpness)
    let distances = values.withUnsafeBufferPointer { x in
      centers.withUnsafeBufferPointer { c in
        Tensor<Scalar>(Shape(values.shape.dimensions + [levels])) { target in
          guard let target = target.baseAddress else { return }
          for index in 0..<x.count {
            for level in 0..<levels {
              (target + index * levels + level).initialize(
                to: -sharpness * (x[index] - c[level]).magnitude)
            }
          }
        }
      }
    }
    let shares = softmaxRows(distances, logarithm: false)
    guard requiring.contains(true) else { return Evaluation(shares) }
    return Evaluation(shares) { gradient in
      var ofCenters = Tensor<Scalar>(centers.shape, repeating: 0)
      let ofValues = ofCenters.withUnsafeMutableBufferPointer { ofCenters in
        Tensor<Scalar>(requiring[0] ? values.shape : [0]) { ofValues in
          SoftAssignment.pullBack(
            gradient, shares: shares, values: values, centers: centers, sharpness: sharpness,
            intoValues: requiring[0] ? ofValues.baseAddress : nil,
            intoCenters: requiring[1] ? ofCenters.baseAddress : nil)
        }
      }
      return [requiring[0] ? ofValues : nil, requiring[1] ? ofCenters : nil]
    }
  }

  /// Adds to the gradient of the centres, and sets that of the values.
  private static func pullBack<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, shares: Tensor<Scalar>, values: Tensor<Scalar>,
    centers: Tensor<Scalar>, sharpness: Scalar, intoValues: UnsafeMutablePointer<Scalar>?,
    intoCenters: UnsafeMutablePointer<Scalar>?
  ) {
    gradient.withUnsafeBufferPointer { g in
      shares.withUnsafeBufferPointer { a in
        values.withUnsafeBufferPointer { x in
          centers.withUnsafeBufferPointer { c in
            for index in 0..<x.count {
              let start = index * c.count
              var mean: Scalar = 0
              for level in 0..<c.count { mean += g[start + level] * a[start + level] }
              var sum: Scalar = 0
              for level in 0..<c.count {
                // ∂(−σ|x − c|)/∂x, and the same with the other sign for c.
                let difference = x[index] - c[level]
                let slope: Scalar = difference > 0 ? -sharpness : difference < 0 ? sharpness : 0
                let flow = a[start + level] * (g[start + level] - mean) * slope
                sum += flow
                if let intoCenters { intoCenters[level] -= flow }
              }
              if let intoValues { (intoValues + index).initialize(to: sum) }
            }
          }
        }
      }
    }
  }
}
