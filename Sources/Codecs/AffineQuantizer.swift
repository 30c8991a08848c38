public import Tensors

/// Asymmetric quantisation of a whole tensor to integers of a number of bits.
///
/// `s = (max − min) / (2^Q − 1)`, `z = round(−min / s)`, `q = clip(round(x / s) + z, 0, 2^Q − 1)`
/// and `x̂ = s (q − z)`; rounding goes to the nearest, ties to even. A tensor of one value, or one
/// whose range is lost beside its values, is that value. Source: https://arxiv.org/abs/2511.11664.
public struct AffineQuantizer: Equatable, Sendable {
  /// How many bits a value may have.
  public static let bitRange = 1...16

  /// Beyond this a zero point and a symbol have no exact sum in single precision.
  private static let mostZeroPoint = 1 << 24

  /// The bits of a symbol.
  public let bits: Int
  /// The value of a step; 0 if all values are ``offset``.
  public let scale: Float
  /// The symbol of zero, which may lie outside the symbols there are.
  public let zeroPoint: Int
  /// The value of a constant tensor.
  public let offset: Float

  /// Finds the range of a tensor.
  ///
  /// - Throws: ``CodecError/notFinite(index:value:)``, or
  ///   ``CodecError/outOfRange(index:value:most:)`` if values lie so far apart that what is read of
  ///   them would be infinite.
  public init(fitting tensor: Tensor<Float>, bits: Int) throws(CodecError) {
    precondition(AffineQuantizer.bitRange.contains(bits), "AffineQuantizer: \(bits) bits")
    self.bits = bits
    let (least, most, isFinite) = tensor.withUnsafeBufferPointer(AffineQuantizer.extremes)
    if !isFinite { try CodecError.checkFinite(tensor.scalars) }
    let step = Float((Double(most) - Double(least)) / Double(1 << bits - 1))
    let zero = tensor.count > 0 ? (-Double(least) / Double(step)).rounded(.toNearestOrEven) : 0
    if tensor.count > 0, step.isInfinite {
      throw .outOfRange(
        index: tensor.scalars.firstIndex(of: most) ?? 0, value: most,
        most: .greatestFiniteMagnitude / 2)
    }
    guard tensor.count > 0, step >= .leastNormalMagnitude,
      abs(zero) <= Double(AffineQuantizer.mostZeroPoint)
    else {
      scale = 0
      zeroPoint = 0
      offset = tensor.count > 0 ? least : 0
      return
    }
    scale = step
    zeroPoint = Int(zero)
    offset = 0
    try checkEnds(least, most, of: tensor)
  }

  /// Refuses steps of which the first or the last has no finite value.
  private func checkEnds(
    _ least: Float, _ most: Float, of tensor: Tensor<Float>
  ) throws(CodecError) {
    for (symbol, value) in [(0, least), (symbolCount - 1, most)]
    where !(scale * Float(symbol - zeroPoint)).isFinite {
      throw .outOfRange(
        index: tensor.scalars.firstIndex(of: value) ?? 0, value: value,
        most: .greatestFiniteMagnitude / 2)
    }
  }

  /// Steps over a range that is settled beforehand; what lies outside becomes the nearest symbol.
  ///
  /// - Parameter zeroPoint: the symbol of zero; the one that fits the range unless given.
  /// - Precondition: the range is not empty, and 1 to 16 bits.
  public init(range: ClosedRange<Float>, bits: Int, zeroPoint: Int? = nil) {
    precondition(
      AffineQuantizer.bitRange.contains(bits) && range.lowerBound < range.upperBound,
      "AffineQuantizer: \(bits) bits over \(range)")
    self.bits = bits
    scale = (range.upperBound - range.lowerBound) / Float(1 << bits - 1)
    self.zeroPoint =
      zeroPoint ?? Int((-range.lowerBound / scale).rounded(.toNearestOrEven))
    offset = 0
  }

