import Testing

import FixedPoint

@Suite struct ValidationTests {
  typealias Program = FixedPointProgram

  /// A convolution that fits an image of 4×4×2, and how it can be spoilt.
  struct Numbers {
    var window = Program.Window(kernel: .init(3), padding: .init(1))
    var inputs = 2
    var outputs = 4
    var groups = 1
    var inputZeroPoint: Int8 = 3
    var weights: [Int8]?
    var biases = [Int32](repeating: 0, count: 4)
    var requantizations = [Requantization](
      repeating: .init(multiplier: 1 << 30, shift: 36), count: 4)
    var outputZeroPoint: Int8 = 0
    var output = Program.Element.int16
    var clamp: ClosedRange<Int16> = -32_768...32_767

    var operation: Program.Operation {
      let area = window.kernel.height * window.kernel.width
      return .convolution(
        .init(
          window: window, inputs: inputs, outputs: outputs, groups: groups,
          inputZeroPoint: inputZeroPoint,
          weights: weights ?? [Int8](repeating: 1, count: max(0, area * inputs * outputs)),
          biases: biases, requantizations: requantizations, outputZeroPoint: outputZeroPoint,
          output: output, clamp: clamp))
    }
  }

  struct Case: CustomTestStringConvertible {
    let testDescription: String
    let found: String
    let shape: Program.Shape
    let steps: [Program.Step]

    init(
      _ title: String, _ found: String, _ steps: [Program.Step],
      shape: Program.Shape = .init(height: 4, width: 4, channels: 2)
    ) {
      testDescription = title
      self.found = found
      self.steps = steps
      self.shape = shape
    }
  }

  private static func numbers(_ change: (inout Numbers) -> Void = { _ in }) -> Program.Operation {
    var numbers = Numbers()
    change(&numbers)
    return numbers.operation
  }

  private static let end = Program.Operation.nearestCenter(.init(centers: [-1, 0, 1]))

  /// Operations one after the other.
  private static func chain(_ operations: Program.Operation...) -> [Program.Step] {
    operations.enumerated().map { Program.Step($1, inputs: [$0]) }
  }

  private static func bad(
    _ title: String, _ found: String, _ change: (inout Numbers) -> Void
  ) -> Case {
    Case(title, "step 0 (convolution): \(found)", chain(numbers(change), end))
  }

  private static func addition(
    _ first: Int8 = 3, _ second: Int8 = 3, leftShift: Int = 20, factor: Requantization? = nil,
    sum: Requantization = .init(scale: 1e-6), clamp: ClosedRange<Int16> = -128...127
  ) -> Program.Operation {
    let factor = factor ?? .init(scale: 0.5)
    return .add(
      .init(
        first: .init(zeroPoint: first, requantization: factor),
        second: .init(zeroPoint: second, requantization: factor), leftShift: leftShift,
        requantization: sum, outputZeroPoint: 3, clamp: clamp))
  }

  private static func added(_ addition: Program.Operation) -> [Program.Step] {
    [
      .init(addition, inputs: [0, 0]), .init(numbers(), inputs: [1]), .init(end, inputs: [2]),
    ]
  }

