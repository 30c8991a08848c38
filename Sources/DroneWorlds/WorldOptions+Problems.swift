extension WorldOptions {
  /// Something that is wrong with the value of a key.
  public struct Problem: Hashable, Sendable, CustomStringConvertible {
    /// The key.
    public let key: CodingKeys
    /// What it is.
    public let value: String
    /// What was expected.
    public let expected: String

    /// What is wrong, and what was expected.
    public var message: String { "\(value), expected \(expected)" }

    /// The key as files have it, and what is wrong.
    public var description: String { "\(key.rawValue): \(message)" }
  }

  /// Everything that is wrong with the options; empty if they can be used.
  public func problems() -> [Problem] {
    var problems: [Problem] = []
    func check(_ key: CodingKeys, _ value: Double, _ range: ClosedRange<Double>, _ unit: String) {
      guard !range.contains(value) else { return }
      let limits = "\(range.lowerBound) to \(range.upperBound)"
      problems.append(
        Problem(key: key, value: "\(value)", expected: "\(limits)\(unit.isEmpty ? "" : " " + unit)")
      )
    }
    func order(_ low: (CodingKeys, Double), _ high: (CodingKeys, Double)) {
      guard low.1 > high.1 else { return }
      problems.append(
        Problem(
          key: low.0,
          value: "\(low.1)", expected: "no more than \(high.0.rawValue), which is \(high.1)"))
    }
    check(.extent, extent, 20...500, "metres")
    check(.minimumDensity, minimumDensity, 0...20, "obstacles in 100 square metres")
    check(.maximumDensity, maximumDensity, 0...20, "obstacles in 100 square metres")
    order((.minimumDensity, minimumDensity), (.maximumDensity, maximumDensity))
    check(.minimumSize, minimumSize, 0.05...20, "metres")
    check(.maximumSize, maximumSize, 0.05...20, "metres")
    order((.minimumSize, minimumSize), (.maximumSize, maximumSize))
    check(.minimumHeight, minimumHeight, 0.1...100, "metres")
    check(.maximumHeight, maximumHeight, 0.1...100, "metres")
    order((.minimumHeight, minimumHeight), (.maximumHeight, maximumHeight))
    check(.altitude, altitude, 0.1...100, "metres")
    check(.droneRadius, droneRadius, 0.05...5, "metres")
    // Otherwise the drone would scrape along the floor.
    order((.droneRadius, droneRadius), (.altitude, altitude))
    check(.startClearance, startClearance, 0...20, "metres")
    order((.droneRadius, droneRadius), (.startClearance, startClearance))
    check(.cameraWidth, Double(cameraWidth), 8...Double(Camera.maximumSide), "pixels")
    check(.cameraHeight, Double(cameraHeight), 8...Double(Camera.maximumSide), "pixels")
    check(.fieldOfViewDegrees, fieldOfViewDegrees, 10...150, "degrees")
    check(.farLimit, farLimit, 1...1000, "metres")
    return problems
  }
}
