import Foundation
import Testing

import FixedPoint

@Suite(.enabled(if: CCompiler() != nil, "needs a C compiler"))
struct CFileTests {
  /// Images of noise, of constants and of a few bright pixels.
  private func images(_ program: FixedPointProgram, _ count: Int, seed: UInt64) -> [[Int8]] {
    var random = SeededGenerator(seed)
    let size = program.input.shape.count
    return (0..<count).map { number in
      switch number % 5 {
      case 0: return [Int8](repeating: Int8(truncatingIfNeeded: random.next()), count: size)
      case 1:
        return [Int8](repeating: program.input.quantization.zeroPoint, count: size)
          .map { random.next() % 10 == 0 ? Int8(truncatingIfNeeded: random.next()) : $0 }
      default: return random.bytes(size)
      }
    }
  }

  /// Compares packed indices of C and Swift; returns the indices.
  private func compare(
    _ program: FixedPointProgram, _ images: [[Int8]], _ options: [[String]],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [[UInt8]] {
    let compiler = try #require(CCompiler())
    let source = try program.c99(name: "encoder")
    let input = Data(images.joined().map { UInt8(bitPattern: $0) })
    let indices = images.map { program.run($0) }
    let expected = Data(indices.flatMap { program.packed($0) })
    try CCompiler.withFolder { folder in
      for option in options {
        let path = try compiler.compile(
          source, CCompiler.strictest + option + ["-DENCODER_MAIN"], in: folder)
        let found = try CCompiler.run(path, [], input: input)
        #expect(found == expected, "\(option)", sourceLocation: sourceLocation)
      }
    }
    return indices
  }

  private static let checks = CCompiler.hasSanitizers ? CCompiler.sanitizers : []
  private static let seeds: Range<UInt64> = 0..<8

  @Test("C gives the same indices bit for bit", arguments: seeds)
  func agrees(seed: UInt64) throws {
    let program = try ProgramBuilder.randomProgram(seed: seed)
    let images = images(program, 160, seed: seed)
    let indices = try compare(program, images, [["-O0"], ["-O2"], ["-O1"] + CFileTests.checks])
    // A program that always says the same would prove nothing.
    #expect(Set(indices).count > 80)
    #expect(Set(indices.joined()).count > program.levelCount / 3)
  }

  @Test("C gives the same under another compiler", .enabled(if: CCompiler("clang") != nil))
  func agreesWithClang() throws {
    let compiler = try #require(CCompiler("clang"))
    let program = try ProgramBuilder.randomProgram(seed: 3)
    let images = images(program, 20, seed: 3)
    try CCompiler.withFolder { folder in
      let path = try compiler.compile(
        try program.c99(name: "x"), CCompiler.strictest + ["-O2", "-DX_MAIN"], in: folder)
      let found = try CCompiler.run(
        path, [], input: Data(images.joined().map { UInt8(bitPattern: $0) }))
      #expect(found == Data(images.flatMap { program.packed(program.run($0)) }))
    }
  }

  @Test func programsOfTheTestsHaveEveryKernel() throws {
    let kernels = try CFileTests.seeds.reduce(into: Set<String>()) { kernels, seed in
      let program = try ProgramBuilder.randomProgram(seed: seed)
      for (index, step) in program.steps.enumerated() {
        kernels.insert(
          step.operation.implementation.cStep(
            step.inputs.map { program.buffers[$0] }, program.buffers[index + 1]
          ).kernel.name)
      }
    }
    #expect(
      kernels == [
        "convolve_8_to_8", "convolve_8_to_16", "convolve_16_to_8", "convolve_16_to_16", "add",
        "maximum_pool", "average_pool", "take_slice", "pad", "normalize", "rectify",
        "find_nearest",
      ])
  }

  @Test func theLargestSampleAgrees() throws {
    let shape = FixedPointProgram.Shape(height: 256, width: 256, channels: 1)
    // −128...127 times 257 fills 16 bits.
    let convolution = FixedPointProgram.Convolution(
      window: .init(kernel: .init(1)), inputs: 1, outputs: 1, inputZeroPoint: 0, weights: [127],
      biases: [0], requantizations: [Requantization(scale: 257.0 / 127)], outputZeroPoint: 0,
      output: .int16, clamp: -32_768...32_767)
    let program = try FixedPointProgram(
      input: .init(shape, .init(scale: 1)),
      steps: [
        .init(.convolution(convolution), inputs: [0]),
        .init(.parametricRectifier(.init(slopes: [-.max], shift: 0)), inputs: [1]),
        .init(.parametricRectifier(.init(slopes: [.max], shift: 31)), inputs: [2]),
        .init(
          .nearestCenter(.init(centers: [-400, -1, -0.999, -0.5, 0, 0.5, 1, 1.0001, 255, 300])),
          inputs: [3]),
      ])
    var random = SeededGenerator(23)
    var peak = [Int8](repeating: 0, count: shape.count)
    peak[9] = -128
    let images = [
      [Int8](repeating: -128, count: shape.count), [Int8](repeating: 127, count: shape.count),
      [Int8](repeating: 0, count: shape.count), peak, random.bytes(shape.count),
    ]
    let indices = try compare(program, images, [["-O2"], ["-O1"] + CFileTests.checks])
    #expect(Set(indices).count == 4)
  }

