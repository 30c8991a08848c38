import Boxes
import Datasets
import Tensors
import Testing

@Suite struct ImagePlacementTests {
  /// A picture of 40 rows and 80 columns, in one of 20 by 20.
  @Test(arguments: [
    // The whole width at a quarter, the whole height at a half.
    (ImageSizing.Fit.stretch, BoundingBox(left: 20, top: 10, right: 40, bottom: 30)),
    // The 40 columns in the middle, at a half.
    (.crop, BoundingBox(left: 30, top: 10, right: 40, bottom: 30)),
    // All at a quarter, below 5 rows of frame.
    (.pad, BoundingBox(left: 20, top: 0, right: 40, bottom: 40)),
  ])
  func boxesAreFoundAgainInTheFile(fit: ImageSizing.Fit, expected: BoundingBox) {
    let placement = ImagePlacement(
      of: ImageSize(height: 40, width: 80), in: ImageSize(height: 20, width: 20), fit)
    let box = BoundingBox(left: 5, top: 5, right: 10, bottom: 15)
    #expect(placement.original(of: box) == expected)
  }
}
