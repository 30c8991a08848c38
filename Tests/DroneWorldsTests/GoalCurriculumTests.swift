import DroneWorlds
import Foundation
import Testing

@Suite struct GoalCurriculumTests {
  @Test func distancesDoubleUpToTheMaximum() {
    #expect(GoalCurriculum(maximumDistance: 35).levels == [5...10, 10...20, 20...35])
    #expect(GoalCurriculum(maximumDistance: 10).levels == [5...10])
  }

  @Test func enoughSuccessInAWholeWindowLeadsToTheNextLevel() {
    var curriculum = GoalCurriculum(maximumDistance: 20, window: 4, threshold: 0.75)
    #expect(curriculum.successRate == nil && curriculum.goalDistance == 5...10)
    let endings: [EpisodeEnding] = [.goal, .collision, .timeout, .goal, .goal]
    for ending in endings {
      let isNext = curriculum.record(ending)
      #expect(!isNext)
    }
    #expect(curriculum.successRate == 0.5 && curriculum.level == 0)
    // The last four are then timeout, goal, goal, goal.
    let isNext = curriculum.record(.goal)
    #expect(isNext && curriculum.level == 1 && curriculum.goalDistance == 10...20)
    #expect(curriculum.recent.isEmpty && curriculum.isAtLastLevel)
    for _ in 0..<9 { curriculum.record(.goal) }
    #expect(curriculum.level == 1 && curriculum.successRate == 1)
  }

  @Test func aSavedCurriculumGoesOnWhereItWas() throws {
    var curriculum = GoalCurriculum(window: 3, threshold: 1)
    for _ in 0..<5 { curriculum.record(.goal) }
    let data = try JSONEncoder().encode(curriculum)
    var restored = try JSONDecoder().decode(GoalCurriculum.self, from: data)
    #expect(restored == curriculum && restored.level == 1 && restored.recent.count == 2)
    let isNext = [curriculum.record(.goal), restored.record(.goal)]
    #expect(isNext == [true, true])
    #expect(restored == curriculum)
  }
}