  private static let convolutions: [Case] = [
    bad("channels", "3 input channels for 4x4x2; expected 2") { $0.inputs = 3 },
    bad("no outputs", "0 outputs; expected 1...65535") { $0.outputs = 0 },
    bad("no group", "0 groups; expected a common divisor") { $0.groups = 0 },
    bad("groups", "3 groups; expected a common divisor of 2 inputs and 4 outputs") {
      $0.groups = 3
    },
    bad("zero point", "an input zero point of 4; expected 3") { $0.inputZeroPoint = 4 },
    bad("no stride", "a kernel of 3x3 and a stride of 1x0") {
      $0.window = .init(kernel: .init(3), stride: .init(height: 1, width: 0))
    },
    bad("no kernel", "a kernel of 0x3 and a stride of 1x1") {
      $0.window = .init(kernel: .init(height: 0, width: 3))
    },
    bad("negative padding", "a padding of [-1, -1, -1, -1]; expected 0...65535") {
      $0.window = .init(kernel: .init(3), padding: .init(-1))
    },
    bad("large window", "a window of 5x5 in a padded image of 4x4; expected one that fits") {
      $0.window = .init(kernel: .init(5))
    },
    bad("huge window", "a window of 25000000 pixels; expected fewer") {
      $0.window = .init(kernel: .init(5000), padding: .init(5000))
      $0.weights = []
    },
    bad("weights", "71 weights; expected 72") { $0.weights = [Int8](repeating: 1, count: 71) },
    bad("biases", "3 biases; expected 4") { $0.biases.removeLast() },
    bad("requantisations", "3 requantisations; expected 4") { $0.requantizations.removeLast() },
    bad("no multiplier", "a multiplier of 0 and a shift of 1 of output 2") {
      $0.requantizations[2] = .init(multiplier: 0, shift: 1)
    },
    bad("large shift", "a multiplier of 1 and a shift of 63 of output 3") {
      $0.requantizations[3] = .init(multiplier: 1, shift: 63)
    },
    bad("negative shift", "a multiplier of 1 and a shift of -1 of output 0") {
      $0.requantizations[0] = .init(multiplier: 1, shift: -1)
    },
    // 18 weights of 1 on differences of 255 are 4590.
    bad("overflow", "sums of output 1 that may reach 2147483648; expected less than 2^31") {
      $0.biases[1] = .max - 4589
    },
    bad("least bias", "sums of output 0 that may reach 2147488238") { $0.biases[0] = .min },
    bad("index result", "a result of indices; expected int8 or int16") { $0.output = .index },
    bad("zero point of 16 bits", "an output zero point of 1; expected 0") {
      $0.outputZeroPoint = 1
    },
    bad("clamp", "a clamp to -129...127; expected a range within -128...127") {
      $0.output = .int8
      $0.clamp = -129...127
    },
  ]

  private static let additions: [Case] = [
    Case(
      "add zero point", "step 0 (add): an input zero point of 2; expected 3",
      added(addition(3, 2))),
    Case(
      "left shift", "step 0 (add): a left shift of 21; expected 0...20",
      added(addition(leftShift: 21))),
    Case(
      "add factor", "step 0 (add): a multiplier or shift out of range",
      added(addition(sum: .init(multiplier: -1, shift: 0)))),
    Case(
      "add terms", "step 0 (add): terms of up to 1336934400; expected less than 2^30",
      added(addition(factor: .init(scale: 5)))),
    Case("add clamp", "step 0 (add): a clamp to 0...128", added(addition(clamp: 0...128))),
    Case("one input", "step 0 (add): 1 inputs; expected 2", chain(addition(), end)),
    Case(
      "add shapes", "step 1 (add): shapes 4x4x2 and 2x2x2; expected the same",
      [
        .init(.maximumPool(.init(.init(kernel: .init(2), stride: .init(2)))), inputs: [0]),
        .init(addition(), inputs: [0, 1]), .init(end, inputs: [2]),
      ]),
    Case(
      "add halves", "step 1 (add): an input of 16 bits; expected 8 bits",
      [
        .init(numbers(), inputs: [0]), .init(addition(), inputs: [0, 1]), .init(end, inputs: [2]),
      ]),
  ]

