/// How the numbers of a value are stored as unsigned bytes: `number = scale · (byte − zeroPoint)`.
public struct QuantizationParameters: Hashable, Codable, Sendable {
  /// The difference between neighbouring bytes.
  public let scale: Float

  /// The byte that stands for 0.
  public let zeroPoint: UInt8

  /// Creates the parameters of a scale and a zero point.
  public init(scale: Float, zeroPoint: UInt8) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  /// Creates the parameters that cover a range; 0, which padding needs exactly, is always in it.
  public init(covering range: ClosedRange<Float>) {
    let lower = Double(min(range.lowerBound, 0))
    let upper = Double(max(range.upperBound, 0))
    let scale = Float((upper - lower) / 255)
    guard scale.isNormal else {
      self.init(scale: 1, zeroPoint: 0)
      return
    }
    let zero = (-lower / Double(scale)).rounded()
    self.init(scale: scale, zeroPoint: UInt8(min(max(zero, 0), 255)))
  }

  /// The byte of a number, the nearest there is; halves go to the even one, as in ONNX.
  public func byte(_ number: Float) -> UInt8 {
    let level = (number / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
    return UInt8(min(max(level, 0), 255))
  }

  /// The number a byte stands for.
  public func number(_ byte: UInt8) -> Float { scale * Float(Int(byte) - Int(zeroPoint)) }
}
