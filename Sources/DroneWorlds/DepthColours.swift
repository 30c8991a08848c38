/// Colours for depth: near is bright, far is dark, and lightness falls steadily between them.
enum DepthColours {
  /// From far to near, at equal distances.
  private static let knots: [SIMD3<Double>] = [
    SIMD3(14, 10, 40), SIMD3(52, 28, 108), SIMD3(58, 78, 150), SIMD3(34, 128, 150),
    SIMD3(52, 174, 124), SIMD3(150, 208, 84), SIMD3(252, 238, 120),
  ]

  /// The colour of a normalised depth, 0 to 1, as `0xRRGGBB`.
  static func colour(_ depth: Float) -> UInt32 {
    // Near depths differ most in what they mean.
    let nearness = 1 - Double(min(1, max(0, depth))).squareRoot()
    let place = nearness * Double(knots.count - 1)
    let index = min(knots.count - 2, Int(place))
    let mixed = knots[index] + (place - Double(index)) * (knots[index + 1] - knots[index])
    return UInt32(mixed.x.rounded()) << 16 | UInt32(mixed.y.rounded()) << 8
      | UInt32(mixed.z.rounded())
  }
}
