import Autodiff
import Tensors
import Testing

@Suite struct FactorizedBitsTests {
  /// The definition, by the operations on whole tensors.
  private func definition(
    _ y: Variable<Double>, _ parameters: [Variable<Double>]
  ) -> Variable<Double> {
    let channels = y.shape[-1]
    let samples = y.shape[0]
    let values = y.reshaped(samples, -1, channels)
    let count = values.shape[1]
    // [channels, 1, samples · positions]
    let columns = values.transposed(2, 0, 1).reshaped(channels, 1, samples * count)
    func logits(_ shift: Double) -> Variable<Double> {
      var x = columns + shift
      for layer in 0..<5 {
        let weight = (parameters[3 * layer].exp() + 1).log()
        let bias = parameters[3 * layer + 1].reshaped(channels, -1, 1)
        x = Variable.apply(MatrixMultiplication(), [weight, x]) + bias
        if layer < 4 {
          let factor = parameters[3 * layer + 2].activated(.tanh).reshaped(channels, -1, 1)
          x = x + factor * x.activated(.tanh)
        }
      }
      return x
    }
    let probability = logits(0.5).sigmoid() - logits(-0.5).sigmoid()
    let bits = -probability.log() / Double.log2Base
    return bits.reshaped(channels, samples, count).sum(axes: [0, 2])
  }

  @Test func bitsAndGradientsAreThoseOfTheDefinition() {
    let inputs = [sample([3, 5, 7, 4], seed: 9)] + OperationCase.factorizedPrior(channels: 4)
    func run(
      _ function: (Variable<Double>, [Variable<Double>]) -> Variable<Double>
    ) -> [Tensor<Double>] {
      let variables = inputs.map { Variable($0, requiresGradient: true) }
      let bits = function(variables[0], Array(variables.dropFirst()))
      bits.backward(from: Tensor([3], [0.5, 1, 2]))
      return [bits.value] + variables.compactMap(\.gradient)
    }
    let found = run { Variable.apply(FactorizedBits(), [$0] + $1) }
    let expected = run(definition)
    #expect(found.count == 16)
    for (found, expected) in zip(found, expected) {
      let scale = expected.scalars.map(\.magnitude).max() ?? 0
      #expect(zip(found.scalars, expected.scalars).allSatisfy { abs($0 - $1) < 1e-9 * scale })
    }
  }

  @Test func farFromAllMassTheBitsEnd() {
    let parameters = OperationCase.factorizedPrior(channels: 1).map { Variable($0) }
    let far = Variable<Double>(Tensor([2, 1], [1e4, -1e4]))
    let bits = Variable.apply(FactorizedBits(), [far] + parameters)
    // −log₂ 10⁻⁹
    for value in bits.value.scalars { #expect(abs(value - 29.897_352_853_986_263) < 1e-9) }
  }

  @Test func aValueBelowTheBoundIsOnlyPushedUp() {
    func gradient(_ direction: Double) -> [Double]? {
      let x = Variable<Double>(Tensor([3], [-1, 0.25, 2]), requiresGradient: true)
      let bounded = Variable.apply(LowerBound(0.25), [x])
      #expect(bounded.value.scalars == [0.25, 0.25, 2])
      bounded.backward(from: Tensor([3], repeating: direction))
      return x.gradient?.scalars
    }
    #expect(gradient(1) == [0, 1, 1])
    #expect(gradient(-1) == [-1, -1, -1])
  }
}

extension Double {
  /// The natural logarithm of 2.
  fileprivate static var log2Base: Double { 0.693_147_180_559_945_3 }
}
