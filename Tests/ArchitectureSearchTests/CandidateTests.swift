import ArchitectureSearch
import Foundation
import Tensors
import Testing

@Suite struct CandidateTests {
  /// From best to worst.
  static let ordered: [Candidate] = [
    Candidate(choice: [0], objective: 2),
    Candidate(choice: [0], objective: 1),
    Candidate(choice: [0], objective: -.infinity),
    Candidate(choice: [0], objective: .nan),
    Candidate(choice: [0], objective: 100, violation: 0.1),
    Candidate(choice: [0], objective: .nan, violation: 0.2),
    Candidate(choice: [0], objective: 3, violation: 7),
    Candidate(choice: [0], objective: 3, violation: .infinity),
  ]

  @Test func feasibilityComesFirstThenTheObjective() {
    for (first, better) in Self.ordered.enumerated() {
      for (second, worse) in Self.ordered.enumerated() {
        let expected: CandidateOrder.Comparison =
          first < second ? .better : first > second ? .worse : .equal
        #expect(CandidateOrder.compare(better, worse) == expected, "\(first) and \(second)")
      }
    }
    var random = RandomSource(seed: 2)
    let mixed = random.permutation(Self.ordered.count)
    let ranks = CandidateOrder.ranks(of: mixed.map { Self.ordered[$0] })
    #expect(ranks == mixed.map { Double($0 + 1) })
  }

  @Test func theObjectiveOfInfeasibleOnesDoesNotCount() {
    let first = Candidate(choice: [0], objective: .nan, violation: 0.25)
    let second = Candidate(choice: [1], objective: 5, violation: 0.25)
    #expect(CandidateOrder.compare(first, second) == .equal)
    #expect(CandidateOrder.best(of: [first, second])?.choice == [0])
    #expect(CandidateOrder.best(of: []) == nil)
  }

  @Test func tiesShareTheirPlaces() {
    let objectives: [Double] = [1, 3, 3, .nan, 2, 3, .nan]
    let ranks = CandidateOrder.ranks(
      of: objectives.map { Candidate(choice: [0], objective: $0) })
    // Three share the places 1 to 3, two the places 6 and 7.
    #expect(ranks == [5, 2, 2, 6.5, 4, 2, 6.5])
    #expect(CandidateOrder.ranks(of: []) == [])
  }

  @Test func violationIsARatioOfTheLimit() {
    #expect(Candidate.violation(of: 15, limit: 10) == 0.5)
    #expect(Candidate.violation(of: 10, limit: 10) == 0)
    #expect(Candidate.violation(of: 3, limit: 10) == 0)
    #expect(Candidate.violation(of: 10.0.nextUp, limit: 10) > 0)
    #expect(Candidate.violation(of: .nan, limit: 10) == .infinity)
    #expect(Candidate.violation(of: .infinity, limit: .infinity) == 0)
    #expect(!Candidate(choice: [0], objective: 1, violation: .nan).isFeasible)
  }
}
