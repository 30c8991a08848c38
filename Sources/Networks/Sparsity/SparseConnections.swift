public import Tensors

/// Which inputs each output of a layer reads, as it is stored: by what it was drawn with, or by
/// index.
public struct SparseConnections: Hashable, Sendable {
  /// How many inputs there are.
  public let inputs: Int
  /// How many outputs there are.
  public let outputs: Int
  /// What the pattern was drawn with; nil for one that is stored by index.
  public let drawn: PredefinedSparsity?
  /// The pattern.
  public let pattern: SparsePattern

  /// Draws a pattern.
  ///
  /// - Parameter storesIndices: whether the pattern itself is stored, so that nobody has to draw it
  ///   again.
  /// - Throws: ``SparsityError`` if there is none.
  public init(
    inputs: Int, outputs: Int, drawing sparsity: PredefinedSparsity, storesIndices: Bool = false
  ) throws(SparsityError) {
    self.inputs = inputs
    self.outputs = outputs
    drawn = storesIndices ? nil : sparsity
    pattern = try sparsity.pattern(inputs: inputs, outputs: outputs)
  }

  /// Creates connections that are stored by index.
  public init(_ pattern: SparsePattern) {
    inputs = pattern.inputCount
    outputs = pattern.outputCount
    drawn = nil
    self.pattern = pattern
  }

  /// The bytes that say where the entries are: a seed of 8 bytes; or for each entry 2 bytes (4 with
  /// more than 65,536 inputs), and 4 for each output if not all read as many.
  public var storedBytes: Int {
    guard drawn == nil else { return 8 }
    let degrees = Set(pattern.inDegrees).count > 1 ? 4 * outputs : 0
    return pattern.entryCount * (inputs <= 1 << 16 ? 2 : 4) + degrees
  }
}

extension SparseConnections: Codable {
  private enum CodingKeys: String, CodingKey {
    case inputs, outputs, drawn, indices
  }

  /// The most places of a matrix: as many as 32-bit offsets can count.
  private static let mostPlaces = Int(Int32.max)

  /// Reads connections, and draws them again or checks their indices.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func damaged(_ key: CodingKeys, _ what: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: what)
    }
    inputs = try container.decode(Int.self, forKey: .inputs)
    outputs = try container.decode(Int.self, forKey: .outputs)
    guard inputs > 0, outputs > 0, inputs <= SparseConnections.mostPlaces / outputs else {
      throw damaged(.inputs, "\(inputs) inputs and \(outputs) outputs")
    }
    drawn = try container.decodeIfPresent(PredefinedSparsity.self, forKey: .drawn)
    if let drawn {
      do {
        pattern = try drawn.pattern(inputs: inputs, outputs: outputs)
      } catch { throw damaged(.drawn, "\(error)") }
      return
    }
    let indices = try container.decode([[Int]].self, forKey: .indices)
    let inputs = inputs
    guard indices.count == outputs,
      indices.allSatisfy({ row in
        row.allSatisfy { (0..<inputs).contains($0) }
          && zip(row, row.dropFirst()).allSatisfy { $0 < $1 }
      })
    else { throw damaged(.indices, "expected ascending inputs below \(inputs) for every output") }
    pattern = SparsePattern(inputCount: inputs, inputsOfOutputs: indices)
  }

  /// Writes what the pattern was drawn with, or its indices.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(inputs, forKey: .inputs)
    try container.encode(outputs, forKey: .outputs)
    if let drawn {
      try container.encode(drawn, forKey: .drawn)
    } else {
      try container.encode(
        (0..<outputs).map { pattern.inputs(of: $0).map(Int.init) }, forKey: .indices)
    }
  }
}
