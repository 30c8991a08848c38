/// The focal loss of logits `[rows, classes]`, each class a question of its own.
package struct FocalLossKernel: Sendable {
  private let labels: [Int32]
  private let classes: Int
  private let alpha: Double
  private let gamma: Double

  /// Creates the kernel: a label a row, −1 for background and below it for rows that do not count.
  package init(labels: [Int32], classes: Int, alpha: Double, gamma: Double) {
    self.labels = labels
    self.classes = classes
    self.alpha = alpha
    self.gamma = gamma
  }

  /// The sum of all losses.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func sum<Scalar: TensorScalar>(_ x: UnsafePointer<Scalar>) -> Double {
    var sum = 0.0
    for (row, label) in labels.enumerated() where label >= -1 {
      for column in 0..<classes {
        let isLabel = Int(label) == column
        let logit = x[row * classes + column]
        let (right, wrong) = logarithms(isLabel ? logit : -logit)
        let share = Scalar.kernelExp(Scalar(gamma) * wrong)
        sum -= (isLabel ? alpha : 1 - alpha) * Double(share * right)
      }
    }
    return sum
  }

  /// The derivatives of the sum, times a factor.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func derivatives<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, factor: Scalar, into result: UnsafeMutablePointer<Scalar>
  ) {
    nonisolated(unsafe) let (x, result) = (x, result)
    let grain = max(1, elementGrain / max(classes * 8, 1))
    ThreadPool.current.forEachChunk(of: labels.count, grain: grain) { range in
      for row in range {
        let label = labels[row]
        for column in 0..<classes {
          let index = row * classes + column
          guard label >= -1 else {
            result[index] = 0
            continue
          }
          let isLabel = Int(label) == column
          let (right, wrong) = logarithms(isLabel ? x[index] : -x[index])
          let share = Scalar.kernelExp(Scalar(gamma) * wrong)
          let slope =
            Scalar(gamma) * share * Scalar.kernelExp(right) * right
            - share * Scalar.kernelExp(wrong)
          let weight = Scalar(isLabel ? alpha : 1 - alpha) * factor
          result[index] = isLabel ? weight * slope : -weight * slope
        }
      }
    }
  }

  /// The logarithms of the probabilities of being right and wrong, of the logit of being right.
  @inline(__always)
  private func logarithms<Scalar: TensorScalar>(_ logit: Scalar) -> (Scalar, Scalar) {
    let rest = Scalar.kernelLogOnePlus(Scalar.kernelExp(-logit.magnitude))
    return logit > 0 ? (-rest, -logit - rest) : (logit - rest, -rest)
  }
}
