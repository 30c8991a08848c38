import Tasks
import Testing

@Suite struct TaskWeightingTests {
  @Test func recipesSpellWeightingsAsTheFieldDoes() {
    #expect(TaskWeighting.allCases.map(\.rawValue) == ["uniform", "fixed", "uncertainty"])
  }
}
