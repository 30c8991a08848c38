public import Tensors

/// Limits the length of the gradient of all parameters together.
public enum GradientClipping {
  /// The Euclidean norm of all gradients as one vector, accumulated in Double.
  ///
  /// It is the same for any number of threads; infinite or NaN if a gradient is.
  public static func norm(of gradients: [Tensor<Float>?]) -> Double {
    gradients.reduce(0) { sum, gradient in sum + (gradient?.sumOfSquares() ?? 0) }.squareRoot()
  }

  /// Scales all gradients in place so that their norm is at most a maximum, as PyTorch's
  /// `clip_grad_norm_`: by `maximum / (norm + 1e-6)` where that is below 1.
  ///
  /// - Returns: the norm before clipping. If it is infinite or NaN, the gradients are unchanged,
  ///   and the caller must not take a step with them.
  /// - Precondition: the maximum is above 0.
  @discardableResult
  public static func clipByNorm(
    _ gradients: inout [Tensor<Float>?], maximum: Double
  ) -> Double {
    precondition(maximum > 0, "clipByNorm: a maximum of \(maximum)")
    let norm = norm(of: gradients)
    let factor = maximum / (norm + 1e-6)
    guard norm.isFinite, factor < 1 else { return norm }
    for index in gradients.indices { gradients[index]?.scale(by: Float(factor)) }
    return norm
  }
}
