internal import Autodiff
internal import Networks
internal import Tensors

/// The ranges of all values of a network on sample inputs, by the names of inputs and nodes.
struct Calibration {
  /// The quantisation of each value.
  let parameters: [String: QuantizationParameters]

  /// The first output of the network on each batch.
  let outputs: [Tensor<Float>]

  /// Runs the network on batches `[samples] + input`.
  ///
  /// - Parameter sideInputs: what the inputs behind the first lie between, in their order; samples have
  ///   them evenly.
  /// - Throws: ``ExportError`` if there are no samples, they do not fit, or a value is not finite.
  init(
    _ network: Network, _ batches: [Tensor<Float>], _ choice: QuantizationOptions.RangeChoice,
    sideInputs: [ClosedRange<Float>] = []
  ) throws(ExportError) {
    guard network.inputs.count == 1 + sideInputs.count, let input = network.inputs.first else {
      throw .inputCount(
        network: network.name, expected: 1 + sideInputs.count, found: network.inputs.count)
    }
    let batches = batches.filter { $0.count > 0 }
    guard !batches.isEmpty else { throw .noCalibrationSamples }
    for batch in batches where batch.shape != input.shape.prepending(batch.shape[0]) {
      throw .calibrationShape(expected: input.shape, found: batch.shape)
    }
    let executor = NetworkExecutor(network)
    let constants = network.constants(Float.self)
    func pass(_ observer: (String, Tensor<Float>) -> Void) -> [Tensor<Float>] {
      batches.map { batch in
        observer(input.name, batch)
        let others = zip(network.inputs.dropFirst(), sideInputs).map { other, range in
          Tensor.spread(over: range, other.shape.prepending(batch.shape[0]))
        }
        for (other, value) in zip(network.inputs.dropFirst(), others) {
          observer(other.name, value)
        }
        return executor.run(
          ([batch] + others).map { Variable($0) }, parameters: constants, observer: observer
        ).outputs[0].value
      }
    }

    var extremes: [String: Extremes] = [:]
    outputs = pass { name, value in
      value.withUnsafeBufferPointer { extremes[name, default: Extremes()].add($0) }
    }
    for name in network.inputs.map(\.name) + network.nodes.map(\.name)
    where extremes[name]?.isFinite == false {
      throw .calibrationNotFinite(node: name)
    }
    var histograms = extremes.mapValues { ValueHistogram($0.range) }
    if choice != .extremes {
      _ = pass { name, value in
        value.withUnsafeBufferPointer { histograms[name]?.add($0) }
      }
    }
    parameters = histograms.mapValues {
      QuantizationParameters(covering: $0.chosenRange(choice))
    }
  }
}

extension Tensor<Float> {
  /// Numbers that lie evenly over a range from the first sample to the last.
  fileprivate static func spread(over range: ClosedRange<Float>, _ shape: Shape) -> Tensor {
    let count = shape[0]
    let length = shape.product(1..<shape.rank)
    let width = range.upperBound - range.lowerBound
    return Tensor(
      shape,
      (0..<count * length).map {
        range.lowerBound + width * Float($0 / max(length, 1)) / Float(max(count - 1, 1))
      })
  }
}

/// The smallest and the largest of numbers, and whether all are finite.
private struct Extremes {
  private var lower = Float.infinity
  private var upper = -Float.infinity
  private(set) var isFinite = true

  var range: ClosedRange<Float> { lower <= upper ? lower...upper : 0...0 }

  mutating func add(_ numbers: UnsafeBufferPointer<Float>) {
    var lower = SIMD16<Float>(repeating: self.lower)
    var upper = SIMD16<Float>(repeating: self.upper)
    // A product with 0 is 0 for finite numbers and not a number for others.
    var residue = SIMD16<Float>(repeating: 0)
    let bytes = UnsafeRawBufferPointer(numbers)
    let vectors = numbers.count / 16
    for index in 0..<vectors {
      let vector = bytes.loadUnaligned(fromByteOffset: index * 64, as: SIMD16<Float>.self)
      lower = pointwiseMin(lower, vector)
      upper = pointwiseMax(upper, vector)
      residue += vector * 0
    }
    for number in numbers[(vectors * 16)...] {
      lower[0] = min(lower[0], number)
      upper[0] = max(upper[0], number)
      residue[0] += number * 0
    }
    self.lower = lower.min()
    self.upper = upper.max()
    isFinite = isFinite && residue.sum() == 0
  }
}
