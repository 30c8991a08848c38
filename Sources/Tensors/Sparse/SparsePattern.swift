/// Where a matrix that maps inputs to outputs has entries; it never changes.
///
/// The entries are ordered by output, and by input within one. Copies share their memory.
public struct SparsePattern: Hashable, Sendable {
  /// How many inputs there are.
  public let inputCount: Int

  /// How many outputs there are.
  public let outputCount: Int

  /// For each output the first of its entries, and at the end how many there are.
  package let offsets: [Int32]

  /// The input of every entry.
  package let inputs: [Int32]

  /// The same by input: for each the first of its entries.
  package let transposedOffsets: [Int32]

  /// The output of every entry, ordered by input.
  package let transposedOutputs: [Int32]

  /// The place, in the order by output, of every entry ordered by input.
  package let transposedPositions: [Int32]

  /// How many entries there are.
  public var entryCount: Int { inputs.count }

  /// Creates a pattern from the inputs of each output, in any order.
  ///
  /// - Precondition: inputs exist, and none occurs twice at an output.
  public init(inputCount: Int, inputsOfOutputs: [[Int]]) {
    var offsets: [Int32] = [0]
    var inputs: [Int32] = []
    inputs.reserveCapacity(inputsOfOutputs.reduce(0) { $0 + $1.count })
    for (output, joined) in inputsOfOutputs.enumerated() {
      let sorted = joined.sorted()
      precondition(
        sorted.allSatisfy { (0..<inputCount).contains($0) }
          && zip(sorted, sorted.dropFirst()).allSatisfy { $0 < $1 },
        "SparsePattern: output \(output) names an input that is not there, or one twice")
      inputs.append(contentsOf: sorted.map(Int32.init))
      offsets.append(Int32(inputs.count))
    }
    self.init(inputCount: inputCount, offsets: offsets, inputs: inputs)
  }

  /// Creates a pattern from entries in their order.
  private init(inputCount: Int, offsets: [Int32], inputs: [Int32]) {
    self.inputCount = inputCount
    outputCount = offsets.count - 1
    self.offsets = offsets
    self.inputs = inputs
    var starts = [Int32](repeating: 0, count: inputCount + 1)
    for input in inputs { starts[Int(input) + 1] += 1 }
    for input in 0..<inputCount { starts[input + 1] += starts[input] }
    transposedOffsets = starts
    var outputs = [Int32](repeating: 0, count: inputs.count)
    var positions = outputs
    for output in 0..<offsets.count - 1 {
      for entry in Int(offsets[output])..<Int(offsets[output + 1]) {
        let input = Int(inputs[entry])
        let place = Int(starts[input])
        outputs[place] = Int32(output)
        positions[place] = Int32(entry)
        starts[input] += 1
      }
    }
    transposedOutputs = outputs
    transposedPositions = positions
  }

  /// The inputs that an output reads, in order.
  public func inputs(of output: Int) -> ArraySlice<Int32> {
    inputs[Int(offsets[output])..<Int(offsets[output + 1])]
  }

  /// How many inputs each output reads.
  public var inDegrees: [Int] { zip(offsets, offsets.dropFirst()).map { Int($1 - $0) } }

  /// How many outputs read each input.
  public var outDegrees: [Int] {
    zip(transposedOffsets, transposedOffsets.dropFirst()).map { Int($1 - $0) }
  }

  /// The same entries with every input replaced by a run of as many, `group` apart: what an output
  /// reads of one channel, it reads in every place of a window.
  ///
  /// - Parameter count: how many places there are; input `i` at place `p` is `p × inputCount + i`.
  package func repeated(_ count: Int) -> SparsePattern {
    SparsePattern(
      inputCount: inputCount * count,
      inputsOfOutputs: (0..<outputCount).map { output in
        (0..<count).flatMap { place in inputs(of: output).map { place * inputCount + Int($0) } }
      })
  }
}

extension SparsePattern {
  /// The values of a matrix `[inputs, outputs]` where the pattern has entries, in its order.
  package func entries<Scalar: TensorScalar>(of matrix: Tensor<Scalar>) -> Tensor<Scalar> {
    precondition(matrix.shape == [inputCount, outputCount], "SparsePattern: \(matrix.shape)")
    return Tensor([entryCount]) { target in
      matrix.withUnsafeBufferPointer { source in
        for output in 0..<outputCount {
          for entry in Int(offsets[output])..<Int(offsets[output + 1]) {
            target.initializeElement(
              at: entry, to: source[Int(self.inputs[entry]) * outputCount + output])
          }
        }
      }
    }
  }
}
