/// An activation function without parameters; the definitions are PyTorch's.
///
/// Convolution and linear kernels apply one in place as an epilogue; the raw values are the names
/// in checkpoints and recipes.
public enum Activation: String, Codable, CaseIterable, Hashable, Sendable {
  /// `max(x, 0)`.
  case relu
  /// `min(max(x, 0), 6)`.
  case relu6
  /// `λ x` above zero, `λ α (eˣ − 1)` below, with the constants of self-normalising networks.
  case selu
  /// `x · sigmoid(x)`.
  case silu
  /// `x · relu6(x + 3) / 6`.
  case hardSwish = "hard_swish"
  /// `relu6(x + 3) / 6`.
  case hardSigmoid = "hard_sigmoid"
  /// `x Φ(x)` with the normal distribution function through `erf`.
  case gelu
  /// The approximation of GELU through `tanh`.
  case geluTanh = "gelu_tanh"
  /// `1 / (1 + e⁻ˣ)`.
  case sigmoid
  /// The hyperbolic tangent.
  case tanh
  /// `log(1 + eˣ)`.
  case softplus
}
