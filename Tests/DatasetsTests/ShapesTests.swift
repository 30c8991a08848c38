import Datasets
import Tensors
import Testing

@Suite struct ShapesTests {
  static let base = ShapeFactors(scene: 123_456)

  private func changedPixels(_ factor: ShapeFactor, of factors: ShapeFactors) -> [Int] {
    var other = factors
    other[factor] = (factors[factor] + 1) % factor.valueCount
    let renderer = ShapesRenderer()
    let first = renderer.render(factors)
    let second = renderer.render(other)
    return (0..<64 * 64).filter { first[$0 * 3..<$0 * 3 + 3] != second[$0 * 3..<$0 * 3 + 3] }
  }

  /// Whether a pixel or one beside it shows a surface; edges are mixed from both sides.
  private func isNear(_ surface: ShapesSurface, _ pixel: Int, _ hits: [ShapesHit]) -> Bool {
    let (x, y) = (pixel % 64, pixel / 64)
    return (max(0, y - 1)...min(63, y + 1)).contains { row in
      (max(0, x - 1)...min(63, x + 1)).contains { hits[row * 64 + $0].surface == surface }
    }
  }

  @Test(arguments: [
    (ShapeFactor.floorHue, ShapesSurface.floor), (.wallHue, .wall), (.objectHue, .object),
  ])
  func aHueChangesItsSurfaceAndNothingElse(factor: ShapeFactor, surface: ShapesSurface) {
    for scene in [0, 123_456, 333_333, 479_999] {
      let factors = ShapeFactors(scene: scene)
      let hits = ShapesRenderer().hits(factors)
      let changed = Set(changedPixels(factor, of: factors))
      #expect(changed.allSatisfy { isNear(surface, $0, hits) })
      let inside = hits.indices.filter { hits[$0].surface == surface }
      #expect(!inside.isEmpty)
      #expect(inside.count { !changed.contains($0) } == 0)
    }
  }

  @Test(arguments: [ShapeFactor.scale, .shape, .orientation])
  func geometryChangesWhatIsSeen(factor: ShapeFactor) {
    #expect(changedPixels(factor, of: Self.base).count > 20)
  }

  @Test func aLargerScaleCoversMorePixels() {
    for form in 0..<4 {
      var factors = Self.base
      factors[.shape] = form
      let areas = (0..<8).map { scale -> Int in
        factors[.scale] = scale
        return ShapesRenderer().hits(factors).count { $0.surface == .object }
      }
      #expect(areas == areas.sorted() && areas[0] >= 40 && areas[7] > 2 * areas[0])
    }
  }

  @Test func theObjectIsNearerThanTheWallBehindIt() throws {
    let hits = ShapesRenderer().hits(Self.base)
    let object = try #require(hits.filter { $0.surface == .object }.map(\.distance).max())
    let wall = try #require(hits.filter { $0.surface == .wall }.map(\.distance).max())
    #expect(object < wall)
    #expect(hits.allSatisfy { $0.distance > 0 && $0.distance < 20 })
  }

  @Test func scenesAndFactorsCorrespond() {
    #expect(ShapeFactors.sceneCount == 480_000)
    for scene in [0, 1, 14, 15, 123_456, 479_999] {
      #expect(ShapeFactors(scene: scene).scene == scene)
    }
    let last = ShapeFactors(scene: 479_999)
    #expect(ShapeFactor.allCases.allSatisfy { last[$0] == $0.valueCount - 1 })
    #expect(ShapeFactors(scene: 1)[.orientation] == 1)
  }

  @Test func everyFactorNamesEachValueOnce() {
    for factor in ShapeFactor.allCases {
      #expect(Set(factor.valueNames).count == factor.valueCount)
    }
  }

  @Test func imagesDoNotDependOnTheNumberOfThreads() throws {
    let images = try [1, 3].map { threads in
      try ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        try ShapesDataset.dataset(part: .train, count: 100, seed: 4, size: 16)
          .bytes(at: Array(0..<100))
      }
    }
    #expect(images[0] == images[1])
  }

  @Test func partsShareNoSceneAndFollowFromTheSeed() throws {
    func scenes(_ part: DatasetPart, _ seed: UInt64) throws -> [[Int32]] {
      let set = try ShapesDataset.dataset(part: part, count: 200, seed: seed, size: 8)
      let factors = try ShapeFactor.allCases.map { try set.labelled(by: $0.rawValue).labels }
      return (0..<200).map { sample in factors.map { $0[sample] } }
    }
    let train = try scenes(.train, 1)
    #expect(Set(train).isDisjoint(with: try scenes(.test, 1)))
    #expect(Set(train).count == 200)
    #expect(try scenes(.train, 1) == train)
    #expect(try scenes(.train, 2) != train)
  }

  @Test func labelsAreTheFactorsThatWereDrawn() throws {
    let scenes = [5, 100_000, 479_999]
    let set = ShapesDataset.dataset(name: "three", scenes: scenes, size: 16, factor: .objectHue)
    #expect(set.labels == scenes.map { Int32(ShapeFactors(scene: $0)[.objectHue]) })
    for factor in ShapeFactor.allCases {
      #expect(
        try set.labelled(by: factor.rawValue).labels
          == scenes.map { Int32(ShapeFactors(scene: $0)[factor]) })
    }
    #expect(
      try set.bytes(at: [1]) == ShapesRenderer(size: 16).render(ShapeFactors(scene: 100_000)))
    #expect(throws: DatasetError.self) { try set.labelled(by: "object_hues") }
    #expect(try set.subset([2]).labelled(by: "shape").labels == [3])
  }

  @Test func impossibleCountsAndSizesAreRefused() {
    #expect(throws: DatasetError.self) {
      try ShapesDataset.dataset(part: .train, count: 0, seed: 0)
    }
    #expect(throws: DatasetError.self) {
      try ShapesDataset.dataset(part: .train, count: 240_001, seed: 0)
    }
    #expect(throws: DatasetError.self) {
      try ShapesDataset.dataset(part: .train, count: 1, seed: 0, size: 4)
    }
  }
}
