public import Tensors

/// The divergence of a student's distribution from a teacher's, both softened by a temperature:
/// the distillation loss.
///
/// `KL(softmax(t / τ) ‖ softmax(s / τ))` of each row of logits along the last axis; the mean is
/// over rows, PyTorch's `kl_div` with `batchmean` where the only leading axis is the batch.
public struct KLDivergence: Operation {
  /// The name `kl_divergence`.
  public static let name = "kl_divergence"

  /// The temperature τ that logits are divided by.
  public let temperature: Double

  /// Whether the loss is multiplied by τ², so that gradients keep their size as τ grows.
  ///
  /// Hinton, Vinyals and Dean (2015), section 2, https://arxiv.org/abs/1503.02531.
  public let scaledBySquaredTemperature: Bool

  /// What becomes of the losses of the rows.
  public let reduction: LossReduction

  /// Creates the loss.
  ///
  /// - Precondition: a positive temperature.
  public init(
    temperature: Double = 1, scaledBySquaredTemperature: Bool = true,
    reduction: LossReduction = .mean
  ) {
    precondition(temperature > 0, "kl_divergence: temperature \(temperature)")
    self.temperature = temperature
    self.scaledBySquaredTemperature = scaledBySquaredTemperature
    self.reduction = reduction
  }

  /// Evaluates on logits `[student, teacher]`, `[..., classes]` each; a scalar, or `[...]`
  /// unreduced.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let (student, teacher) = pair(inputs, Self.name)
    precondition(
      student.shape == teacher.shape && student.shape.rank >= 1,
      "kl_divergence: student \(student.shape) and teacher \(teacher.shape)")
    let shape = student.shape
    let leading = Shape(shape.dimensions.dropLast())
    let softness = 1 / temperature
    let studentLogs = softmaxRows(scaled(student, by: softness), logarithm: true)
    let teacherLogs = softmaxRows(scaled(teacher, by: softness), logarithm: true)
    let probabilities = UnaryFunction.exponential.applied(to: teacherLogs)
    let difference = BinaryFunction.subtract.applied(teacherLogs, studentLogs)
    let rows = BinaryFunction.multiply.applied(probabilities, difference)
      .reduced(.sum, axes: [-1])
    let factor =
      (scaledBySquaredTemperature ? temperature * temperature : 1)
      / (reduction == .mean ? Double(leading.elementCount) : 1)
    let value = scaled(
      reduction == .none ? rows.reshaped(to: leading) : total(rows), by: factor)
    guard requiring.contains(true) else { return Evaluation(value) }
    let studentKept = requiring[0] ? studentLogs : nil
    let differenceKept = requiring[1] ? difference : nil
    let reduced = reduction != .none
    return Evaluation(value) { gradient in
      let scale = scaled(gradient, by: factor * softness)
        .reshaped(to: reduced ? [] : leading.appending(1))
      return [
        // softmax(s / τ) − softmax(t / τ)
        studentKept.map { logs in
          BinaryFunction.multiply.applied(
            BinaryFunction.subtract.applied(
              UnaryFunction.exponential.applied(to: logs), probabilities), scale)
        },
        // p (log p − log q − KL)
        differenceKept.map { difference in
          BinaryFunction.multiply.applied(
            BinaryFunction.multiply.applied(
              probabilities, BinaryFunction.subtract.applied(difference, rows)), scale)
        },
      ]
    }
  }
}
