extension FixedPointProgram {
  /// What integers stand for: `number = scale × (level − zeroPoint)`.
  public struct Quantization: Hashable, Sendable {
    /// The difference between neighbouring levels.
    public let scale: Float

    /// The level that stands for 0; it is 0 for values of 16 bits.
    public let zeroPoint: Int8

    /// Creates a quantisation of a scale and a zero point.
    ///
    /// - Precondition: the scale is a positive normal number.
    public init(scale: Float, zeroPoint: Int8 = 0) {
      precondition(scale > 0 && scale.isNormal, "Quantization: a scale of \(scale)")
      self.scale = scale
      self.zeroPoint = zeroPoint
    }

    /// Creates the quantisation of 8 bits that covers a range and 0.
    public init(covering range: ClosedRange<Float>) {
      let lower = Double(min(range.lowerBound, 0))
      let upper = Double(max(range.upperBound, 0))
      let scale = Float((upper - lower) / 255)
      guard scale.isNormal else {
        self.init(scale: 1)
        return
      }
      let zero = (-128 - lower / Double(scale)).rounded()
      self.init(scale: scale, zeroPoint: Int8(min(max(zero, -128), 127)))
    }

    /// Creates the quantisation of 16 bits for magnitudes up to a largest.
    public init(sixteenBitsUpTo largest: Float) {
      let scale = largest.magnitude / 32_767
      self.init(scale: scale.isNormal ? scale : 1)
    }

    /// The nearest level of 8 bits; halves go to the even one, and what is out of range to its end.
    ///
    /// - Precondition: the number is not NaN.
    public func level(_ number: Float) -> Int8 { Int8(level(number, in: -128...127)) }

    func level(_ number: Float, in range: ClosedRange<Int16>) -> Int16 {
      precondition(!number.isNaN, "Quantization: NaN has no level")
      let level = (number / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
      return Int16(min(max(level, Float(range.lowerBound)), Float(range.upperBound)))
    }

    /// The levels of a range of numbers, within those of a type.
    func levels(_ numbers: ClosedRange<Float>, _ element: Element) -> ClosedRange<Int16> {
      level(numbers.lowerBound, in: element.range)...level(numbers.upperBound, in: element.range)
    }
  }
}
