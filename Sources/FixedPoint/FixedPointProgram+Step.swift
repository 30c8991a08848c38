extension FixedPointProgram {
  /// What an image is: its shape and what its bytes stand for.
  public struct Input: Equatable, Sendable {
    /// The shape.
    public let shape: Shape
    /// What a byte stands for.
    public let quantization: Quantization

    /// Creates the description of an image.
    public init(_ shape: Shape, _ quantization: Quantization) {
      self.shape = shape
      self.quantization = quantization
    }
  }

  /// An operation and the buffers it reads.
  public struct Step: Equatable, Sendable {
    /// What is computed.
    public let operation: Operation
    /// The buffers it reads; 0 is the image, `i + 1` the result of step `i`.
    public let inputs: [Int]

    /// Creates a step.
    public init(_ operation: Operation, inputs: [Int]) {
      self.operation = operation
      self.inputs = inputs
    }
  }

  /// What a step computes.
  public enum Operation: Equatable, Sendable {
    /// Weighted sums over windows.
    case convolution(Convolution)
    /// The sum of two buffers.
    case add(Add)
    /// The largest value of each window.
    case maximumPool(MaximumPool)
    /// The mean value of each window.
    case averagePool(AveragePool)
    /// A regular part of a buffer.
    case slice(Slice)
    /// A buffer with a border.
    case pad(Pad)
    /// Values divided by a weighted sum of the magnitudes of their pixel.
    case divisiveNormalization(DivisiveNormalization)
    /// Negative values times a slope.
    case parametricRectifier(ParametricRectifier)
    /// The nearest of sorted centres for each value of a sample of power 1.
    case nearestCenter(NearestCenter)

    package var implementation: any FixedPointOperation {
      switch self {
      case .convolution(let operation): operation
      case .add(let operation): operation
      case .maximumPool(let operation): operation
      case .averagePool(let operation): operation
      case .slice(let operation): operation
      case .pad(let operation): operation
      case .divisiveNormalization(let operation): operation
      case .parametricRectifier(let operation): operation
      case .nearestCenter(let operation): operation
      }
    }
  }
}

/// What every operation can do.
package protocol FixedPointOperation {
  /// What messages and the C file call it.
  var name: String { get }

  /// Its name and what is particular about it, such as `convolution 3x3 / 2`, in ASCII.
  var summary: String { get }

  /// How many buffers it reads.
  var inputCount: Int { get }

  /// What it makes of its inputs.
  ///
  /// - Throws: ``FixedPointError`` if they do not fit, or numbers are out of their range.
  func result(
    _ inputs: [FixedPointProgram.Buffer], _ place: CheckedPlace
  ) throws(FixedPointError) -> FixedPointProgram.Buffer

  /// The values of its result, all within the type of the result's elements.
  func run(
    _ values: [[Int16]], _ inputs: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> [Int16]

  /// Multiply-accumulates for its result.
  func multiplyAccumulates(_ result: FixedPointProgram.Buffer) -> Int

  /// Bytes of thresholds of 32 bits that it computes for each image.
  var thresholdBytes: Int { get }

  /// Its kernel and its numbers in C.
  func cStep(
    _ inputs: [FixedPointProgram.Buffer], _ result: FixedPointProgram.Buffer
  ) -> CStep
}

extension FixedPointOperation {
  package var inputCount: Int { 1 }
  package var thresholdBytes: Int { 0 }
  package func multiplyAccumulates(_ result: FixedPointProgram.Buffer) -> Int { 0 }
}