  /// The least and the largest value, and whether all are numbers and finite.
  private static func extremes(
    _ values: UnsafeBufferPointer<Float>
  ) -> (least: Float, most: Float, isFinite: Bool) {
    var least = SIMD16<Float>(repeating: .infinity)
    var most = SIMD16<Float>(repeating: -.infinity)
    // The difference of a number from itself is zero; of a NaN or an infinity it is not.
    var isFinite = SIMDMask<SIMD16<Int32>>(repeating: true)
    func take(_ block: SIMD16<Float>) {
      least.replace(with: block, where: block .< least)
      most.replace(with: block, where: block .> most)
      isFinite = isFinite .& ((block - block) .== 0)
    }
    let whole = values.count / 16 * 16
    let raw = UnsafeRawBufferPointer(values)
    for start in stride(from: 0, to: whole, by: 16) {
      take(raw.loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<Float>.self))
    }
    for index in whole..<values.count { take(SIMD16(repeating: values[index])) }
    return (least.min(), most.max(), all(isFinite))
  }

  /// Reads what ``write(to:)`` wrote.
  ///
  /// - Throws: ``CodecError``.
  init(_ reader: inout ByteReader) throws(CodecError) {
    bits = Int(try reader.byte(of: "the bits of a value"))
    guard AffineQuantizer.bitRange.contains(bits) else {
      throw .damaged("values of \(bits) bits, expected 1 to 16")
    }
    let scale = try reader.float(of: "the scale")
    guard scale >= 0, scale.isFinite else { throw .damaged("the scale is \(scale)") }
    self.scale = scale
    if scale == 0 {
      zeroPoint = 0
      offset = try reader.float(of: "the value")
      guard offset.isFinite else { throw .damaged("the value is \(offset)") }
    } else {
      zeroPoint = Int(try reader.fixed(Int32.self, of: "the zero point"))
      offset = 0
      guard abs(zeroPoint) <= AffineQuantizer.mostZeroPoint else {
        throw .damaged("the zero point is \(zeroPoint)")
      }
    }
  }

  /// Writes the parameters: nine bytes.
  func write(to writer: inout ByteWriter) {
    writer.write(byte: UInt8(bits))
    writer.write(scale)
    if scale == 0 { writer.write(offset) } else { writer.write(fixed: Int32(zeroPoint)) }
  }

  /// The number of symbols there are.
  public var symbolCount: Int { 1 << bits }

  /// The symbol of zero, held within the symbols there are: what a sparse latent is full of.
  public var zeroSymbol: Int { min(max(zeroPoint, 0), symbolCount - 1) }

  /// The symbols of values the quantiser was fitted to.
  public func symbols(of tensor: Tensor<Float>) -> [UInt16] {
    guard scale > 0 else { return [UInt16](repeating: 0, count: tensor.count) }
    let inverse = 1 / scale
    // Adding and taking away 1.5 · 2²³ leaves the nearest integer of anything below 2²².
    let isQuick = inverse.isFinite && abs(zeroPoint) < 1 << 21
    return tensor.withUnsafeBufferPointer { values in
      [UInt16](unsafeUninitializedCapacity: values.count) { target, count in
        count = values.count
        guard let values = values.baseAddress, let target = target.baseAddress else { return }
        if isQuick {
          quantize(values, inverse, count: count, into: target)
        } else {
          for index in 0..<count {
            let symbol = (values[index] / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
            target[index] = UInt16(min(max(symbol, 0), Float(symbolCount - 1)))
          }
        }
      }
    }
  }

  /// Quantises without a function call or a trap in the loop, so that it becomes vector code.
  private func quantize(
    _ values: UnsafePointer<Float>, _ inverse: Float, count: Int,
    into target: UnsafeMutablePointer<UInt16>
  ) {
    let shift: Float = 0x1.8p23
    let zero = Float(zeroPoint)
    let most = Float(symbolCount - 1)
    for index in 0..<count {
      let symbol = ((values[index] * inverse + shift) - shift) + zero
      let low = symbol < 0 ? 0 : symbol
      let held = low > most ? most : low
      // From 2²³ on, the lowest bits of a number are its integer part.
      target[index] = UInt16(truncatingIfNeeded: (held + 0x1p23).bitPattern)
    }
  }

  /// The values of symbols.
  public func values(of symbols: [UInt16], shape: Shape) -> Tensor<Float> {
    precondition(symbols.count == shape.elementCount, "\(symbols.count) symbols for \(shape)")
    guard scale > 0 else { return Tensor(shape, repeating: offset) }
    let zero = Int32(zeroPoint)
    return symbols.withUnsafeBufferPointer { symbols in
      Tensor(shape) { target in
        for index in 0..<symbols.count {
          target.initializeElement(at: index, to: scale * Float(Int32(symbols[index]) - zero))
        }
      }
    }
  }
}
