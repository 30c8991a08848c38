import Boxes
import Testing

@Suite struct BoundingBoxTests {
  @Test func overlapIsSharedAreaOverCoveredArea() {
    let box = BoundingBox(left: 0, top: 0, right: 4, bottom: 2)
    // 2 × 2 shared, 8 + 8 − 4 covered.
    #expect(
      box.intersectionOverUnion(BoundingBox(left: 2, top: 0, right: 6, bottom: 2)) == Float(4) / 12)
    #expect(box.intersectionOverUnion(box) == 1)
  }

  @Test func boxesApartOrWithoutAreaDoNotOverlap() {
    let box = BoundingBox(left: 0, top: 0, right: 4, bottom: 2)
    #expect(box.intersectionOverUnion(BoundingBox(left: 5, top: 3, right: 6, bottom: 4)) == 0)
    let empty = BoundingBox(left: 1, top: 1, right: 1, bottom: 2)
    #expect(empty.intersectionOverUnion(empty) == 0)
    #expect(BoundingBox(left: 3, top: 0, right: 1, bottom: -2).area == 0)
  }

  @Test func aBoxOutsideIsClampedToTheEdge() {
    let image = BoundingBox(left: 0, top: 0, right: 8, bottom: 4)
    #expect(
      BoundingBox(left: 9, top: -1, right: 12, bottom: 2).clamped(to: image)
        == BoundingBox(left: 8, top: 0, right: 8, bottom: 2))
  }
}
