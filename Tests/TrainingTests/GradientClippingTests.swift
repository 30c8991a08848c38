import Tensors
import Testing
import Training

@Suite struct GradientClippingTests {
  @Test func clippingFollowsPyTorch() throws {
    let reference = try ReferenceValues.loaded.get()
    #expect(reference.clippings.count == 2)
    for example in reference.clippings {
      let bias = try #require(reference.biasGradients[0])
      var gradients: [Tensor<Float>?] = [
        vector(reference.weightGradients[0]), nil, vector(bias),
      ]
      let norm = GradientClipping.clipByNorm(&gradients, maximum: example.maximum)
      #expect(abs(norm - example.norm) < 1e-6 * example.norm)
      #expect(largestDifference(gradients[0]?.scalars ?? [], example.weight) < 1e-7)
      #expect(gradients[1] == nil)
      #expect(largestDifference(gradients[2]?.scalars ?? [], example.bias) < 1e-7)
    }
  }

  /// 2²⁴ ones and more: a Float sum of ones stops growing at 2²⁴.
  @Test func theNormOfManyElementsIsExactForAnyNumberOfThreads() {
    let count = (1 << 24) + (1 << 20)
    let gradients: [Tensor<Float>?] = [Tensor([count], repeating: 1), Tensor([5], repeating: 1)]
    for threads in [1, 3] {
      let norm = ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        GradientClipping.norm(of: gradients)
      }
      #expect(norm == Double(count + 5).squareRoot())
    }
  }

  /// √(10³⁰² + …) exceeds a Float, whose squares would be infinite.
  @Test func largeGradientsHaveAFiniteNorm() {
    var gradients: [Tensor<Float>?] = [vector([3e30, 4e30])]
    let norm = GradientClipping.clipByNorm(&gradients, maximum: 5)
    #expect(abs(norm / 5e30 - 1) < 1e-6)
    #expect(largestDifference(gradients[0]?.scalars ?? [], [3, 4]) < 1e-5)
  }

  @Test(arguments: [Float.nan, .infinity])
  func aNormThatIsNotFiniteIsReturnedAndNothingScaled(value: Float) {
    var gradients: [Tensor<Float>?] = [vector([3, 4]), vector([value])]
    #expect(!GradientClipping.clipByNorm(&gradients, maximum: 1).isFinite)
    #expect(gradients[0]?.scalars == [3, 4])
  }

  @Test func withoutGradientsTheNormIsZero() {
    var gradients: [Tensor<Float>?] = [nil, Tensor([0], [])]
    #expect(GradientClipping.clipByNorm(&gradients, maximum: 1) == 0)
  }
}
