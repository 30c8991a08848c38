public import Autodiff
public import Codecs
public import Tensors

/// The values of a sample brought to a mean square of one: `x √n / ‖x‖`.
///
/// Source: SemanticNN, https://arxiv.org/abs/2511.11038.
public struct PowerNormalizationLayer: Layer {
  /// `power_norm`.
  public static let kind = "power_norm"

  /// Added to the mean square, so that a sample of zeros stays one.
  static let leastPower = 1e-12

  /// Creates a layer.
  public init() {}

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape { inputs[0] }

  /// Normalises.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let x = inputs[0]
    let power = (x * x).mean(axes: Array(1..<x.shape.rank), keepDimensions: true)
    return x / (power + PowerNormalizationLayer.leastPower).squareRoot()
  }
}

/// The nearest of a few learned centres, and in training what a noisy channel makes of its index.
///
/// With a second input, the signal-to-noise ratio of each sample in decibels, the index goes through a
/// binary channel in training, and the value is the centre that arrives. What is deployed does the same
/// with bytes. Source: soft quantisation of SemanticNN, https://arxiv.org/abs/2511.11038: the value is
/// that of the nearest centre, the gradient that of `Σ_j c_j softmax_j(−σ |x − c_j|)`.
public struct SoftQuantizerLayer: Layer {
  /// `soft_quantizer`.
  public static let kind = "soft_quantizer"

  /// What the gradient is that of.
  public enum Gradient: String, Codable, CaseIterable, Sendable {
    /// Of the mean of all centres by how near they are; centres learn.
    case soft
    /// Of the value itself within the centres' range; centres do not learn. So are the authors' networks
    /// trained that are published.
    case straightThrough = "straight_through"
  }

  /// How many centres there are.
  public var levels: Int
  /// σ: the larger, the more the gradient is that of the nearest centre.
  public var sharpness: Double
  /// What the gradient is that of.
  public var gradient: Gradient
  /// How an index is written in bits.
  public var mapping: CenterQuantizer.Mapping
  /// What errors hit in training.
  public var errors: IndexErrors.Kind
  /// How many bits the channel stays bad on average in training; 1 for independent errors.
  public var burstLength: Double

  /// The farthest centres in the beginning; values have a mean square of one.
  private static let farthestCenter = 2.0

  /// Creates a layer.
  public init(
    levels: Int = 8, sharpness: Double = 1, gradient: Gradient = .soft,
    mapping: CenterQuantizer.Mapping = .binary, errors: IndexErrors.Kind = .bits,
    burstLength: Double = 1
  ) {
    self.levels = levels
    self.sharpness = sharpness
    self.gradient = gradient
    self.mapping = mapping
    self.errors = errors
    self.burstLength = burstLength
  }

  /// Values, and the signal-to-noise ratio if the channel is noisy in training.
  public var inputCount: ClosedRange<Int> { 1...2 }

  /// `centers` `[levels]`, in any order.
  public var parameters: [ParameterSpecification] {
    let farthest = SoftQuantizerLayer.farthestCenter
    return [ParameterSpecification("centers", [levels], .offset, .ladder(-farthest, farthest))]
  }

  /// The first input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard CenterQuantizer.levelRange.contains(levels) else {
      throw .shape(expected: "2 to 256 levels, not \(levels)", found: inputs)
    }
    guard inputs.count < 2 || inputs[1].elementCount == 1 else {
      throw .shape(expected: "values and one signal-to-noise ratio", found: inputs)
    }
    return inputs[0]
  }

  /// Quantises.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let quantizer = CenterQuantizer(
      parameters[0].value.scalars.map { Float($0) }, mapping: mapping)
    let x = inputs[0]
    let values = (x.value as? Tensor<Float>) ?? x.value.converted(to: Float.self)
    var codes = quantizer.nearest(to: values)
    if context.isTraining, inputs.count > 1 {
      damage(
        &codes, decibels: inputs[1].value.scalars.map { Double($0) }, bits: quantizer.bits,
        seed: context.seed)
    }
    let received = quantizer.values(of: codes, shape: values.shape)
    let estimate: Variable<Scalar>
    switch gradient {
    case .soft:
      let shares = Variable.apply(SoftAssignment(sharpness: sharpness), [x, parameters[0]])
      estimate = (shares * parameters[0]).sum(axes: [-1])
    case .straightThrough:
      estimate = x.clamped(
        Double(quantizer.centers[0]), Double(quantizer.centers[levels - 1]))
    }
    return .apply(StraightThroughReplace(received), [estimate])
  }

  /// Sends the indices of each sample through a channel of its own.
  private func damage(_ codes: inout [UInt8], decibels: [Double], bits: Int, seed: UInt64) {
    let length = codes.count / max(decibels.count, 1)
    codes.withUnsafeMutableBufferPointer { codes in
      for (row, ratio) in decibels.enumerated() {
        var source = RandomSource(seed: seed, purpose: "bit errors", index: row)
        let channel = BitErrors(decibels: ratio, burstLength: burstLength)
        IndexErrors(channel, kind: errors).corrupt(
          UnsafeMutableBufferPointer(rebasing: codes[row * length..<(row + 1) * length]),
          bits: bits, using: &source)
      }
    }
  }
}
