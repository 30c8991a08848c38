public import Tensors

/// The cross-entropy of logits along the last axis with integer labels; as PyTorch's
/// `cross_entropy`.
///
/// Any leading axes: a batch, or the pixels of a segmentation. The mean divides by the summed
/// weights of the labels that are not ignored, and is NaN if all are.
public struct CrossEntropy: Operation {
  /// The name `cross_entropy`.
  public static let name = "cross_entropy"

  /// The class of each row of logits, in row-major order.
  public let labels: [Int32]

  /// Rows with this label contribute neither loss nor gradient.
  public let ignoreIndex: Int32

  /// The share of the target distribution that is spread evenly over the classes.
  public let labelSmoothing: Double

  /// A weight for each class, or `nil` for equal weights.
  public let classWeights: [Double]?

  /// What becomes of the losses of the rows.
  public let reduction: LossReduction

  /// Creates the loss of labels.
  ///
  /// - Precondition: `labelSmoothing` in `0...1`.
  public init(
    labels: [Int32], ignoreIndex: Int32 = -100, labelSmoothing: Double = 0,
    classWeights: [Double]? = nil, reduction: LossReduction = .mean
  ) {
    precondition(
      (0...1).contains(labelSmoothing), "cross_entropy: label smoothing \(labelSmoothing)")
    self.labels = labels
    self.ignoreIndex = ignoreIndex
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
    self.reduction = reduction
  }

  /// Evaluates on logits `[..., classes]`, one label a row; a scalar, or `[...]` unreduced.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let x = single(inputs, Self.name)
    let classes = x.shape[-1]
    precondition(
      classes > 0 && x.count == labels.count * classes,
      "cross_entropy: \(labels.count) labels for logits \(x.shape)")
    precondition(
      labels.allSatisfy { $0 == ignoreIndex || ($0 >= 0 && Int($0) < classes) },
      "cross_entropy: a label is outside 0..<\(classes)")
    precondition(
      classWeights == nil || classWeights?.count == classes,
      "cross_entropy: \(classWeights?.count ?? 0) class weights for logits \(x.shape)")

    let kernel = CrossEntropyKernel(
      labels: labels, ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing,
      classWeights: classWeights)
    let leading = Shape(x.shape.dimensions.dropLast())
    var logSums = Tensor<Scalar>(leading) { _ in }
    let losses = x.withUnsafeBufferPointer { x in
      logSums.withUnsafeMutableBufferPointer { logSums in
        Tensor<Scalar>(leading) { losses in
          guard let x = x.baseAddress, let logSums = logSums.baseAddress,
            let losses = losses.baseAddress
          else { return }
          kernel.losses(x, classes: classes, into: losses, logSums: logSums)
        }
      }
    }
    let factor = reduction == .mean ? 1 / kernel.totalWeight : 1
    let value = reduction == .none ? losses : scaled(total(losses), by: factor)
    guard requiring[0] else { return Evaluation(value) }
    let reduced = reduction != .none
    return Evaluation(value) { [logSums] gradient in
      let scales = scaled(reduced ? gradient.broadcast(to: leading) : gradient, by: factor)
      let result = x.withUnsafeBufferPointer { x in
        logSums.withUnsafeBufferPointer { logSums in
          scales.withUnsafeBufferPointer { scales in
            Tensor<Scalar>(leading.appending(classes)) { target in
              guard let x = x.baseAddress, let logSums = logSums.baseAddress,
                let scales = scales.baseAddress, let target = target.baseAddress
              else { return }
              kernel.pullBack(x, logSums: logSums, scales: scales, classes: classes, into: target)
            }
          }
        }
      }
      return [result]
    }
  }
}

/// The sum of all elements, of rank 0.
func total<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  x.reduced(.sum, axes: Array(0..<x.shape.rank)).reshaped(to: [])
}
