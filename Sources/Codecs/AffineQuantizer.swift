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
  /// - Throws: ``CodecError/notFinite(index:)``.
  public init(fitting tensor: Tensor<Float>, bits: Int) throws(CodecError) {
    precondition(AffineQuantizer.bitRange.contains(bits), "AffineQuantizer: \(bits) bits")
    self.bits = bits
    let (least, most, isFinite) = tensor.withUnsafeBufferPointer { values in
      var least = Float.infinity
      var most = -Float.infinity
      // The difference of a number from itself is zero, of a NaN or an infinity it is not.
      var check: Float = 0
      for value in values {
        least = value < least ? value : least
        most = value > most ? value : most
        check += value - value
      }
      return (least, most, check == 0)
    }
    guard isFinite else {
      throw .notFinite(index: tensor.scalars.firstIndex { !$0.isFinite } ?? 0)
    }
    let step = Float((Double(most) - Double(least)) / Double(1 << bits - 1))
    let zero = tensor.count > 0 ? (-Double(least) / Double(step)).rounded(.toNearestOrEven) : 0
    guard tensor.count > 0, step.isFinite, step >= .leastNormalMagnitude,
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
    let isExact = inverse.isFinite
    let zero = Float(zeroPoint)
    let most = Float(symbolCount - 1)
    return tensor.withUnsafeBufferPointer { values in
      [UInt16](unsafeUninitializedCapacity: values.count) { target, count in
        for index in 0..<values.count {
          let scaled = isExact ? values[index] * inverse : values[index] / scale
          let symbol = scaled.rounded(.toNearestOrEven) + zero
          let held = symbol < 0 ? 0 : symbol > most ? most : symbol
          target.initializeElement(at: index, to: UInt16(held))
        }
        count = values.count
      }
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
