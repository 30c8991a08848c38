internal import Foundation
public import Tensors

/// A pattern of connections that is chosen before training and never changes: how it is drawn, and
/// the seed it is drawn with, from which it can be made again.
///
/// Every input is read by `outDegree` outputs, and every output reads `inDegree` inputs. Source: FDL
/// 2024, https://arxiv.org/abs/2407.11763; patterns from Dey et al., https://arxiv.org/abs/1812.01164.
public struct PredefinedSparsity: Hashable, Codable, Sendable {
  /// How a pattern is drawn.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// As many connections as the density says, anywhere: degrees vary.
    case random
    /// Every output draws its inputs among those that are not yet read often enough: degrees are
    /// exact.
    case structured
    /// Inputs lie in memories, of which every cycle reads one address each; the addresses of each
    /// memory are in an order of their own in every sweep.
    case clashFree1 = "clash_free_1"
    /// The same with addresses that follow each other from one drawn for every memory and sweep.
    case clashFree2 = "clash_free_2"
    /// The same with the first addresses the same in every sweep.
    case clashFree3 = "clash_free_3"

    /// Whether inputs lie in memories.
    public var isClashFree: Bool {
      switch self {
      case .random, .structured: false
      case .clashFree1, .clashFree2, .clashFree3: true
      }
    }
  }

  /// How it is drawn.
  public var kind: Kind
  /// How many outputs read each input.
  public var outDegree: Int
  /// What it is drawn with.
  public var seed: UInt64
  /// For patterns without clashes, how many memories the inputs lie in; unless given the largest
  /// number that divides the inputs and is not above what an output reads.
  public var memories: Int?
  /// For patterns without clashes, whether the memories are read in an order of their own in every
  /// sweep.
  public var dithers: Bool

  /// Creates a pattern's description.
  public init(
    _ kind: Kind = .structured, outDegree: Int, seed: UInt64 = 0, memories: Int? = nil,
    dithers: Bool = false
  ) {
    self.kind = kind
    self.outDegree = outDegree
    self.seed = seed
    self.memories = memories
    self.dithers = dithers
  }

  // MARK: - Degrees

  /// The out-degrees that give every output of a junction the same number of inputs, in order.
  public static func outDegrees(inputs: Int, outputs: Int) -> StrideThrough<Int> {
    let step = outputs / greatestCommonDivisor(inputs, outputs)
    return stride(from: step, through: outputs, by: step)
  }

  /// The out-degree whose density is nearest to one that is wished for.
  ///
  /// - Returns: at least the smallest there is.
  public static func outDegree(inputs: Int, outputs: Int, density: Double) -> Int {
    let step = outputs / greatestCommonDivisor(inputs, outputs)
    let steps = (density * Double(outputs) / Double(step)).rounded()
    return max(1, min(outputs / step, Int(steps))) * step
  }

  /// How many inputs each output reads.
  ///
  /// - Throws: ``SparsityError`` if it is not a whole number between 1 and all.
  public func inDegree(inputs: Int, outputs: Int) throws(SparsityError) -> Int {
    let valid = Array(PredefinedSparsity.outDegrees(inputs: inputs, outputs: outputs))
    guard inputs > 0, outputs > 0, (1...max(outputs, 1)).contains(outDegree),
      inputs * outDegree % outputs == 0
    else {
      let below = valid.last { $0 <= outDegree }
      let above = valid.first { $0 > outDegree }
      throw .degree(
        inputs: inputs, outputs: outputs, outDegree: outDegree,
        nearest: [below, above].compactMap { $0 })
    }
    return inputs * outDegree / outputs
  }

  private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    second == 0 ? max(first, 1) : greatestCommonDivisor(second, first % second)
  }

  // MARK: - Drawing

  /// Draws the pattern of a junction; the same seed gives the same one on every machine.
  ///
  /// - Throws: ``SparsityError`` if the degrees are not whole numbers, or the memories do not divide
  ///   the inputs.
  public func pattern(inputs: Int, outputs: Int) throws(SparsityError) -> SparsePattern {
    var random = RandomSource(seed: seed, purpose: "predefined sparsity")
    if kind == .random {
      guard (1...max(outputs, 1)).contains(outDegree) else {
        throw .degree(
          inputs: inputs, outputs: outputs, outDegree: outDegree, nearest: [1, outputs])
      }
      return randomPattern(inputs, outputs, &random)
    }
    let inDegree = try inDegree(inputs: inputs, outputs: outputs)
    guard kind.isClashFree else {
      return structuredPattern(inputs, outputs, inDegree: inDegree, &random)
    }
    return try clashFreePattern(inputs, outputs, inDegree: inDegree, &random)
  }

  /// ⌈ρ · inputs · outputs⌉ connections anywhere.
  private func randomPattern(
    _ inputs: Int, _ outputs: Int, _ random: inout RandomSource
  ) -> SparsePattern {
    let order = random.permutation(inputs * outputs)
    var joined = [[Int]](repeating: [], count: outputs)
    for place in order.prefix(inputs * outDegree) { joined[place / inputs].append(place % inputs) }
    return SparsePattern(inputCount: inputs, inputsOfOutputs: joined)
  }

  /// Each output draws among the inputs that are not yet read often enough.
  ///
  /// An input that as many outputs have still to read as there are outputs left is taken first.
  private func structuredPattern(
    _ inputs: Int, _ outputs: Int, inDegree: Int, _ random: inout RandomSource
  ) -> SparsePattern {
    var missing = [Int](repeating: outDegree, count: inputs)
    let joined = (0..<outputs).map { output in
      let left = outputs - output
      var taken: [Int] = []
      var free: [Int] = []
      for input in 0..<inputs where missing[input] > 0 {
        if missing[input] == left { taken.append(input) } else { free.append(input) }
      }
      // The first of a shuffle, no further than they are needed.
      for place in 0..<inDegree - taken.count {
        free.swapAt(place, place + random.index(below: free.count - place))
        taken.append(free[place])
      }
      for input in taken { missing[input] -= 1 }
      return taken
    }
    return SparsePattern(inputCount: inputs, inputsOfOutputs: joined)
  }

  // MARK: - Without clashes

  /// Reads the memories sweep by sweep, and gives what is read to the outputs in turn.
  ///
  /// An output that a sweep has left unfinished must not be given an input again by the next one. So
  /// the first addresses of a memory are drawn among those the output has not read; as it reads no
  /// more than all inputs, there are always enough, if the memories it has read most often come last.
  private func clashFreePattern(
    _ inputs: Int, _ outputs: Int, inDegree: Int, _ random: inout RandomSource
  ) throws(SparsityError) -> SparsePattern {
    let memories = memories ?? (1...inDegree).last { inputs % $0 == 0 } ?? 1
    guard memories >= 1, inputs % memories == 0 else { throw .memories(memories, inputs: inputs) }
    let depth = inputs / memories
    var sequence: [Int] = []
    sequence.reserveCapacity(inputs * outDegree)
    var firsts = (0..<memories).map { _ in random.index(below: depth) }
    for sweep in 0..<outDegree {
      let begun = sequence.suffix(sequence.count % inDegree)
      let lacking = begun.isEmpty ? 0 : inDegree - begun.count
      var read = [Set<Int>](repeating: [], count: memories)
      for input in begun { read[input % memories].insert(input / memories) }
      func reads(of lane: Int) -> Int { max(0, (lacking - lane + memories - 1) / memories) }
      var lanes = dithers ? random.permutation(memories) : Array(0..<memories)
      let fits = lanes.enumerated().allSatisfy { lane, memory in
        reads(of: lane) + read[memory].count <= depth
      }
      if !fits { lanes.sort { read[$0].count < read[$1].count } }
      var orders = [[Int]](repeating: [], count: memories)
      for (lane, memory) in lanes.enumerated() {
        let count = reads(of: lane)
        switch kind {
        case .clashFree1:
          let order = random.permutation(depth)
          let early = order.filter { !read[memory].contains($0) }.prefix(count)
          orders[memory] = early + order.filter { !early.contains($0) }
        case .clashFree2 where sweep > 0:
          let free = (0..<depth).filter { first in
            (0..<count).allSatisfy { !read[memory].contains((first + $0) % depth) }
          }
          firsts[memory] = free[random.index(below: free.count)]
          fallthrough
        default: orders[memory] = (0..<depth).map { (firsts[memory] + $0) % depth }
        }
      }
      for cycle in 0..<depth {
        for memory in lanes { sequence.append(orders[memory][cycle] * memories + memory) }
      }
    }
    return SparsePattern(
      inputCount: inputs,
      inputsOfOutputs: (0..<outputs).map {
        Array(sequence[$0 * inDegree..<($0 + 1) * inDegree])
      })
  }
}