  private static let moves: [Case] = [
    Case(
      "maximum of halves", "step 1 (maximum pool): an input of 16 bits; expected 8 bits",
      chain(numbers(), .maximumPool(.init(.init(kernel: .init(2)))), end)),
    Case(
      "mean of halves", "step 1 (average pool): an input of 16 bits; expected 8 bits",
      chain(numbers(), .averagePool(.init(.init(kernel: .init(2)))), end)),
    Case(
      "empty windows", "step 0 (average pool): a padding as large as the window of 2x2",
      chain(
        .averagePool(.init(.init(kernel: .init(2), padding: .init(2)))), numbers(), end)),
    Case(
      "pool window", "step 0 (maximum pool): a window of 5x5 in a padded image of 4x4",
      chain(.maximumPool(.init(.init(kernel: .init(5)))), numbers(), end)),
    Case(
      "slice of halves", "step 1 (slice): an input of 16 bits; expected 8 bits",
      chain(numbers(), .slice(.init(shape: .init(height: 1, width: 1, channels: 1))), end)),
    Case(
      "empty slice", "step 0 (slice): a result of 0x1x1; expected extents",
      chain(.slice(.init(shape: .init(height: 0, width: 1, channels: 1))), numbers(), end)),
    Case(
      "long slice", "step 0 (slice): 3 from 0 in steps of 2; expected within 0..<4",
      chain(
        .slice(
          .init(
            step: .init(height: 1, width: 2, channels: 1),
            shape: .init(height: 4, width: 3, channels: 2))), numbers(), end)),
    Case(
      "slice start", "step 0 (slice): 1 from -1 in steps of 1; expected within 0..<2",
      chain(
        .slice(
          .init(
            start: .init(height: 0, width: 0, channels: -1),
            shape: .init(height: 4, width: 4, channels: 1))), numbers(), end)),
    Case(
      "slice step", "step 0 (slice): 1 from 0 in steps of 0; expected within 0..<4",
      chain(
        .slice(
          .init(
            step: .init(height: 0, width: 1, channels: 1),
            shape: .init(height: 1, width: 1, channels: 1))), numbers(), end)),
    Case(
      "pad of halves", "step 1 (pad): an input of 16 bits; expected 8 bits",
      chain(numbers(), .pad(.init(value: 0)), end)),
    Case(
      "pad value", "step 0 (pad): a value of 0; expected 3",
      chain(.pad(.init(value: 0)), numbers(), end)),
    Case(
      "negative pad", "step 0 (pad): margins [0, 0, -1, 0, 0, 0]; expected 0...65535",
      chain(
        .pad(.init(before: .init(height: 0, width: 0, channels: -1), value: 3)), numbers(), end)),
    Case(
      "huge pad", "step 0 (pad): a result of 65539x4x2; expected extents of 1...65535",
      chain(
        .pad(.init(after: .init(height: 65_535, width: 0, channels: 0), value: 3)), numbers(),
        end)),
  ]

  private static func normalization(
    offsets: [UInt64] = [1, 1, 1, 1], weights: Int = 16, shift: Int = 10
  ) -> [Program.Step] {
    chain(
      numbers(),
      .divisiveNormalization(
        .init(
          offsets: offsets, weights: [UInt16](repeating: 1, count: weights), shift: shift)), end)
  }

  private static let encoders: [Case] = [
    Case(
      "normalised bytes", "step 0 (divisive normalisation): an input of 8 bits",
      chain(.divisiveNormalization(.init(offsets: [], weights: [], shift: 0)), numbers(), end)),
    Case(
      "offsets", "step 1 (divisive normalisation): 3 offsets; expected 4",
      normalization(offsets: [1, 1, 1])),
    Case(
      "gamma", "step 1 (divisive normalisation): 15 weights; expected 16",
      normalization(weights: 15)),
    Case(
      "no offset", "step 1 (divisive normalisation): an offset of 0 or above 2^62",
      normalization(offsets: [1, 0, 1, 1])),
    Case(
      "large offset", "step 1 (divisive normalisation): an offset of 0 or above 2^62",
      normalization(offsets: [1, 1, 1, (1 << 62) + 1])),
    Case(
      "dividend", "step 1 (divisive normalisation): a shift of 48; expected 0...47",
      normalization(shift: 48)),
    Case(
      "rectified bytes", "step 0 (parametric rectifier): an input of 8 bits",
      chain(.parametricRectifier(.init(slopes: [1], shift: 0)), numbers(), end)),
    Case(
      "slopes", "step 1 (parametric rectifier): 2 slopes; expected 1 or 4",
      chain(numbers(), .parametricRectifier(.init(slopes: [1, 1], shift: 0)), end)),
    Case(
      "least slope", "step 1 (parametric rectifier): a slope of -2147483648",
      chain(numbers(), .parametricRectifier(.init(slopes: [.min], shift: 0)), end)),
    Case(
      "slope shift", "step 1 (parametric rectifier): a shift of -1; expected 0...47",
      chain(numbers(), .parametricRectifier(.init(slopes: [1], shift: -1)), end)),
    Case(
      "bytes at the end", "step 0 (nearest centre): an input of 8 bits; expected 16 bits",
      chain(end)),
    Case(
      "one centre", "step 1 (nearest centre): 1 centres; expected 2...256",
      chain(numbers(), .nearestCenter(.init(squaredMidpoints: [])))),
    Case(
      "many centres", "step 1 (nearest centre): 257 centres; expected 2...256",
      chain(
        numbers(), .nearestCenter(.init(squaredMidpoints: [Int64](repeating: 0, count: 256))))),
    Case(
      "unsorted", "step 1 (nearest centre): squared midpoints out of order",
      chain(numbers(), .nearestCenter(.init(squaredMidpoints: [2, 1])))),
    Case(
      "far centres", "step 1 (nearest centre): a squared midpoint out of range",
      chain(numbers(), .nearestCenter(.init(squaredMidpoints: [(65_537 << 32) + 1])))),
    Case(
      "large samples", "step 1 (nearest centre): 65792 values; expected at most 65,536",
      chain(numbers(), end), shape: .init(height: 257, width: 64, channels: 2)),
  ]

