public import Tensors

/// The focal loss of logits whose classes are questions of their own, summed: cross-entropy that
/// counts the less, the surer the right answer is, `−α (1 − p)^γ log p`.
///
/// As torchvision's `sigmoid_focal_loss` with the reduction `sum`. Source: Lin and others 2017,
/// https://arxiv.org/abs/1708.02002, equation 5.
public struct FocalLoss: Operation {
  /// The name `focal_loss`.
  public static let name = "focal_loss"

  /// The label of rows that are background: none of the classes.
  public static let background: Int32 = -1

  /// The label of rows that do not count.
  public static let ignored: Int32 = -2

  /// The class of each row of logits, ``background`` or ``ignored``.
  public let labels: [Int32]

  /// The weight of the class that is there; the others weigh the rest to 1.
  public let alpha: Double

  /// How fast sure answers lose their weight.
  public let gamma: Double

  /// Creates the loss of labels.
  ///
  /// - Precondition: `alpha` in `0...1`, `gamma` at least 0.
  public init(labels: [Int32], alpha: Double = 0.25, gamma: Double = 2) {
    precondition((0...1).contains(alpha) && gamma >= 0, "focal_loss: α \(alpha), γ \(gamma)")
    self.labels = labels
    self.alpha = alpha
    self.gamma = gamma
  }

  /// Evaluates on logits `[..., classes]`, one label a row; a scalar.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let x = single(inputs, Self.name)
    let classes = x.shape[-1]
    precondition(
      x.count == labels.count * classes,
      "focal_loss: \(labels.count) labels for logits \(x.shape)")
    precondition(
      labels.allSatisfy { $0 >= Self.ignored && Int($0) < classes },
      "focal_loss: a label is outside 0..<\(classes)")
    let kernel = FocalLossKernel(labels: labels, classes: classes, alpha: alpha, gamma: gamma)
    let sum = x.withUnsafeBufferPointer { x in x.baseAddress.map { kernel.sum($0) } ?? 0 }
    let value = Tensor<Scalar>(Scalar(sum))
    guard requiring[0] else { return Evaluation(value) }
    return Evaluation(value) { gradient in
      [
        x.withUnsafeBufferPointer { x in
          Tensor<Scalar>(inputs[0].shape) { result in
            guard let x = x.baseAddress, let result = result.baseAddress else { return }
            kernel.derivatives(x, factor: gradient.item, into: result)
          }
        }
      ]
    }
  }
}
