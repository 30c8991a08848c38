extension FixedPointProgram {
  private static let mostSteps = 1024

  /// The buffers of a program whose steps fit each other.
  static func checked(_ input: Input, _ steps: [Step]) throws(FixedPointError) -> [Buffer] {
    guard input.shape.isSane else {
      throw .input(
        found: "a shape of \(input.shape)",
        expected: "extents of 1...\(Shape.largestExtent) and fewer than \(Shape.valueLimit) values")
    }
    guard (1...mostSteps).contains(steps.count) else {
      throw .program(found: "\(steps.count) steps", expected: "1...\(mostSteps)")
    }
    var buffers = [
      Buffer(shape: input.shape, element: .int8, zeroPoint: input.quantization.zeroPoint)
    ]
    var unread = Set([0])
    for (index, step) in steps.enumerated() {
      let operation = step.operation.implementation
      let place = CheckedPlace(step: index, operation: operation.name)
      try place.require(
        step.inputs.count == operation.inputCount, "\(step.inputs.count) inputs",
        expected: "\(operation.inputCount)")
      for buffer in step.inputs {
        try place.require(
          buffers.indices.contains(buffer), "input buffer \(buffer)",
          expected: "one written before, 0...\(buffers.count - 1)")
        unread.remove(buffer)
      }
      let result = try operation.result(step.inputs.map { buffers[$0] }, place)
      try place.require(
        result.shape.isSane, "a result of \(result.shape)",
        expected: "extents of 1...\(Shape.largestExtent) and fewer than \(Shape.valueLimit) values")
      try place.require(
        (result.element == .index) == (index == steps.count - 1),
        result.element == .index ? "indices before the end" : "a last step without indices",
        expected: "a nearest centre as the last step and only there")
      buffers.append(result)
      unread.insert(index + 1)
    }
    unread.remove(steps.count)
    if let buffer = unread.min() {
      throw .program(
        found: buffer == 0 ? "an image that no step reads" : "step \(buffer - 1), which none reads",
        expected: "a reader of every buffer")
    }
    return buffers
  }
}