  private static let programs: [Case] = [
    Case("no steps", "program: 0 steps; expected 1...1024", []),
    Case(
      "empty image", "input: a shape of 0x4x2; expected extents of 1...65535", chain(end),
      shape: .init(height: 0, width: 4, channels: 2)),
    Case(
      "long image", "input: a shape of 65536x1x1", chain(end),
      shape: .init(height: 65_536, width: 1, channels: 1)),
    Case(
      "large image", "input: a shape of 4096x4096x1", chain(end),
      shape: .init(height: 4096, width: 4096, channels: 1)),
    Case(
      "no end", "step 0 (convolution): a last step without indices; expected a nearest centre",
      chain(numbers())),
    Case(
      "early end", "step 1 (nearest centre): indices before the end; expected a nearest",
      chain(numbers(), end, end)),
    Case(
      "later buffer", "step 0 (convolution): input buffer 1; expected one written before, 0...0",
      [.init(numbers(), inputs: [1]), .init(end, inputs: [1])]),
    Case(
      "negative buffer", "step 0 (convolution): input buffer -1; expected one written before",
      [.init(numbers(), inputs: [-1]), .init(end, inputs: [1])]),
    Case(
      "two inputs", "step 0 (convolution): 2 inputs; expected 1",
      [.init(numbers(), inputs: [0, 0]), .init(end, inputs: [1])]),
    Case(
      "unread step", "program: step 1, which none reads; expected a reader of every buffer",
      [
        .init(numbers(), inputs: [0]), .init(numbers(), inputs: [0]), .init(end, inputs: [1]),
      ]),
  ]

  @Test func whatTheCasesSpoilIsValid() throws {
    #expect(
      try Program(
        input: input(),
        steps: ValidationTests.chain(
          ValidationTests.numbers(), ValidationTests.end)
      ).valueCount == 64)
    #expect(
      try Program(
        input: input(), steps: ValidationTests.added(ValidationTests.addition())
      ).valueCount == 64)
    #expect(
      try Program(
        input: input(), steps: ValidationTests.normalization()
      ).bitsPerIndex == 2)
    // The largest bias whose sums stay below 2³¹.
    let most = ValidationTests.numbers { $0.biases[1] = .max - 4590 }
    #expect(
      try Program(
        input: input(), steps: ValidationTests.chain(most, ValidationTests.end)
      ).levelCount == 3)
  }

  private func input(
    _ shape: Program.Shape = .init(height: 4, width: 4, channels: 2)
  ) -> Program.Input {
    Program.Input(shape, .init(scale: 0.01, zeroPoint: 3))
  }

  @Test(
    "bad programs are refused with what is wrong, where, and what was expected",
    arguments: convolutions + additions + moves + encoders + programs)
  func refuses(_ example: Case) throws {
    let error = #expect(throws: FixedPointError.self) {
      try Program(input: input(example.shape), steps: example.steps)
    }
    let message = try #require(error).description
    #expect(message.hasPrefix(example.found))
    #expect(message.contains("; expected "))
  }
}
