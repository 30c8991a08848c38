public import Autodiff
public import Tensors

/// One kind of node in a network: a value that holds its attributes and knows its own shapes,
/// parameters, cost and computation.
///
/// Shapes are per sample: the batch axis is left out. A layer is added to the project by
/// conforming to this protocol and adding one line to ``LayerRegistry``.
public protocol Layer: Codable, Hashable, Sendable {
  /// The name of the kind in files and messages, such as `conv2d`.
  static var kind: String { get }

  /// How many inputs the layer takes.
  var inputCount: ClosedRange<Int> { get }

  /// The parameters and statistics the layer owns, in the order ``evaluate`` takes them.
  var parameters: [ParameterSpecification] { get }

  /// The shape of the output for the shapes of the inputs, without the batch axis.
  ///
  /// - Throws: ``LayerError`` if the inputs do not fit.
  func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape

  /// The multiply-accumulate operations for one sample; 0 for layers without matrix products.
  func multiplyAccumulates(inputs: [Shape], output: Shape) -> Int

  /// The bytes that are stored to say where parameters belong, such as the places of a sparse
  /// matrix's entries; 0 unless a layer says otherwise.
  var structureBytes: Int { get }

  /// Computes the output for a batch.
  ///
  /// - Parameters:
  ///   - inputs: one tensor for each input, `[batch] + shape`.
  ///   - parameters: the tensors of ``parameters``, in order.
  func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar>
}

extension Layer {
  /// One input, unless a layer says otherwise.
  public var inputCount: ClosedRange<Int> { 1...1 }

  /// No parameters, unless a layer says otherwise.
  public var parameters: [ParameterSpecification] { [] }

  /// None, unless a layer says otherwise.
  public var structureBytes: Int { 0 }

  /// No matrix products, unless a layer says otherwise.
  public func multiplyAccumulates(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// A layer that can apply an activation to its output while the output is still in the cache.
public protocol ActivatedLayer: Layer {
  /// Applied to the output, last of all.
  var activation: Activation? { get set }
}

/// What a layer may know about the pass it is evaluated in, and what it leaves behind.
public struct LayerContext<Scalar: TensorScalar> {
  /// Whether the layer behaves as in training: batch statistics, dropout.
  public let isTraining: Bool

  /// Random bits that belong to this layer in this step.
  public let seed: UInt64

  /// Whether a layer that is a model of its values says how many bits they take.
  public var measuresBits: Bool

  /// Where a convolution keeps forms of its weight between passes, if the network is frozen.
  package var frozen: FrozenKernels?

  /// The rest of the batch, if other processes hold it and its statistics are wanted.
  public var reduction: (any BatchReduction)?

  /// New values of the layer's statistics, by the index of the parameter.
  public private(set) var statistics: [(index: Int, value: Tensor<Scalar>)] = []

  /// The bits of the layer's values by its own model of them, `[batch]`.
  public private(set) var bits: Variable<Scalar>?

  /// Creates the context of one layer in one pass.
  ///
  /// - Parameter measuresBits: as in training unless given.
  public init(isTraining: Bool, seed: UInt64, measuresBits: Bool? = nil) {
    self.isTraining = isTraining
    self.seed = seed
    self.measuresBits = measuresBits ?? isTraining
  }

  /// Leaves the bits of the layer's values, `[batch]`.
  public mutating func record(bits: Variable<Scalar>) { self.bits = bits }

  /// Leaves a new value for the statistic at an index of the layer's parameters.
  public mutating func record(_ value: Tensor<Scalar>, at index: Int) {
    statistics.append((index, value))
  }
}

/// Why a layer cannot take its inputs.
public enum LayerError: Error, Equatable, CustomStringConvertible {
  /// The number of inputs is wrong.
  case inputCount(expected: ClosedRange<Int>, found: Int)
  /// A shape does not fit.
  case shape(expected: String, found: [Shape])

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .inputCount(let expected, let found):
      let bounds =
        expected.lowerBound == expected.upperBound
        ? "\(expected.lowerBound)" : "\(expected.lowerBound) to \(expected.upperBound)"
      return "takes \(bounds) inputs, found \(found)"
    case .shape(let expected, let found):
      return
        "expected \(expected), found \(found.map(\.description).joined(separator: " and "))"
    }
  }
}
