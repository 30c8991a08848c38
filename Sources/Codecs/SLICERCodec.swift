public import Tensors

/// Training-free compression of features: the largest values survive, are split by magnitude, and
/// each part has as few bits as its error allows.
///
/// The steps are asymmetric top-K filtering (``MagnitudeFilter``), magnitude splitting, adaptive bit
/// quantisation (``AdaptiveBitQuantizer``) and entropy coding (``SLICERModel``). Source: SLICER,
/// https://arxiv.org/abs/2511.11608.
///
/// After the container's shape a stream holds how it was made (K, λ, M, δ), the number of values
/// sent, the bits of each block and what its codes stand for, and then positions, membership and
/// codes as the decisions of one entropy coder.
///
/// Deviation: survivors that are zero are not sent, as everything that is not sent decodes to zero.
public struct SLICERCodec: LatentCodec, Hashable {
  /// 5.
  public static let number: UInt8 = 5
  /// `slicer`.
  public static let name = "slicer"

  /// How many blocks there may be.
  public static let blockRange = 1...16

  /// The fraction of the values that survive, 0 to 1; `1 − s` in the paper.
  public let keep: Double
  /// What negative values count against positive ones, 0 or more; λ in the paper.
  public let asymmetry: Float
  /// What the asymmetry means.
  public let reading: MagnitudeFilter.Reading
  /// The most blocks of equal cardinality the survivors are split into; M in the paper.
  public let blocks: Int
  /// The most error of a block, 0 or more; δ in the paper.
  public let tolerance: Float
  /// What that error is.
  public let bound: AdaptiveBitQuantizer.Bound

  /// `keep`, `asymmetry`, `reading`, `blocks`, `tolerance` and `bound`.
  public var settings: [String: CodecDescription.Setting] {
    [
      "keep": .number(keep), "asymmetry": .number(Double(asymmetry)),
      "reading": .word(reading.rawValue), "blocks": .integer(blocks),
      "tolerance": .number(Double(tolerance)), "bound": .word(bound.rawValue),
    ]
  }

  /// Creates the codec.
  ///
  /// - Precondition: the settings are in their ranges; an asymmetry that shares out K is at most 1.
  public init(
    keep: Double, blocks: Int = 1, tolerance: Float = 0.05,
    bound: AdaptiveBitQuantizer.Bound = .relative, asymmetry: Float = 1,
    reading: MagnitudeFilter.Reading = .score
  ) {
    precondition((0...1).contains(keep), "SLICERCodec: keeps \(keep)")
    precondition(SLICERCodec.blockRange.contains(blocks), "SLICERCodec: \(blocks) blocks")
    precondition(tolerance >= 0 && tolerance.isFinite, "SLICERCodec: tolerance \(tolerance)")
    precondition(
      reading.range.contains(asymmetry), "SLICERCodec: asymmetry \(asymmetry) as \(reading)")
    self.keep = keep
    self.asymmetry = asymmetry
    self.reading = reading
    self.blocks = blocks
    self.tolerance = tolerance
    self.bound = bound
  }

  /// Filters, splits, quantises and codes.
  ///
  /// - Throws: ``CodecError/notFinite(index:value:)``.
  public func encode(_ latent: Tensor<Float>, into writer: inout ByteWriter) throws(CodecError) {
    let values = latent.scalars
    try CodecError.checkFinite(values)
    let count = Int((keep * Double(values.count)).rounded())
    let sent = MagnitudeFilter(count: count, asymmetry: asymmetry, reading: reading)
      .survivors(of: values).filter { values[$0] != 0 }
    let parts = SLICERCodec.split(sent, of: values, into: min(blocks, sent.count))
    let mean = sent.reduce(0.0) { $0 + Double(abs(values[$1])) } / Double(max(sent.count, 1))
    let quantizers = parts.map {
      AdaptiveBitQuantizer(
        $0.map { values[$0] }, tolerance: tolerance, bound: bound, meanMagnitude: mean)
    }

    writer.write(byte: SLICERCodec.flags(reading, bound))
    writer.write(variable: count)
    writer.write(asymmetry)
    writer.write(byte: UInt8(blocks))
    writer.write(tolerance)
    writer.write(variable: sent.count)
    AdaptiveBitQuantizer.write(quantizers, to: &writer)

    var model = SLICERModel(
      shape: latent.shape, sent: sent.count, bits: quantizers.map(\.bits))
    for (block, (part, quantizer)) in zip(parts, quantizers).enumerated() {
      for index in part {
        model.marks[index] = UInt8(block + 1)
        model.codes[index] = quantizer.code(of: values[index])
      }
    }
    var coder = AdaptiveRANS.Writer()
    _ = model.code(&coder)
    coder.write(to: &writer)
  }

  /// Positions in blocks of equal cardinality, those of the smallest magnitudes first; where that
  /// is not possible, later ones have one more.
  ///
  /// Among equal magnitudes those of the lowest index are in the later block.
  package static func split(_ positions: [Int], of values: [Float], into count: Int) -> [[Int]] {
    var rest = positions
    var blocks: [[Int]] = []
    for block in (0..<count).reversed() {
      let size = positions.count * (block + 1) / count - positions.count * block / count
      let isLarge = MagnitudeFilter.largest(size, of: rest.map { abs(values[$0]).bitPattern })
      blocks.append(zip(rest, isLarge).filter(\.1).map(\.0))
      rest = zip(rest, isLarge).filter { !$0.1 }.map(\.0)
    }
    return blocks.reversed()
  }

  private static func flags(
    _ reading: MagnitudeFilter.Reading, _ bound: AdaptiveBitQuantizer.Bound
  ) -> UInt8 { (reading == .budget ? 1 : 0) | (bound == .relative ? 2 : 0) }

  /// Decodes, scales and puts everything else to zero.
  public static func decode(
    _ reader: inout ByteReader, shape: Shape, tables: CodecTables
  ) throws(CodecError) -> Tensor<Float> {
    let total = shape.elementCount
    let flags = try reader.byte(of: "the flags")
    guard flags < 4 else { throw .damaged("the flags are \(flags), expected 0 to 3") }
    let reading: MagnitudeFilter.Reading = flags & 1 == 1 ? .budget : .score
    let count = try reader.variable(of: "the number of survivors", in: 0...total)
    let asymmetry = try reader.float(of: "the asymmetry")
    guard reading.range.contains(asymmetry) else {
      throw .damaged("the asymmetry is \(asymmetry)")
    }
    let blocks = Int(try reader.byte(of: "the number of blocks"))
    guard blockRange.contains(blocks) else {
      throw .damaged("\(blocks) blocks, expected 1 to 16")
    }
    let tolerance = try reader.float(of: "the tolerance")
    guard tolerance >= 0, tolerance.isFinite else {
      throw .damaged("the tolerance is \(tolerance)")
    }
    let sent = try reader.variable(of: "the number of values sent", in: 0...count)
    let quantizers = try AdaptiveBitQuantizer.read(&reader, count: min(blocks, sent))

    var model = SLICERModel(shape: shape, sent: sent, bits: quantizers.map(\.bits))
    if model.hasDecisions {
      var coder = try AdaptiveRANS.Reader(&reader)
      guard model.code(&coder) else {
        throw .damaged("there are not as many values as the stream says")
      }
      try coder.finish()
    }
    return Tensor(shape) { target in
      for index in 0..<total {
        let mark = Int(model.marks[index])
        target.initializeElement(
          at: index, to: mark == 0 ? 0 : quantizers[mark - 1].value(of: model.codes[index]))
      }
    }
  }
}
