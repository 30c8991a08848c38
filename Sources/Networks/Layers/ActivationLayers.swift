public import Autodiff
public import Tensors

/// An element-wise activation without attributes.
public struct ActivationLayer: Layer {
  /// `activation`.
  public static let kind = "activation"

  /// The function.
  public var activation: Activation

  /// Creates a layer.
  public init(_ activation: Activation) { self.activation = activation }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape { inputs[0] }

  /// Applies the function.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(Activate(activation), inputs)
  }
}

/// The magnitude of every element.
public struct AbsoluteLayer: Layer {
  /// `absolute`.
  public static let kind = "absolute"

  /// Creates a layer.
  public init() {}

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape { inputs[0] }

  /// Drops the signs.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    inputs[0].absolute()
  }
}

/// `x` where positive, `slope · x` elsewhere.
public struct LeakyReLULayer: Layer {
  /// `leaky_relu`.
  public static let kind = "leaky_relu"

  /// The factor of negative inputs.
  public var slope: Double

  /// Creates a layer.
  public init(slope: Double = 0.01) { self.slope = slope }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape { inputs[0] }

  /// Applies the function.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(LeakyReLU(slope: slope), inputs)
  }
}

/// `x` where positive, `alpha · (exp(x) − 1)` elsewhere.
public struct ELULayer: Layer {
  /// `elu`.
  public static let kind = "elu"

  /// The limit for large negative inputs, negated.
  public var alpha: Double

  /// Creates a layer.
  public init(alpha: Double = 1) { self.alpha = alpha }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape { inputs[0] }

  /// Applies the function.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(ELU(alpha: alpha), inputs)
  }
}

/// `x` where positive, a learned factor times `x` elsewhere.
public struct PReLULayer: Layer {
  /// `prelu`.
  public static let kind = "prelu"

  /// The number of factors: one for each channel of the last axis, or 1 for all.
  public var channels: Int

  /// Creates a layer.
  public init(_ channels: Int = 1) { self.channels = channels }

  /// `weight` `[channels]`.
  public var parameters: [ParameterSpecification] {
    [ParameterSpecification("weight", [channels], .offset, .constant(0.25))]
  }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard channels == 1 || (inputs[0].rank >= 1 && inputs[0][-1] == channels) else {
      throw .shape(expected: "\(channels) channels", found: inputs)
    }
    return inputs[0]
  }

  /// Applies the function.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(PReLU(), inputs + parameters)
  }
}

/// The softmax of the last axis.
public struct SoftmaxLayer: Layer {
  /// `softmax`.
  public static let kind = "softmax"

  /// Creates a layer.
  public init() {}

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape { inputs[0] }

  /// Applies the function.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(Softmax(), inputs)
  }
}

/// Drops values at random in training and scales up the rest; nothing in evaluation.
public struct DropoutLayer: Layer {
  /// `dropout`.
  public static let kind = "dropout"

  /// The probability that a value is dropped.
  public var rate: Double

  /// Creates a layer.
  public init(rate: Double) { self.rate = rate }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape { inputs[0] }

  /// Drops, in training.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    context.isTraining && rate > 0
      ? .apply(Dropout(rate: rate, seed: context.seed), inputs) : inputs[0]
  }
}

/// The input itself; a named place to cut or attach.
public struct IdentityLayer: Layer {
  /// `identity`.
  public static let kind = "identity"

  /// Creates a layer.
  public init() {}

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape { inputs[0] }

  /// Returns the input.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    inputs[0]
  }
}

/// `scale · x + shift` with constants, such as a rescaling of pixels.
public struct ScaleShiftLayer: Layer {
  /// `scale_shift`.
  public static let kind = "scale_shift"

  /// The factor.
  public var scale: Double
  /// The summand.
  public var shift: Double

  /// Creates a layer.
  public init(scale: Double, shift: Double = 0) {
    self.scale = scale
    self.shift = shift
  }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape { inputs[0] }

  /// Multiplies and adds.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    .apply(ScaleShift(scale: scale, shift: shift), inputs)
  }
}
