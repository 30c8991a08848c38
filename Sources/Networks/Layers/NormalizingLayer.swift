internal import Autodiff
public import Tensors

/// A normalization that may scale and shift what it normalized.
///
/// A network from elsewhere may do without either; such a layer then owns no parameter for it.
public protocol NormalizingLayer: Layer {
  /// Whether there is a learned scale, the parameter `weight`.
  var hasScale: Bool { get }

  /// Whether there is a learned shift, the parameter `bias`.
  var hasShift: Bool { get }

  /// The shape of scale and shift.
  var scaleShape: Shape { get }
}

extension NormalizingLayer {
  /// The scale and the shift, those the layer has.
  var scaleAndShift: [ParameterSpecification] {
    (hasScale ? [ParameterSpecification("weight", scaleShape, .offset, .constant(1))] : [])
      + (hasShift ? [ParameterSpecification("bias", scaleShape, .offset, .constant(0))] : [])
  }

  /// The layer's parameters with ones for a scale and zeros for a shift it does without.
  package func completed(_ parameters: [Tensor<Float>]) -> [Tensor<Float>] {
    completed(parameters) { Tensor(scaleShape, repeating: $0) }
  }

  /// The layer's parameters with ones for a scale and zeros for a shift it does without.
  func completed<Scalar: TensorScalar>(_ parameters: [Variable<Scalar>]) -> [Variable<Scalar>] {
    completed(parameters) { Variable(Tensor(scaleShape, repeating: Scalar($0))) }
  }

  private func completed<Value>(_ parameters: [Value], constant: (Float) -> Value) -> [Value] {
    var result = parameters
    if !hasScale { result.insert(constant(1), at: 0) }
    if !hasShift { result.insert(constant(0), at: 1) }
    return result
  }
}

/// The keys under which a graph says that a normalization does without scale or shift.
enum NormalizingKey: String, CodingKey {
  case hasScale
  case hasShift
}

extension NormalizingLayer {
  /// Reads whether there are a scale and a shift; both unless the graph says otherwise.
  static func scaleAndShift(from decoder: any Decoder) throws -> (scale: Bool, shift: Bool) {
    let container = try decoder.container(keyedBy: NormalizingKey.self)
    return (
      try container.decodeIfPresent(Bool.self, forKey: .hasScale) ?? true,
      try container.decodeIfPresent(Bool.self, forKey: .hasShift) ?? true
    )
  }

  /// Writes what the layer does without, and nothing for a layer with scale and shift.
  func encodeScaleAndShift(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: NormalizingKey.self)
    if !hasScale { try container.encode(false, forKey: .hasScale) }
    if !hasShift { try container.encode(false, forKey: .hasShift) }
  }
}
