public import Tensors

/// The extents in which images differ from those a network takes, and what would bring them there.
public struct ImageMismatch: Hashable, Sendable {
  /// `[height, width, channels]` of what the network takes.
  public let expected: Shape
  /// The same of the images.
  public let found: Shape

  /// Compares two shapes.
  public init(expected: Shape, found: Shape) {
    self.expected = expected
    self.found = found
  }

  private var areImages: Bool { expected.rank == 3 && found.rank == 3 }

  /// Indicates whether rows or columns differ.
  public var differsInSize: Bool {
    areImages && (expected[0] != found[0] || expected[1] != found[1])
  }

  /// Indicates whether the channels differ.
  public var differsInChannels: Bool { areImages && expected[2] != found[2] }

  /// The extents that differ, such as `height × width are 32×32, expected 28×28`.
  public var differences: String {
    guard areImages else { return "the extents are \(found), expected \(expected)" }
    var texts: [String] = []
    if differsInSize {
      texts.append(
        "height × width are \(found[0])×\(found[1]), expected \(expected[0])×\(expected[1])")
    }
    if differsInChannels {
      texts.append(
        "channels are \(Self.channels(found[2])), expected \(Self.channels(expected[2]))")
    }
    return texts.joined(separator: "; ")
  }

  private static func channels(_ count: Int) -> String {
    count == 1 ? "1 (grey)" : count == 3 ? "3 (colour)" : "\(count)"
  }

  /// The settings of the `data` section that bring the images there; empty if there are none.
  ///
  /// - Parameter takesSize: whether the data set can be brought to a size.
  public func settings(takesSize: Bool) -> [String] {
    var settings: [String] = []
    if differsInSize, takesSize, expected[0] == expected[1] {
      settings.append("data.size=\(expected[0])")
    }
    if differsInChannels, [1, 3].contains(expected[2]), [1, 3].contains(found[2]) {
      settings.append("data.channels=\(expected[2])")
    }
    return settings
  }
}
