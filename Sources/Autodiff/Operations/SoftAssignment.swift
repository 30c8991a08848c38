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
          SoftAssignment.distances(x, to: c, sharpness: sharpness, into: target)
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

  /// Sets `−σ |x − c|` of every value and centre.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func distances<Scalar: TensorScalar>(
    _ values: UnsafeBufferPointer<Scalar>, to centers: UnsafeBufferPointer<Scalar>,
    sharpness: Scalar, into result: UnsafeMutableBufferPointer<Scalar>
  ) {
    guard var target = result.baseAddress else { return }
    for value in values {
      for center in centers {
        target.initialize(to: -sharpness * (value - center).magnitude)
        target += 1
      }
    }
  }

  /// Adds to the gradient of the centres, and sets that of the values.
  private static func pullBack<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, shares: Tensor<Scalar>, values: Tensor<Scalar>,
    centers: Tensor<Scalar>, sharpness: Scalar, intoValues: UnsafeMutablePointer<Scalar>?,
    intoCenters: UnsafeMutablePointer<Scalar>?
  ) {
    gradient.withUnsafeBufferPointer { gradient in
      shares.withUnsafeBufferPointer { shares in
        values.withUnsafeBufferPointer { values in
          centers.withUnsafeBufferPointer { centers in
            pullBack(
              gradient, shares, values, centers, sharpness: sharpness, intoValues: intoValues,
              intoCenters: intoCenters)
          }
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func pullBack<Scalar: TensorScalar>(
    _ gradient: UnsafeBufferPointer<Scalar>, _ shares: UnsafeBufferPointer<Scalar>,
    _ values: UnsafeBufferPointer<Scalar>, _ centers: UnsafeBufferPointer<Scalar>,
    sharpness: Scalar, intoValues: UnsafeMutablePointer<Scalar>?,
    intoCenters: UnsafeMutablePointer<Scalar>?
  ) {
    for index in 0..<values.count {
      let start = index * centers.count
      var mean: Scalar = 0
      for level in 0..<centers.count { mean += gradient[start + level] * shares[start + level] }
      var sum: Scalar = 0
      for level in 0..<centers.count {
        // ∂(−σ|x − c|)/∂x, and the same with the other sign for c.
        let difference = values[index] - centers[level]
        let slope: Scalar = difference > 0 ? -sharpness : difference < 0 ? sharpness : 0
        let flow = shares[start + level] * (gradient[start + level] - mean) * slope
        sum += flow
        if let intoCenters { intoCenters[level] -= flow }
      }
      if let intoValues { (intoValues + index).initialize(to: sum) }
    }
  }
}
