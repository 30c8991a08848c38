import Autodiff
import Tensors
import Testing

@Suite struct DetectionOperationTests {
  private let logits = Tensor<Double>([3, 2], [0.5, -1, 2, 0.25, 3, -4])

  private func focal(_ loss: FocalLoss, _ logits: Tensor<Double>) -> Double {
    loss.evaluate([logits], requiring: [false]).value.item
  }

  @Test func focalLossWithoutFocusIsHalfTheCrossEntropy() {
    let targets = Tensor<Double>([3, 2], [0, 1, 0, 0, 1, 0])
    let entropy = BinaryCrossEntropy(reduction: .sum)
      .evaluate([logits, targets], requiring: [false, false]).value.item
    let loss = focal(FocalLoss(labels: [1, -1, 0], alpha: 0.5, gamma: 0), logits)
    #expect(abs(loss - entropy / 2) < 1e-12)
  }

  @Test func focalLossForgetsSureAnswersAndIgnoredRows() {
    let sure = Tensor<Double>([1, 1], [8])
    // (1 − p)² at p = σ(8) is 1.1e-7 of the cross-entropy.
    #expect(focal(FocalLoss(labels: [0]), sure) < 1e-10)
    #expect(focal(FocalLoss(labels: [-1]), sure) > 5)
    #expect(focal(FocalLoss(labels: [-2]), sure) == 0)
    // Logits of any size stay finite.
    let far = Tensor<Double>([2, 1], [1e4, -1e4])
    #expect(abs(focal(FocalLoss(labels: [-1, 0], alpha: 0.5), far) - 1e4) < 1e-6)
  }

  /// A map that rises by 1 a column and by 10 a row, whose means are at the cells' centres.
  @Test func alignedRegionsOfARampAreItsValuesAtCellCentres() {
    let map = Tensor<Double>([1, 8, 8, 1], (0..<64).map { Double($0 % 8 + $0 / 8 * 10) })
    let region = FeatureRegion(image: 0, level: 0, left: 1, top: 2, right: 5, bottom: 6)
    let value = RegionAlign([region], resolution: 2).evaluate([map], requiring: [false]).value
    // Pixel centres are at a half: the cell from 1 to 3 has its centre at 2, column 1.5.
    #expect(value.shape == [1, 2, 2, 1])
    #expect(value.scalars == [26.5, 28.5, 46.5, 48.5])
  }
}