  @Test func valuesOnThresholdsAgree() throws {
    let shape = FixedPointProgram.Shape(height: 1, width: 5, channels: 1)
    let convolution = FixedPointProgram.Convolution(
      window: .init(kernel: .init(1)), inputs: 1, outputs: 1, inputZeroPoint: 0, weights: [1],
      biases: [0], requantizations: [Requantization(scale: 1)], outputZeroPoint: 0,
      output: .int16, clamp: -32_768...32_767)
    // Squares of integers over small denominators, so that small values often lie on thresholds.
    let squares: [Int64] = [-12, -8, -4, -3, -2, -1, 0, 1, 2, 3, 4, 8, 12]
    let program = try FixedPointProgram(
      input: .init(shape, .init(scale: 1)),
      steps: [
        .init(.convolution(convolution), inputs: [0]),
        .init(.nearestCenter(.init(squaredMidpoints: squares.map { $0 << 30 })), inputs: [1]),
      ])
    var random = SeededGenerator(31)
    let images = (0..<4000).map { _ in (0..<5).map { _ in Int8(random.integer(-6...6)) } }
    let indices = try compare(program, images, [["-O2"], ["-O1"] + CFileTests.checks])
    var ties = 0
    for (image, indices) in zip(images, indices) where image.contains(where: { $0 != 0 }) {
      let energy = image.reduce(0) { $0 + Int64($1) * Int64($1) }
      for (value, index) in zip(image, indices) {
        let square = Int64(value) * Int64(value.magnitude) * 5 * 4
        #expect(Int(index) == squares.count { square > $0 * energy })
        ties += squares.count { square == $0 * energy && square < 0 }
      }
    }
    #expect(ties > 100)
  }

  @Test("packing is the same for every number of bits", arguments: 1...8)
  func packs(bits: Int) throws {
    var builder = ProgramBuilder(.init(height: 3, width: 3, channels: 1), seed: UInt64(bits))
    builder.convolution(outputs: 1, element: .int16)
    builder.nearestCenter(levels: 1 << bits)
    let program = try builder.program()
    #expect(program.bitsPerIndex == bits && program.packedByteCount == (9 * bits + 7) / 8)
    let indices = try compare(program, images(program, 40, seed: 1), [["-O2"] + CFileTests.checks])
    for indices in indices {
      let text = indices.reversed().map { index in
        let digits = String(index, radix: 2)
        return String(repeating: "0", count: bits - digits.count) + digits
      }.joined()
      let bytes = program.packed(indices).reversed().map { byte in
        let digits = String(byte, radix: 2)
        return String(repeating: "0", count: 8 - digits.count) + digits
      }.joined()
      #expect(bytes.hasSuffix(text) && bytes.dropLast(text.count).allSatisfy { $0 == "0" })
    }
  }

