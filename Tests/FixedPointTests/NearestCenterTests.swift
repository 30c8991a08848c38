import Testing

import FixedPoint

@Suite struct NearestCenterTests {
  typealias Center = FixedPointProgram.NearestCenter

  private func indices(_ center: Center, _ values: [Int16]) throws -> [Int16] {
    let shape: FixedPointProgram.Shape =
      values.count > 65_535
      ? .init(height: 256, width: values.count / 256, channels: 1)
      : .init(height: 1, width: values.count, channels: 1)
    let buffer = FixedPointProgram.Buffer(shape: shape, element: .int16, zeroPoint: 0)
    let result = try center.result([buffer], CheckedPlace(step: 0, operation: "nearest"))
    #expect(result.element == .index)
    return center.run([values], [buffer], result)
  }

  /// Compares with a search in Double wherever no midpoint is within 1e-6, and counts those.
  private func compare(_ centers: [Float], _ values: [Int16]) throws -> Int {
    let found = try indices(Center(centers: centers), values)
    let norm = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let factor = Double(values.count).squareRoot() / norm
    let midpoints = zip(centers, centers.dropFirst()).map { (Double($0) + Double($1)) / 2 }
    var compared = 0
    for (value, index) in zip(values, found) {
      let number = Double(value) * factor
      guard midpoints.allSatisfy({ abs($0 - number) > 1e-6 }) else { continue }
      compared += 1
      let nearest = centers.indices.min {
        abs(Double(centers[$0]) - number) < abs(Double(centers[$1]) - number)
      }
      #expect(Int(index) == nearest, "\(number) among \(centers)")
    }
    return compared
  }

  @Test("the nearest centre is that in floating point", arguments: [2, 3, 7, 16, 64, 255, 256])
  func agrees(levels: Int) throws {
    var random = SeededGenerator(UInt64(levels))
    for count in [1, 2, 3, 64, 1000, 3001] {
      var centers = random.numbers(levels, -2.5...2.5).sorted()
      // Evenly spaced ones, as a uniform quantiser has.
      if count == 64 { centers = (0..<levels).map { Float($0) / Float(levels) * 5 - 2.5 } }
      let values = random.halves(count).map { $0 == 0 ? 1 : $0 }
      let compared = try compare(centers, values)
      #expect(Double(compared) > 0.9 * Double(count))
    }
  }

  @Test func smallAndLargeSamplesAgree() throws {
    var random = SeededGenerator(3)
    let centers: [Float] = [-300, -10, -1.6, -0.5, -1e-3, 1.5e-3, 0.4, 0.41, 2, 255, 600]
    for limit in [1, 3, 100, 32_767] {
      let values = (0..<500).map { _ in Int16(random.integer(-limit...limit)) }
      #expect(try compare(centers, values) > 450)
    }
    // One value among 65,536 zeros has 256 times the power, and n and the sum are the largest.
    var peak = [Int16](repeating: 0, count: 65_536)
    peak[777] = .max
    #expect(try compare(centers, peak) == 65_536)
    peak[777] = .min
    #expect(try compare(centers, peak) == 65_536)
    #expect(try compare(centers, [Int16](repeating: .min, count: 65_536)) == 65_536)
    #expect(try compare([-1e9, 1e9], [.min, .max, 0, 1]) == 3)
  }

  @Test func midpointsAreNotAboveThemselves() throws {
    // All values are ±1 after scaling, exactly on the midpoints ±1.
    let center = Center(centers: [-1.5, -0.5, 0.5, 1.5])
    #expect(center.squaredMidpoints == [-1 << 32, 0, 1 << 32])
    #expect(try indices(center, [7, -7, 7, -7]) == [2, 0, 2, 0])
  }

  @Test func thresholdsAreExactRationals() throws {
    // Σx² = 2·32767² + 1 is not divisible by n = 3, against products in 128 bits.
    var random = SeededGenerator(17)
    for _ in 0..<200 {
      let count = random.integer(1...50)
      let values = random.halves(count)
      let energy = values.reduce(Int128(0)) { $0 + Int128($1) * Int128($1) }
      guard energy > 0 else { continue }
      let midpoints = (0..<40).map { _ in
        Int64(truncatingIfNeeded: random.next()) >> Int64(random.integer(16...40))
      }.sorted()
      let center = Center(squaredMidpoints: midpoints)
      let expected = values.map { value in
        let square = Int128(value) * Int128(value.magnitude) * Int128(count) * (1 << 32)
        return Int16(midpoints.count { square > Int128($0) * energy })
      }
      #expect(try indices(center, values) == expected)
    }
  }

  @Test func zerosBecomeTheCenterNearestZero() throws {
    #expect(try indices(Center(centers: [-2, -0.4, 1, 3]), [0, 0]) == [1, 1])
    #expect(try indices(Center(centers: [1, 2]), [0]) == [0])
    #expect(try indices(Center(centers: [-2, -1]), [0]) == [1])
  }

  @Test func bitsHoldTheLargestIndex() {
    let bits = [2, 3, 4, 5, 8, 9, 16, 17, 128, 129, 256].map { count in
      Center(centers: (0..<count).map(Float.init)).bits
    }
    #expect(bits == [1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 8])
  }
}
