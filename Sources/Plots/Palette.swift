internal import Foundation

/// The colours of what ink means.
enum Palette {
  /// On white; told apart by most who see colours otherwise (after Okabe and Ito).
  static let light: [UInt32] = [
    0x0072B2, 0xD55E00, 0x009E73, 0xB8518F, 0xB87A00, 0x3A9BD9, 0x7A3E9D, 0x6B6B00,
    0x8C3B2E, 0x4D5966,
  ]

  /// On near black.
  static let dark: [UInt32] = [
    0x58A6FF, 0xFF8B4D, 0x3FCF9F, 0xF29CC9, 0xF0B429, 0x8CD3FF, 0xC9A0F0, 0xD6D65C,
    0xD98880, 0xB8C4CF,
  ]

  /// Text, less important text, and grid.
  static let lightInks: [UInt32] = [0x1F2328, 0x59636E, 0xD8DEE4]
  static let darkInks: [UInt32] = [0xE6EDF3, 0x9AA4AF, 0x30363D]

  static let lightGround: UInt32 = 0xFFFFFF
  static let darkGround: UInt32 = 0x0D1117

  /// The light colour of an ink.
  static func color(_ ink: Drawing.Ink) -> UInt32 {
    switch ink {
    case .text: lightInks[0]
    case .muted: lightInks[1]
    case .grid: lightInks[2]
    case .series(let index): light[index % light.count]
    case .shade(let share): mixed(lightGround, light[0], share: max(0, min(1, share)))
    }
  }
}

extension Palette {
  /// A colour between two.
  private static func mixed(_ ground: UInt32, _ colour: UInt32, share: Double) -> UInt32 {
    [16, 8, 0].reduce(0) { sum, shift in
      let (from, to) = (Double(ground >> shift & 255), Double(colour >> shift & 255))
      return sum | UInt32((from + share * (to - from)).rounded()) << shift
    }
  }
}

func cosine(_ angle: Double) -> Double { cos(angle) }
func sine(_ angle: Double) -> Double { sin(angle) }

/// A number with few digits, as SVG and labels want it.
func short(_ value: Double, decimals: Int = 1) -> String {
  let text = String(format: "%.\(decimals)f", value)
  guard text.contains(".") else { return text }
  var end = Substring(text)
  while end.last == "0" { end.removeLast() }
  if end.last == "." { end.removeLast() }
  return end == "-0" ? "0" : String(end)
}