/// Why a pattern of connections cannot be.
public enum SparsityError: Error, Equatable, CustomStringConvertible {
  /// Not every output would read the same number of inputs.
  case degree(inputs: Int, outputs: Int, outDegree: Int, nearest: [Int])
  /// The inputs cannot be spread over the memories evenly.
  case memories(Int, inputs: Int)
  /// A rule names layers that are not there.
  case noLayer(pattern: String, known: [String])
  /// A layer cannot be sparse.
  case notSparse(layer: String, reason: String)

  /// What is wrong and what would be right.
  public var description: String {
    switch self {
    case .degree(let inputs, let outputs, let outDegree, let nearest):
      let choice = nearest.map(String.init).joined(separator: " and ")
      return
        "from \(inputs) to \(outputs) units, out-degree \(outDegree) does not give every output the "
        + "same whole number of inputs; the nearest that do: \(choice)"
    case .memories(let memories, let inputs):
      let divisors = (1...max(inputs, 1)).filter { inputs % $0 == 0 }
      let near = [divisors.last { $0 < memories }, divisors.first { $0 > memories }]
      return
        "\(inputs) inputs cannot be spread over \(memories) memories evenly; the nearest numbers "
        + "that can: \(near.compactMap { $0 }.map(String.init).joined(separator: " and "))"
    case .noLayer(let pattern, let known):
      return
        "no linear or convolutional layer matches '\(pattern)'; there are "
        + known.joined(separator: ", ")
    case .notSparse(let layer, let reason):
      return "\(layer) cannot be made sparse: \(reason)"
    }
  }
}
