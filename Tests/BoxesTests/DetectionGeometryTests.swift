import Boxes
import Foundation
import Testing

@Suite struct DetectionGeometryTests {
  private func box(_ left: Float, _ top: Float, _ right: Float, _ bottom: Float) -> BoundingBox {
    BoundingBox(left: left, top: top, right: right, bottom: bottom)
  }

  // MARK: - Suppression

  @Test func theBestOfOverlappingBoxesStays() {
    let boxes = [box(0, 0, 10, 10), box(1, 0, 11, 10), box(20, 0, 30, 10), box(0, 0, 10, 11)]
    #expect(
      NonMaximumSuppression.kept(boxes: boxes, scores: [0.5, 0.9, 0.1, 0.5], threshold: 0.5)
        == [1, 2])
    // Of equal scores the first stays.
    #expect(
      NonMaximumSuppression.kept(boxes: boxes, scores: [0.5, 0.4, 0.1, 0.5], threshold: 0.5)
        == [0, 2])
    // Boxes of other groups do not matter.
    #expect(
      NonMaximumSuppression.kept(
        boxes: boxes, scores: [0.5, 0.9, 0.1, 0.4], groups: [0, 1, 0, 0], threshold: 0.5)
        == [1, 0, 2])
    #expect(
      NonMaximumSuppression.kept(
        boxes: boxes, scores: [0.5, 0.9, 0.1, 0.4], threshold: 0.5, limit: 1) == [1])
    #expect(NonMaximumSuppression.kept(boxes: [], scores: [], threshold: 0.5).isEmpty)
  }

  @Test func anOverlapOfExactlyTheThresholdStays() {
    let boxes = [box(0, 0, 10, 10), box(5, 0, 15, 10)]
    let overlap = boxes[0].intersectionOverUnion(boxes[1])
    #expect(
      NonMaximumSuppression.kept(boxes: boxes, scores: [2, 1], threshold: overlap) == [0, 1])
    #expect(
      NonMaximumSuppression.kept(boxes: boxes, scores: [2, 1], threshold: overlap.nextDown)
        == [0])
  }

  // MARK: - Differences

  @Test func boxesAreWrittenAsDifferences() {
    let reference = box(10, 20, 30, 60)
    let coder = BoxCoder()
    // The centre moves by half a width and a quarter of a height; the width doubles.
    let difference = coder.encoded(box(10, 30, 50, 70), from: reference)
    #expect(difference.x == 0.5 && difference.y == 0.25 && difference.w == 0)
    #expect(abs(difference.z - 0.693_147_2) < 1e-6)
    let refined = BoxCoder.refinement.encoded(box(10, 30, 50, 70), from: reference)
    #expect(refined.x == 5 && refined.y == 2.5)
    for coder in [coder, .refinement] {
      let back = coder.decoded(
        coder.encoded(box(1, 2, 33, 9), from: reference), from: reference)
      #expect(abs(back.left - 1) < 1e-4 && abs(back.top - 2) < 1e-4)
      #expect(abs(back.right - 33) < 1e-4 && abs(back.bottom - 9) < 1e-4)
    }
  }

  @Test func aBoxGrowsAtMostSixtyTwoAndAHalfTimes() {
    let grown = BoxCoder().decoded(SIMD4(0, 0, 1000, .infinity), from: box(0, 0, 16, 8))
    #expect(abs(grown.width - 1000) < 0.01 && abs(grown.height - 500) < 0.01)
  }

  // MARK: - Anchors

  @Test func anchorsStandInTheMiddleOfTheirPlaces() {
    let grid = AnchorGrid(
      levels: [.init(height: 2, width: 4), .init(height: 1, width: 2)], imageHeight: 16,
      imageWidth: 32, scale: 2, octaves: 2, ratios: [1, 4])
    let boxes = grid.boxes
    #expect(boxes.count == 40 && grid.count == 40 && grid.formCount == 4)
    #expect(grid.levelRanges == [0..<32, 32..<40])
    // The first place covers the pixels 0 to 8.
    #expect(boxes[0] == box(-4, -4, 12, 12))
    // Twice as wide at half the height: of the same area.
    #expect(boxes[1] == box(0, -12, 8, 20))
    #expect(abs(boxes[2].width - 16 * 1.414_213_5) < 1e-4)
    // The second place of the second level covers the columns 16 to 32.
    #expect(boxes[36] == box(8, -8, 40, 24))
  }

  /// What a file or a recipe may ask for, but no detector can have.
  @Test func impossibleGridsAreRefused() throws {
    let place = AnchorGrid.Level(height: 2, width: 2)
    func grid(
      _ levels: [AnchorGrid.Level], scale: Float = 1, octaves: Int = 1, ratios: [Float] = [1]
    ) -> AnchorGrid? {
      AnchorGrid(
        checking: levels, imageHeight: 8, imageWidth: 8, scale: scale, octaves: octaves,
        ratios: ratios)
    }
    let possible = try #require(grid([place]))
    #expect(possible.count == 4)
    for impossible in [
      grid([]), grid([place], scale: 0), grid([place], scale: .infinity), grid([place], octaves: 0),
      grid([place], ratios: []), grid([place], ratios: [-1]),
      grid([.init(height: 1 << 16, width: 1 << 16)]), grid([.init(height: 0, width: 2)]),
    ] { #expect(impossible == nil) }
    let text = String(decoding: try JSONEncoder().encode(possible), as: UTF8.self)
    #expect(!text.contains("left"), "anchors are not written: \(text)")
    func decode(_ text: String) throws -> AnchorGrid {
      try JSONDecoder().decode(AnchorGrid.self, from: Data(text.utf8))
    }
    #expect(try decode(text) == possible)
    let damaged = text.replacingOccurrences(of: #""octaves":1"#, with: #""octaves":0"#)
    #expect(damaged != text)
    #expect(throws: DecodingError.self) { try decode(damaged) }
  }

  // MARK: - Matching

  @Test func boxesFindTheObjectTheyOverlapMost() {
    let objects = [
      LabelledBox(box(0, 0, 10, 10), category: 0), LabelledBox(box(40, 40, 42, 42), category: 1),
      LabelledBox(box(60, 0, 90, 30), category: 0, isCrowd: true),
    ]
    let boxes = [
      box(0, 0, 10, 9), box(0, 0, 10, 5), box(30, 30, 50, 50), box(70, 0, 80, 10),
      box(100, 100, 110, 110), box(5, 5, 5, 9),
    ]
    let matcher = BoxMatcher(foreground: 0.7, background: 0.3, matchesBest: true)
    #expect(
      matcher.matches(boxes: boxes, objects: objects) == [
        .object(0), .ignored, .object(1), .ignored, .background, .ignored,
      ])
    let strict = BoxMatcher(foreground: 0.5, background: 0.5, matchesBest: false)
    #expect(
      strict.matches(boxes: boxes, objects: objects) == [
        .object(0), .object(0), .background, .ignored, .background, .ignored,
      ])
    #expect(
      strict.matches(boxes: Array(boxes.prefix(2)), objects: []) == [.background, .background])
  }
}
