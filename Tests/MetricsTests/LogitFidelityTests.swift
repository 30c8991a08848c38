import Foundation
import Metrics
import Tensors
import Testing

@Suite struct LogitFidelityTests {
  @Test func agreementDivergenceAndErrorAreThoseOfTheirDefinitions() throws {
    var fidelity = LogitFidelity()
    #expect(fidelity.agreement == nil && fidelity.meanDivergence == nil)
    #expect(fidelity.meanSquaredError == nil)
    // Probabilities of the reference: (3/4, 1/4) and (1/2, 1/2); found: (1/4, 3/4) and (1/2, 1/2).
    let third = Float(log(3.0))
    fidelity.accumulate(
      logits: Tensor([2, 2], [0, third, 5, 5]), reference: Tensor([2, 2], [third, 0, 1, 1]))
    #expect(fidelity.count == 2)
    #expect(fidelity.agreement == 0.5)
    // 3/4 ln 3 + 1/4 ln 1/3 = 1/2 ln 3 for the first, 0 for the second.
    #expect(abs(try #require(fidelity.meanDivergence) - log(3.0) / 4) < 1e-6)
    // Twice (ln 3)² and twice 4², over four logits.
    #expect(
      abs(try #require(fidelity.meanSquaredError) - (2 * log(3.0) * log(3.0) + 32) / 4) < 1e-5)
  }

  @Test func equalLogitsAreFaithful() {
    var fidelity = LogitFidelity()
    let logits = Tensor<Float>([1, 3], [-200, 0, 200])
    fidelity.accumulate(logits: logits, reference: logits)
    #expect(fidelity.agreement == 1 && fidelity.meanDivergence == 0)
    #expect(fidelity.meanSquaredError == 0)
  }
}
