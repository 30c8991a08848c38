import Autodiff
import Tensors
import Testing

@Suite struct VariableTests {
  /// `y = x · x` elementwise, for the machinery alone.
  struct Square: Operation {
    static let name = "square"
    func evaluate<S: TensorScalar>(_ inputs: [Tensor<S>], requiring: [Bool]) -> Evaluation<S> {
      let x = inputs[0].scalars
      return Evaluation(Tensor(inputs[0].shape, x.map { $0 * $0 })) { gradient in
        [Tensor(gradient.shape, zip(gradient.scalars, x).map { $0 * 2 * $1 })]
      }
    }
  }

  @Test func gradientsAccumulateOverSharedInputs() {
    let x = Variable(Tensor<Double>([2], [3, 4]), requiresGradient: true)
    let y = Variable.apply(Square(), [Variable.apply(Square(), [x])])
    y.backward()
    // d/dx x⁴ = 4 x³
    #expect(x.gradient?.scalars == [108, 256])
  }

  @Test func operationsOnFrozenInputsHoldNoHistory() {
    weak var held: Variable<Double>?
    let result: Variable<Double>
    do {
      let x = Variable(Tensor<Double>([1], [3]))
      held = x
      result = Variable.apply(Square(), [x])
    }
    #expect(held == nil)
    #expect(result.requiresGradient == false)
  }
}
