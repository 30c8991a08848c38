public import Tensors

/// A parameter or statistic a layer owns: its name under the layer, its shape, its beginning.
public struct ParameterSpecification: Hashable, Sendable {
  /// What a tensor of a layer is for.
  public enum Role: Hashable, Sendable {
    /// Trained by gradient; weight decay usually applies.
    case weight
    /// Trained by gradient; added to an output, or a normalisation's scale.
    case offset
    /// Moved by the forward pass in training, never by a gradient.
    case statistic
  }

  /// The last part of the path, such as `weight`.
  public let name: String

  /// The shape in the engine's layout.
  public let shape: Shape

  /// What the tensor is for.
  public let role: Role

  /// How the tensor begins.
  public let initializer: Initializer

  /// Creates a specification.
  public init(_ name: String, _ shape: Shape, _ role: Role, _ initializer: Initializer) {
    self.name = name
    self.shape = shape
    self.role = role
    self.initializer = initializer
  }
}

/// How a parameter begins before training.
public enum Initializer: Hashable, Sendable {
  /// The same number everywhere.
  case constant(Double)
  /// Normal with variance `2 / fan`: He et al. 2015, https://arxiv.org/abs/1502.01852.
  case heNormal(fan: Int)
  /// Uniform in `±1 / √fan`, PyTorch's default for linear layers and biases.
  case uniform(fan: Int)
  /// Normal with a standard deviation.
  case normal(standardDeviation: Double)
  /// From one number to another in equal steps, in row-major order.
  case ladder(Double, Double)
  /// One number on the diagonal of a square matrix, another elsewhere.
  case diagonal(Double, elsewhere: Double)

  /// A tensor that begins this way.
  public func tensor(_ shape: Shape, using random: inout RandomSource) -> Tensor<Float> {
    switch self {
    case .constant(let value): Tensor(shape, repeating: Float(value))
    case .heNormal(let fan):
      random.normal(shape, standardDeviation: (2 / Double(max(fan, 1))).squareRoot())
    case .uniform(let fan):
      random.uniform(
        shape, in: -1 / Double(max(fan, 1)).squareRoot()...1 / Double(max(fan, 1)).squareRoot())
    case .diagonal(let value, let elsewhere):
      Tensor(
        shape,
        (0..<shape.elementCount).map {
          Float($0 / shape[1] == $0 % shape[1] ? value : elsewhere)
        })
    case .ladder(let first, let last):
      Tensor(
        shape,
        (0..<shape.elementCount).map {
          Float(first + (last - first) * Double($0) / Double(max(shape.elementCount - 1, 1)))
        })
    case .normal(let deviation): random.normal(shape, standardDeviation: deviation)
    }
  }
}
