import Autodiff
import Tensors
import Testing

/// Makes the operation of a reference case from its attributes.
typealias ReferenceHandler = @Sendable (ReferenceCase) throws -> any Operation

/// The operations by their names in the committed file; a family adds its own list here.
enum ReferenceHandlers {
  static let all: [String: ReferenceHandler] = [
    elementwise, shaping, losses, convolutions, detection,
  ]
  .reduce(into: [:]) { all, family in all.merge(family) { first, _ in first } }

  private static let elementwise: [String: ReferenceHandler] = [
    "add": { _ in Add() },
    "subtract": { _ in Subtract() },
    "multiply": { _ in Multiply() },
    "divide": { _ in Divide() },
    "maximum": { _ in Maximum() },
    "minimum": { _ in Minimum() },
    "negate": { _ in Negate() },
    "scale_shift": { ScaleShift(scale: try $0.double("scale"), shift: try $0.double("shift")) },
    "exp": { _ in Exponential() },
    "log": { _ in Logarithm() },
    "sqrt": { _ in SquareRoot() },
    "abs": { _ in Absolute() },
    "power": { Power(exponent: try $0.double("exponent")) },
    "lower_bound": { LowerBound(try $0.double("bound")) },
    "factorized_bits": { _ in FactorizedBits() },
    "gaussian_bits": { _ in GaussianBits() },
    "clamp": { Clamp(lower: try $0.double("lower"), upper: try $0.double("upper")) },
    "activate": {
      Activate(try #require(Activation(rawValue: try $0.string("activation"))))
    },
    "leaky_relu": { LeakyReLU(slope: try $0.double("slope")) },
    "elu": { ELU(alpha: try $0.double("alpha")) },
    "prelu": { _ in PReLU() },
    "soft_assignment": { SoftAssignment(sharpness: try $0.double("sharpness")) },
    "softmax": { Softmax(axis: try $0.int("axis")) },
    "log_softmax": { LogSoftmax(axis: try $0.int("axis")) },
    "layer_norm": {
      LayerNorm(axisCount: try $0.int("axes"), epsilon: try $0.double("epsilon"))
    },
    "group_norm": {
      GroupNorm(groups: try $0.int("groups"), epsilon: try $0.double("epsilon"))
    },
  ]

  private static let shaping: [String: ReferenceHandler] = [
    "reshape": { Reshape(try $0.ints("dimensions")) },
    "flatten": { Flatten(fromAxis: try $0.int("axis")) },
    "transpose": { Transpose(try $0.ints("permutation")) },
    "concat": { Concatenate(axis: try $0.int("axis")) },
    "slice": {
      StridedSlice(
        zip(try $0.ints("starts"), try $0.ints("ends")).map { $0..<$1 },
        steps: try $0.ints("steps"))
    },
    "pad": {
      Pad(
        before: try $0.ints("before"), after: try $0.ints("after"),
        value: try $0.double("value"))
    },
    "gather_rows": {
      GatherRows(try $0.ints("indices").map { Int32($0) }, shape: Shape(try $0.ints("shape")))
    },
    "resize": {
      Resize(
        height: try $0.int("height"), width: try $0.int("width"),
        mode: try #require(ResizeMode(rawValue: try $0.string("mode"))))
    },
    "sum": { Sum(axes: try $0.ints("axes"), keepDimensions: try $0.bool("keep_dimensions")) },
    "mean": { Mean(axes: try $0.ints("axes"), keepDimensions: try $0.bool("keep_dimensions")) },
    "reduce_maximum": {
      ReduceMaximum(
        axes: try $0.ints("axes"), keepDimensions: try $0.bool("keep_dimensions"))
    },
    "reduce_minimum": {
      ReduceMinimum(
        axes: try $0.ints("axes"), keepDimensions: try $0.bool("keep_dimensions"))
    },
    "variance": {
      Variance(
        axes: try $0.ints("axes"), keepDimensions: try $0.bool("keep_dimensions"),
        correction: try $0.int("correction"))
    },
  ]

  private static let losses: [String: ReferenceHandler] = [
    "cross_entropy": {
      CrossEntropy(
        labels: try $0.ints("labels").map { Int32($0) },
        ignoreIndex: Int32(try $0.int("ignore_index")),
        labelSmoothing: try $0.double("label_smoothing"),
        classWeights: $0.attributes["class_weights"]?.numbers, reduction: try reduction($0))
    },
    "mse": { MeanSquaredError(reduction: try reduction($0)) },
    "l1": { MeanAbsoluteError(reduction: try reduction($0)) },
    "smooth_l1": { SmoothL1(beta: try $0.double("beta"), reduction: try reduction($0)) },
    "bce_with_logits": { BinaryCrossEntropy(reduction: try reduction($0)) },
    "kl_divergence": {
      KLDivergence(
        temperature: try $0.double("temperature"),
        scaledBySquaredTemperature: try $0.bool("scaled"), reduction: try reduction($0))
    },
  ]

  private static let detection: [String: ReferenceHandler] = [
    "focal_loss": {
      FocalLoss(
        labels: try $0.ints("labels").map { Int32($0) }, alpha: try $0.double("alpha"),
        gamma: try $0.double("gamma"))
    },
    "region_align": {
      let numbers = try #require($0.attributes["regions"]?.numbers)
      let regions = stride(from: 0, to: numbers.count, by: 6).map { start in
        FeatureRegion(
          image: Int(numbers[start]), level: Int(numbers[start + 1]), left: numbers[start + 2],
          top: numbers[start + 3], right: numbers[start + 4], bottom: numbers[start + 5])
      }
      return RegionAlign(
        regions, resolution: try $0.int("resolution"), sampling: try $0.int("sampling"))
    },
  ]

  private static func reduction(_ item: ReferenceCase) throws -> LossReduction {
    try #require(LossReduction(rawValue: try item.string("reduction")))
  }
}
