import Autodiff
import Tensors
import Testing

/// What gradients and reference values do not say about single operations.
@Suite struct OperationTests {
  @Test(arguments: [0.1, 0.5, 0.9]) func dropoutDropsItsShareAndKeepsTheMean(rate: Double) {
    let ones = Tensor<Float>([100_000], repeating: 1)
    let value = Dropout(rate: rate, seed: 5).evaluate([ones], requiring: [false]).value
    let dropped = Double(value.scalars.count { $0 == 0 }) / 100_000
    // The standard deviation of the share is at most 0.0016.
    #expect(abs(dropped - rate) < 0.008)
    #expect(value.scalars.allSatisfy { $0 == 0 || abs($0 - Float(1 / (1 - rate))) < 1e-4 })
    let other = Dropout(rate: rate, seed: 6).evaluate([ones], requiring: [false]).value
    #expect(other != value)
  }

  @Test func dropoutDropsTheSameInBothDirectionsAndOnAnyThreadCount() {
    let ones = Tensor<Float>([100_000], repeating: 1)
    let runs = [1, 2, 3].map { threads in
      ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        let evaluation = Dropout(rate: 0.3, seed: 1).evaluate([ones], requiring: [true])
        #expect(evaluation.pullback?(ones)[0] == evaluation.value)
        return evaluation.value
      }
    }
    #expect(runs[0] == runs[1] && runs[0] == runs[2])
  }

  @Test func dropoutAtTheEndsKeepsOrDropsEverything() {
    let x = Tensor<Float>([50], repeating: 3)
    #expect(Dropout(rate: 0, seed: 1).evaluate([x], requiring: [false]).value == x)
    let none = Dropout(rate: 1, seed: 1).evaluate([x], requiring: [false]).value
    #expect(none.scalars.allSatisfy { $0 == 0 })
  }

  @Test func ignoredLabelsLeaveNoGradient() throws {
    let logits = Tensor<Float>([3, 2], [1, 2, 3, 4, 5, 6])
    let evaluation = CrossEntropy(labels: [0, -100, 1]).evaluate([logits], requiring: [true])
    let pullback = try #require(evaluation.pullback)
    let gradient = try #require(pullback(Tensor(1))[0])
    #expect(Array(gradient.scalars[2..<4]) == [0, 0])
    // log(1 + e) of the first row, log(1 + 1/e) of the last; their mean.
    #expect(abs(evaluation.value.item - (1.313_261_7 + 0.313_261_7) / 2) < 1e-6)
  }

  @Test func operatorsComputeWhatTheyLookLike() {
    let x = Variable(Tensor<Double>([2], [3, 4]), requiresGradient: true)
    let y = ((2 * x - 1) / x + x * x).sum()
    // (2 − 1/x + x²): values 2 − 1/3 + 9 and 2 − 1/4 + 16; derivative 1/x² + 2x.
    #expect(abs(y.value.item - (29 - 1.0 / 3 - 0.25)) < 1e-12)
    y.backward()
    let gradient = x.gradient?.scalars ?? []
    #expect(gradient.count == 2)
    #expect(abs(gradient[0] - (1.0 / 9 + 6)) < 1e-12 && abs(gradient[1] - (1.0 / 16 + 8)) < 1e-12)
  }

  @Test func operationsOnLongRowsDoNotDependOnTheThreadCount() {
    var random = RandomSource(seed: 1)
    let x: Tensor<Float> = random.normal([64, 6, 6, 48])
    let weight: Tensor<Float> = random.normal([48])
    let cases: [(any Operation, [Tensor<Float>])] = [
      (Softmax(), [x]), (LayerNorm(), [x, weight, weight]), (Multiply(), [x, weight]),
      (GroupNorm(groups: 4), [x, weight, weight]), (Mean(), [x]),
      (CrossEntropy(labels: (0..<2304).map { Int32($0 % 48) }), [x]), (PReLU(), [x, weight]),
      (Resize(height: 9, width: 5, mode: .bilinear), [x]), (Transpose([0, 3, 1, 2]), [x]),
    ]
    for (operation, inputs) in cases {
      let runs = [1, 2, 3].map { threads in
        ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
          let evaluation = operation.evaluate(inputs, requiring: inputs.map { _ in true })
          return [evaluation.value] + (evaluation.pullback?(evaluation.value) ?? [])
        }
      }
      #expect(runs[0] == runs[1] && runs[0] == runs[2], "\(operation)")
    }
  }
}
