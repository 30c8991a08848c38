public import Tensors

/// The values as they are: four bytes each.
public struct IdentityCodec: LatentCodec {
  /// 0.
  public static let number: UInt8 = 0
  /// `fp32`.
  public static let name = "fp32"

  /// None.
  public var settings: [String: CodecDescription.Setting] { [:] }

  /// Creates the codec.
  public init() {}

  /// Writes every bit pattern.
  public func encode(_ latent: Tensor<Float>, into writer: inout ByteWriter) throws(CodecError) {
    writer.write(SinglePrecision.bytes(of: latent))
  }

  /// Reads every bit pattern.
  public static func decode(
    _ reader: inout ByteReader, shape: Shape, tables: CodecTables
  ) throws(CodecError) -> Tensor<Float> {
    SinglePrecision.tensor(try reader.bytes(4 * shape.elementCount, of: "the values"), shape)
  }
}

/// The values in half precision: two bytes each.
public struct HalfPrecisionCodec: LatentCodec {
  /// 1.
  public static let number: UInt8 = 1
  /// `fp16`.
  public static let name = "fp16"

  /// None.
  public var settings: [String: CodecDescription.Setting] { [:] }

  /// Creates the codec.
  public init() {}

  /// Rounds to the nearest, ties to even; NaNs and infinities stay what they are.
  ///
  /// - Throws: ``CodecError/outOfRange(index:value:most:)`` for a finite value that would become
  ///   infinite.
  public func encode(_ latent: Tensor<Float>, into writer: inout ByteWriter) throws(CodecError) {
    for (index, value) in latent.scalars.enumerated() {
      let pattern = HalfPrecision.pattern(of: value)
      if pattern & 0x7FFF == HalfPrecision.infinity, value.isFinite {
        throw .outOfRange(index: index, value: value, most: HalfPrecision.greatest)
      }
      writer.write(fixed: pattern)
    }
  }

  /// Reads every bit pattern.
  public static func decode(
    _ reader: inout ByteReader, shape: Shape, tables: CodecTables
  ) throws(CodecError) -> Tensor<Float> {
    let count = shape.elementCount
    let bytes = try reader.bytes(2 * count, of: "the values")
    return Tensor(shape) { target in
      bytes.withUnsafeBytes { source in
        for index in 0..<count {
          let pattern = UInt16(
            littleEndian: source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
          target.initializeElement(at: index, to: HalfPrecision.value(of: pattern))
        }
      }
    }
  }
}

/// IEEE 754 binary16 in integers, so that it is the same with and without hardware for it.
enum HalfPrecision {
  /// The pattern of infinity without its sign.
  static let infinity: UInt16 = 0x7C00
  /// The greatest finite value.
  static let greatest: Float = 65504

  /// The nearest pattern, ties to even.
  static func pattern(of value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 {
      // A NaN stays one; its highest bits too.
      return sign | 0x7E00 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x1FF
    }
    // From 65520 on the nearest is infinite.
    if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
    if magnitude >= 0x3880_0000 {
      // Normal: the exponent is rebased by 112, the mantissa rounded to ten bits.
      let rounded = magnitude &+ 0xFFF &+ (magnitude >> 13 & 1) &- 0x3800_0000
      return sign | UInt16(truncatingIfNeeded: rounded >> 13)
    }
    // Subnormal: a multiple of 2⁻²⁴.
    let scaled = Float(bitPattern: magnitude) * 0x1p24
    return sign | UInt16(scaled.rounded(.toNearestOrEven))
  }

  /// The value of a pattern.
  static func value(of pattern: UInt16) -> Float {
    let sign = UInt32(pattern & 0x8000) << 16
    let exponent = UInt32(pattern >> 10 & 0x1F)
    let mantissa = UInt32(pattern & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(mantissa) * 0x1p-24
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | mantissa << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | mantissa << 13)
    }
  }
}

/// Asymmetrically quantised values of a fixed number of bits, packed without gaps.
public struct PackedCodec: LatentCodec {
  /// 2.
  public static let number: UInt8 = 2
  /// `packed`.
  public static let name = "packed"

  /// The bits of a value, 1 to 16.
  public let bits: Int

  /// The steps, if they are settled beforehand and do not follow each latent's range.
  public let quantizer: AffineQuantizer?

  /// `bits`; `scale` and `zero_point` if the steps are settled beforehand.
  public var settings: [String: CodecDescription.Setting] {
    var settings = ["bits": CodecDescription.Setting.integer(bits)]
    if let quantizer {
      settings["scale"] = .number(Double(quantizer.scale))
      settings["zero_point"] = .integer(quantizer.zeroPoint)
    }
    return settings
  }

  /// Creates the codec.
  ///
  /// - Precondition: 1 to 16 bits.
  public init(bits: Int) {
    precondition(AffineQuantizer.bitRange.contains(bits), "PackedCodec: \(bits) bits")
    self.bits = bits
    quantizer = nil
  }

  /// Creates the codec with steps that are the same for every latent.
  public init(_ quantizer: AffineQuantizer) {
    bits = quantizer.bits
    self.quantizer = quantizer
  }

  /// Quantises and packs, the first value in the lowest bits.
  ///
  /// - Throws: ``CodecError/notFinite(index:value:)``, or
  ///   ``CodecError/outOfRange(index:value:most:)`` for values too far apart.
  public func encode(_ latent: Tensor<Float>, into writer: inout ByteWriter) throws(CodecError) {
    // What is not finite is found by the fit, whose steps may not be those that are used.
    let fitted = try AffineQuantizer(fitting: latent, bits: bits)
    let quantizer = quantizer ?? fitted
    quantizer.write(to: &writer)
    var pending: UInt64 = 0
    var count = 0
    for symbol in quantizer.symbols(of: latent) {
      pending |= UInt64(symbol) << UInt64(count)
      count += bits
      while count >= 8 {
        writer.write(byte: UInt8(truncatingIfNeeded: pending))
        pending >>= 8
        count -= 8
      }
    }
    if count > 0 { writer.write(byte: UInt8(truncatingIfNeeded: pending)) }
  }

  /// Unpacks and scales.
  public static func decode(
    _ reader: inout ByteReader, shape: Shape, tables: CodecTables
  ) throws(CodecError) -> Tensor<Float> {
    let quantizer = try AffineQuantizer(&reader)
    let count = shape.elementCount
    let bytes = try reader.bytes((count * quantizer.bits + 7) / 8, of: "the values")
    var pending: UInt64 = 0
    var available = 0
    var next = bytes.startIndex
    let mask = UInt64(1) << UInt64(quantizer.bits) - 1
    var symbols: [UInt16] = []
    symbols.reserveCapacity(count)
    for _ in 0..<count {
      while available < quantizer.bits {
        pending |= UInt64(bytes[next]) << UInt64(available)
        next += 1
        available += 8
      }
      symbols.append(UInt16(truncatingIfNeeded: pending & mask))
      pending >>= UInt64(quantizer.bits)
      available -= quantizer.bits
    }
    guard pending == 0 else { throw .damaged("bits after the last value are set") }
    return quantizer.values(of: symbols, shape: shape)
  }
}