  @Test func aPartOfAnImageIsAnError() throws {
    let compiler = try #require(CCompiler())
    let program = try ProgramBuilder.randomProgram(seed: 1)
    try CCompiler.withFolder { folder in
      let path = try compiler.compile(
        try program.c99(name: "x"), CCompiler.strict + ["-DX_MAIN"], in: folder)
      #expect(try CCompiler.run(path, []).isEmpty)
      #expect(throws: CCompiler.Failure.self) {
        try CCompiler.run(path, [], input: Data([1, 2, 3]))
      }
    }
  }

  @Test func publicFunctionsWorkFromAnotherFile() throws {
    let compiler = try #require(CCompiler())
    let program = try ProgramBuilder.randomProgram(seed: 2)
    let image = images(program, 3, seed: 9)[2]
    let size = program.input.shape.count
    // The image is given by address and in place; both must give the same, twice.
    let caller = """
      \(try program.c99(name: "drone"))
      #include <stdio.h>
      static const int8_t image[DRONE_HEIGHT * DRONE_WIDTH * DRONE_CHANNELS] = {
        \(image.map { "\($0)" }.joined(separator: ", "))
      };
      int main(void) {
        uint8_t indices[DRONE_VALUES];
        uint8_t bytes[DRONE_BYTES];
        drone_encode(image, indices);
        fwrite(indices, 1, DRONE_VALUES, stdout);
        for (int32_t i = 0; i < \(size); i++) drone_input()[i] = image[i];
        drone_encode(drone_input(), indices);
        drone_pack(indices, bytes);
        fwrite(bytes, 1, DRONE_BYTES, stdout);
        printf("%s %d", DRONE_INPUT_SCALE, DRONE_ZERO_POINT);
        return 0;
      }
      """
    let indices = program.run(image)
    let quantization = program.input.quantization
    try CCompiler.withFolder { folder in
      let path = try compiler.compile(caller, CCompiler.strict + CFileTests.checks, in: folder)
      let found = try CCompiler.run(path, [])
      let text = "\(quantization.scale) \(quantization.zeroPoint)"
      #expect(found == Data(indices + program.packed(indices)) + Data(text.utf8))
    }
  }

  @Test(
    "constants and arena have exactly the planned bytes",
    .enabled(if: CCompiler.tool("nm") != nil && CCompiler.tool("size") != nil, "needs binutils"),
    arguments: seeds)
  func sizes(seed: UInt64) throws {
    let compiler = try #require(CCompiler())
    let program = try ProgramBuilder.randomProgram(seed: seed)
    let nm = try #require(CCompiler.tool("nm"))
    let size = try #require(CCompiler.tool("size"))
    try CCompiler.withFolder { folder in
      let object = try compiler.compile(
        try program.c99(name: "x"), CCompiler.strictest + ["-O0", "-c"], in: folder)
      // Address, size, kind and name of each symbol.
      let symbols = try String(decoding: CCompiler.run(nm, ["-S", object]), as: UTF8.self)
        .split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count == 4 }
      func total(_ kinds: String) -> Int {
        symbols.filter { kinds.contains($0[2]) }.reduce(0) { $0 + (Int($1[1], radix: 16) ?? 0) }
      }
      #expect(total("rR") == program.memory.flashBytes)
      #expect(total("bB") == program.memory.arenaBytes + program.memory.thresholdBytes)
      #expect(total("dD") == 0)
      // The section has no more than what aligns each table to at most 32 bytes.
      let sections = try String(decoding: CCompiler.run(size, ["-A", object]), as: UTF8.self)
        .split(separator: "\n").map { $0.split(separator: " ") }
      let constants = sections.filter { $0.first?.hasPrefix(".rodata") == true }
        .reduce(0) { $0 + (Int($1[1]) ?? 0) }
      let tables = symbols.count { "rR".contains($0[2]) }
      #expect(constants >= program.memory.flashBytes)
      #expect(constants < program.memory.flashBytes + 32 * tables)
    }
  }

  @Test("lines are short and functions are those in use", arguments: seeds)
  func isReadable(seed: UInt64) throws {
    let program = try ProgramBuilder.randomProgram(seed: seed)
    let source = try program.c99(name: "encoder")
    for line in source.split(separator: "\n") {
      #expect(line.count <= 100 && line.last != " " && line.allSatisfy(\.isASCII), "\(line)")
    }
    let body = source.split(separator: "#ifdef").first ?? ""
    for word in ["malloc", "float ", "double", "stdio", "string.h"] {
      #expect(!body.contains(word))
    }
    #expect(source.contains("maximum_pool") == (seed % 2 == 0))
    #expect(source.contains("average_pool") == (seed % 2 == 1))
    #expect(source.contains("take_slice") == (seed % 3 == 0))
  }

  @Test(
    "names that begin no identifier are refused",
    arguments: [
      "", "3d", "_x", "a-b", "a b", "für", "x\n", "while", "INT", "static_assert", "int8", "SIZE",
      "x;", "uint_fast16", String(repeating: "x", count: 41),
    ])
  func refusesNames(name: String) throws {
    let program = try ProgramBuilder.randomProgram(seed: 1)
    let error = #expect(throws: FixedPointError.self) { try program.c99(name: name) }
    guard case .name(name, _) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["x", "Drone_3", "integer", "main", "ENCODER"])
  func acceptsNames(name: String) throws {
    let program = try ProgramBuilder.randomProgram(seed: 1)
    let source = try program.c99(name: name)
    #expect(source.contains("void \(name)_encode(const int8_t *image, uint8_t *indices);"))
    let compiler = try #require(CCompiler())
    try CCompiler.withFolder { folder in
      let path = try compiler.compile(source, CCompiler.strictest + ["-c"], in: folder)
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }
}
