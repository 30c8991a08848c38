/// The device's part of a split network as a program of integers, which gives the same result bit
/// for bit here and in the C file that ``c99(name:)`` writes.
///
/// An image of bytes goes through the steps in order. Buffer 0 is the image, and step `i` writes
/// buffer `i + 1`; each step reads buffers written before. All are `[height, width, channels]`,
/// channels last. The last step is the only ``NearestCenter`` and gives an index for each value.
public struct FixedPointProgram: Equatable, Sendable {
  /// What an image is.
  public let input: Input

  /// The steps, in order.
  public let steps: [Step]

  /// The image and the result of each step.
  public let buffers: [Buffer]

  /// Where buffers lie on the device and what the program takes of it.
  public let memory: MemoryPlan

  /// Creates a program.
  ///
  /// - Throws: ``FixedPointError`` if steps do not fit each other, numbers are out of their range,
  ///   or a sum might overflow.
  public init(input: Input, steps: [Step]) throws(FixedPointError) {
    self.input = input
    self.steps = steps
    buffers = try FixedPointProgram.checked(input, steps)
    memory = MemoryPlan(steps, buffers)
  }

  /// The indices of an image.
  ///
  /// - Parameters:
  ///   - image: `[height, width, channels]` levels of the input's quantisation.
  ///   - observing: is shown the number and the values of each buffer, the image first and the
  ///     indices last.
  /// - Returns: an index below ``levelCount`` for each of ``valueCount`` values, in the order of
  ///   the last buffer.
  /// - Precondition: the image has as many values as the input.
  public func run(
    _ image: [Int8], observing: ((_ buffer: Int, _ values: [Int16]) -> Void)? = nil
  ) -> [UInt8] {
    precondition(
      image.count == input.shape.count,
      "FixedPointProgram: an image of \(image.count) values for \(input.shape)")
    var values = [image.map(Int16.init)]
    observing?(0, values[0])
    for (index, step) in steps.enumerated() {
      let result = step.operation.implementation.run(
        step.inputs.map { values[$0] }, step.inputs.map { buffers[$0] }, buffers[index + 1])
      values.append(result)
      observing?(index + 1, result)
      for placement in memory.placements where placement.lastStep == index {
        values[placement.buffer] = []
      }
    }
    return values[steps.count].map { UInt8($0) }
  }

  /// The levels of an image; halves go to the even one, and what is out of range to its end.
  ///
  /// - Precondition: no value is NaN.
  public func quantizeInput(_ image: [Float]) -> [Int8] {
    image.map { input.quantization.level($0) }
  }

  /// How many indices an image becomes.
  public var valueCount: Int { buffers[steps.count].shape.count }

  /// How many different indices there are.
  public var levelCount: Int { nearestCenter.levelCount }

  /// Bits of an index, 1...8.
  public var bitsPerIndex: Int { nearestCenter.bits }

  /// Bytes of the packed indices of an image.
  public var packedByteCount: Int { (valueCount * bitsPerIndex + 7) / 8 }

  /// Indices in ``bitsPerIndex`` bits each, the first in the lowest bits of the first byte.
  ///
  /// - Precondition: there are ``valueCount`` indices below ``levelCount``.
  public func packed(_ indices: [UInt8]) -> [UInt8] {
    precondition(
      indices.count == valueCount && indices.allSatisfy { $0 < levelCount },
      "FixedPointProgram: \(indices.count) indices to pack")
    var bytes = [UInt8](repeating: 0, count: packedByteCount)
    for (number, index) in indices.enumerated() {
      let place = number * bitsPerIndex
      let spread = UInt16(index) << UInt16(place % 8)
      bytes[place / 8] |= UInt8(truncatingIfNeeded: spread)
      if spread > 255 { bytes[place / 8 + 1] |= UInt8(spread >> 8) }
    }
    return bytes
  }

  private var nearestCenter: NearestCenter {
    guard case .nearestCenter(let step)? = steps.last?.operation else {
      preconditionFailure("FixedPointProgram: the initialiser let a program without an end pass")
    }
    return step
  }
}
