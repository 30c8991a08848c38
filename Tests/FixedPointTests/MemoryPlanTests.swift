import Testing

import FixedPoint

@Suite struct MemoryPlanTests {
  @Test("buffers in use at once do not share bytes", arguments: 0..<12)
  func separate(seed: UInt64) throws {
    let program = try ProgramBuilder.randomProgram(seed: seed)
    let memory = program.memory
    #expect(memory.placements.map(\.buffer) == Array(program.steps.indices))
    for (index, one) in memory.placements.enumerated() {
      for other in memory.placements[(index + 1)...] where one.isAlive(with: other) {
        #expect(!one.range.overlaps(other.range), "\(one) \(other)")
      }
      #expect(one.range.upperBound <= memory.arenaBytes)
      let element = program.buffers[index].element
      #expect(one.offset % element.bytes == 0)
      #expect(one.bytes == program.buffers[index].bytes)
      #expect(one.firstStep == index - 1)
      #expect(one.lastStep == program.steps.lastIndex { $0.inputs.contains(index) })
      #expect(memory.offset(ofBuffer: index) == one.offset)
    }
    #expect(memory.offset(ofBuffer: program.steps.count) == nil)
    #expect(memory.thresholdBytes == 4 * (program.levelCount - 1))
    #expect(
      memory.ramBytes == memory.arenaBytes + memory.thresholdBytes + program.valueCount)
    let all = program.buffers.reduce(memory.thresholdBytes) { $0 + $1.bytes }
    #expect(memory.ramBytes <= all)
    // What is in use during the busiest step needs its bytes.
    let busiest =
      program.steps.indices.map { step in
        memory.placements.filter { $0.firstStep <= step && step <= $0.lastStep }
          .reduce(0) { $0 + $1.bytes }
      }.max() ?? 0
    #expect(memory.arenaBytes >= busiest)
  }

  @Test func aChainUsesTheBytesOfDeadBuffersAgain() throws {
    var builder = ProgramBuilder(.init(height: 8, width: 8, channels: 4), seed: 1)
    for _ in 0..<4 { builder.convolution(outputs: 4) }
    builder.convolution(outputs: 1, element: .int16)
    builder.nearestCenter(levels: 4)
    let program = try builder.program()
    // Two of 256 bytes take turns; 128 bytes of int16 take the place of one of them.
    #expect(program.memory.arenaBytes == 512)
    #expect(program.memory.ramBytes == 512 + 3 * 4 + 64)
    // What a window has outside of the image counts, as in most tables of costs.
    #expect(program.memory.macs == 64 * 9 * (4 * 4 * 4 + 4 * 1))
  }

  @Test func constantsAreCountedByHand() throws {
    var builder = ProgramBuilder(.init(height: 4, width: 4, channels: 3), seed: 1)
    builder.convolution(outputs: 5, element: .int16)
    builder.normalizeAndRectify()
    builder.nearestCenter(levels: 8)
    let program = try builder.program()
    guard case .parametricRectifier(let rectifier) = program.steps[2].operation else {
      Issue.record("no rectifier")
      return
    }
    let convolution = 18 * 4 + 9 * 3 * 5 + 5 * (4 + 4 + 1)
    let normalization = 3 * 4 + 5 * 8 + 25 * 2
    let end = 3 * 4 + 7 * 8
    #expect(
      program.memory.flashBytes
        == convolution + normalization + 3 * 4 + rectifier.slopes.count * 4 + end)
    #expect(program.memory.macs == 16 * (27 * 5 + 25))
  }

  @Test func budgetsNameAllThatExceedsThem() throws {
    let program = try ProgramBuilder.randomProgram(seed: 0)
    let (flash, ram) = (program.memory.flashBytes, program.memory.ramBytes)
    try DeviceBudget.stm32.check(program)
    try DeviceBudget(flash: flash, ram: ram).check(program)
    func message(_ budget: DeviceBudget) -> String {
      do {
        try budget.check(program)
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(DeviceBudget(flash: flash - 1, ram: ram - 10))
        == "the program needs \(flash) bytes of flash, 1 more than the device's \(flash - 1) and "
        + "\(ram) bytes of RAM, 10 more than the device's \(ram - 10)")
    #expect(
      message(DeviceBudget(flash: flash, ram: 0))
        == "the program needs \(ram) bytes of RAM, \(ram) more than the device's 0")
    #expect(DeviceBudget.stm32 == DeviceBudget(flash: 1_048_576, ram: 262_144))
  }
}
