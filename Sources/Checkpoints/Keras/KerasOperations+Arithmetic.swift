internal import Networks
internal import Tensors

extension KerasOperations {
  /// A side of an operation on two: a value that is computed, or constants.
  private enum Operand {
    case value(Int)
    case constants([Double])
  }

  private static func operand(
    _ name: String, of operation: KerasConfiguration
  ) throws(CheckpointError) -> Operand {
    if let indices = operation.operands[name] {
      guard indices.count == 1 else {
        throw operation.failure("is given a list, expected one value")
      }
      return .value(indices[0])
    }
    guard let constants = try operation.numbers(name) else {
      throw operation.failure("lacks its argument \(name)")
    }
    return .constants(constants)
  }

  private static func operands(
    of operation: KerasConfiguration
  ) throws(CheckpointError) -> (Operand, Operand) {
    (try operand("x", of: operation), try operand("y", of: operation))
  }

  static func sum(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    switch try operands(of: operation) {
    case (.value(let x), .value(let y)):
      return [KerasPart(AddLayer(), sources: [.input(x), .input(y)])]
    case (.value, .constants(let constants)), (.constants(let constants), .value):
      return [try affine(operation, inputs, scale: [1], shift: constants)]
    default: throw operation.failure("is of constants alone, which is not supported")
    }
  }

  static func difference(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    switch try operands(of: operation) {
    case (.value(let x), .value(let y)):
      return [
        KerasPart(ScaleShiftLayer(scale: -1), suffix: "negative", sources: [.input(y)]),
        KerasPart(AddLayer(), sources: [.input(x), .part(0)]),
      ]
    case (.value, .constants(let constants)):
      return [try affine(operation, inputs, scale: [1], shift: constants.map { -$0 })]
    case (.constants(let constants), .value):
      return [try affine(operation, inputs, scale: [-1], shift: constants)]
    default: throw operation.failure("is of constants alone, which is not supported")
    }
  }

  static func product(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    switch try operands(of: operation) {
    case (.value(let x), .value(let y)):
      return [KerasPart(MultiplyLayer(), sources: [.input(x), .input(y)])]
    case (.value, .constants(let constants)), (.constants(let constants), .value):
      return [try affine(operation, inputs, scale: constants, shift: [0])]
    default: throw operation.failure("is of constants alone, which is not supported")
    }
  }

  static func quotient(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard case (.value, .constants(let constants)) = try operands(of: operation) else {
      throw operation.failure("divides by a value, which is not supported")
    }
    guard constants.allSatisfy({ $0 != 0 }) else {
      throw operation.failure("divides by zero")
    }
    return [try affine(operation, inputs, scale: constants.map { 1 / $0 }, shift: [0])]
  }

  static func negative(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    [KerasPart(ScaleShiftLayer(scale: -1))]
  }

  static func square(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    [KerasPart(MultiplyLayer(), sources: [.input(0), .input(0)])]
  }

  static func maximum(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    switch try operands(of: operation) {
    case (.value, .constants([0])), (.constants([0]), .value):
      return [KerasPart(ActivationLayer(.relu))]
    default: throw operation.failure("is supported of a value and 0 only")
    }
  }

  static func clip(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    func bound(_ keys: String...) throws(CheckpointError) -> Double {
      try operation.number(keys.first { operation[$0] != nil } ?? keys[0])
    }
    let lower = try bound("clip_value_min", "x_min")
    let upper = try bound("clip_value_max", "x_max")
    guard lower < upper else {
      throw operation.failure("holds values between \(lower) and \(upper)")
    }
    return KerasLayers.clip(from: lower, to: upper)
  }

  private static func affine(
    _ operation: KerasConfiguration, _ inputs: [Shape], scale: [Double], shift: [Double]
  ) throws(CheckpointError) -> KerasPart {
    guard let input = inputs.first, inputs.count == 1 else {
      throw operation.failure("reads \(inputs.count) values, expected one")
    }
    return try KerasLayers.scaleShift(operation, scale: scale, shift: shift, of: input)
  }
}
