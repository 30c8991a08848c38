public import Tensors

/// `(p − t)²`; as PyTorch's `mse_loss`.
public struct MeanSquaredError: Operation {
  /// The name `mse`.
  public static let name = "mse"

  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .mean) { self.reduction = reduction }

  /// Evaluates on `[prediction, target]` of one shape; a scalar, or that shape unreduced.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    PairwiseLoss.squared.evaluate(inputs, requiring: requiring, reduction, name: Self.name)
  }
}

/// `|p − t|`; as PyTorch's `l1_loss`.
public struct MeanAbsoluteError: Operation {
  /// The name `l1`.
  public static let name = "l1"

  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .mean) { self.reduction = reduction }

  /// Evaluates on `[prediction, target]` of one shape; a scalar, or that shape unreduced.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    PairwiseLoss.absolute.evaluate(inputs, requiring: requiring, reduction, name: Self.name)
  }
}

/// `(p − t)² / 2β` for differences below β, `|p − t| − β/2` above; as PyTorch's `smooth_l1_loss`.
public struct SmoothL1: Operation {
  /// The name `smooth_l1`.
  public static let name = "smooth_l1"

  /// Where the parabola meets the line.
  public let beta: Double

  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates the loss.
  ///
  /// - Precondition: `beta` is positive.
  public init(beta: Double = 1, reduction: LossReduction = .mean) {
    precondition(beta > 0, "smooth_l1: beta \(beta)")
    self.beta = beta
    self.reduction = reduction
  }

  /// Evaluates on `[prediction, target]` of one shape; a scalar, or that shape unreduced.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    PairwiseLoss.smoothAbsolute(beta: beta).evaluate(
      inputs, requiring: requiring, reduction, name: Self.name)
  }
}

/// The cross-entropy of logits with probabilities, element by element; as PyTorch's
/// `binary_cross_entropy_with_logits`.
public struct BinaryCrossEntropy: Operation {
  /// The name `bce_with_logits`.
  public static let name = "bce_with_logits"

  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .mean) { self.reduction = reduction }

  /// Evaluates on `[logits, probabilities]` of one shape; a scalar, or that shape unreduced.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    PairwiseLoss.binaryCrossEntropy.evaluate(
      inputs, requiring: requiring, reduction, name: Self.name)
  }
}

extension PairwiseLoss {
  /// Value and pullback of the reduced loss.
  fileprivate func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool], _ reduction: LossReduction, name: String
  ) -> Evaluation<Scalar> {
    let (prediction, target) = pair(inputs, name)
    precondition(
      prediction.shape == target.shape,
      "\(name): prediction \(prediction.shape) and target \(target.shape)")
    let losses = losses(prediction, target)
    let factor = reduction == .mean ? 1 / Double(losses.count) : 1
    let value = reduction == .none ? losses : scaled(total(losses), by: factor)
    guard requiring.contains(true) else { return Evaluation(value) }
    let targetRequired = requiring[1]
    let predictionRequired = requiring[0]
    return Evaluation(value) { gradient in
      let scale = scaled(gradient, by: factor)
      func part(_ derivative: Tensor<Scalar>) -> Tensor<Scalar> {
        BinaryFunction.multiply.applied(derivative, scale)
      }
      let slope =
        predictionRequired || !isBinaryCrossEntropy
        ? part(derivatives(prediction, target)) : nil
      var targetGradient: Tensor<Scalar>?
      if targetRequired {
        // The others depend on p − t alone; binary cross-entropy is linear in t with slope −p.
        targetGradient = isBinaryCrossEntropy ? negated(part(prediction)) : slope.map(negated)
      }
      return [predictionRequired ? slope : nil, targetGradient]
    }
  }

  private var isBinaryCrossEntropy: Bool {
    if case .binaryCrossEntropy = self { true } else { false }
  }
}
