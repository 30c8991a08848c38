/// Where the buffers of a program lie in one arena, and what the program takes of a device.
public struct MemoryPlan: Equatable, Sendable {
  /// Where a buffer lies in the arena and when it is in use.
  public struct Placement: Equatable, Sendable {
    /// The number of the buffer.
    public let buffer: Int
    /// Its first byte.
    public let offset: Int
    /// Its length in bytes.
    public let bytes: Int
    /// The step that writes it; −1 is the caller, who writes the image.
    public let firstStep: Int
    /// The last step that reads it.
    public let lastStep: Int

    /// Its bytes in the arena.
    public var range: Range<Int> { offset..<offset + bytes }

    /// Whether both are in use during some step.
    public func isAlive(with other: Placement) -> Bool {
      firstStep <= other.lastStep && other.firstStep <= lastStep
    }
  }

  /// Every buffer in order; only the indices, which are the caller's, have none.
  public let placements: [Placement]

  /// The size of the arena in bytes, with the image.
  public let arenaBytes: Int

  /// Bytes of the thresholds of the last step.
  ///
  /// They are beside the arena: nothing else has their type, and a compiler may assume that memory
  /// of different types is not the same.
  public let thresholdBytes: Int

  /// Bytes of all constants as the C file stores them: weights, biases, requantisations, tables and
  /// the numbers of each step.
  ///
  /// Instructions, whose size is the compiler's choice, are not in it.
  public let flashBytes: Int

  /// Bytes of the arena, the thresholds and the indices; the stack is not in it.
  public let ramBytes: Int

  /// Multiply-accumulates of an image in convolutions, their padding included, and in divisive
  /// normalisations.
  public let macs: Int

  /// The offset of a buffer in the arena, or nil for the indices.
  public func offset(ofBuffer buffer: Int) -> Int? {
    placements.indices.contains(buffer) ? placements[buffer].offset : nil
  }

  init(_ steps: [FixedPointProgram.Step], _ buffers: [FixedPointProgram.Buffer]) {
    var lastReads = [Int](repeating: -1, count: buffers.count)
    for (index, step) in steps.enumerated() {
      for buffer in step.inputs { lastReads[buffer] = index }
    }
    let unplaced = (0..<steps.count).map { buffer in
      Placement(
        buffer: buffer, offset: 0, bytes: buffers[buffer].bytes, firstStep: buffer - 1,
        lastStep: lastReads[buffer])
    }
    placements = MemoryPlan.placed(unplaced, buffers)
    let end = placements.reduce(0) { max($0, $1.range.upperBound) }
    // The arena is a union with values of 16 bits.
    arenaBytes = (end + 1) / 2 * 2
    thresholdBytes = steps.reduce(0) { $0 + $1.operation.implementation.thresholdBytes }
    ramBytes = arenaBytes + thresholdBytes + buffers[steps.count].bytes
    var flash = 0
    var macs = 0
    for (index, step) in steps.enumerated() {
      let operation = step.operation.implementation
      let result = buffers[index + 1]
      flash += operation.cStep(step.inputs.map { buffers[$0] }, result).bytes
      macs += operation.multiplyAccumulates(result)
    }
    flashBytes = flash
    self.macs = macs
  }

  /// Gives each buffer the lowest offset that is free while it is in use, the largest one first.
  private static func placed(
    _ parts: [Placement], _ buffers: [FixedPointProgram.Buffer]
  ) -> [Placement] {
    let order = parts.indices.sorted {
      (parts[$1].bytes, $0) < (parts[$0].bytes, $1)
    }
    var placed: [Int: Placement] = [:]
    for index in order {
      let part = parts[index]
      let unit = buffers[index].element.bytes
      var offset = 0
      let neighbours = placed.values.filter { $0.isAlive(with: part) }
        .sorted { ($0.offset, $0.bytes) < ($1.offset, $1.bytes) }
      for neighbour in neighbours {
        if offset + part.bytes <= neighbour.offset { break }
        offset = max(offset, (neighbour.range.upperBound + unit - 1) / unit * unit)
      }
      placed[index] = Placement(
        buffer: index, offset: offset, bytes: part.bytes, firstStep: part.firstStep,
        lastStep: part.lastStep)
    }
    return parts.indices.compactMap { placed[$0] }
  }
}
