import DroneWorlds
import Tensors
import Testing

@Suite struct EnvironmentPoolTests {
  static let options = {
    var options = WorldOptions()
    options.cameraWidth = 32
    options.cameraHeight = 18
    return options
  }()

  private func pool(_ content: EnvironmentPool.Content = .coloursAndDepth) -> EnvironmentPool {
    EnvironmentPool(
      count: 5, generator: SceneGenerator(options: Self.options, seed: 9), goalDistance: 10...20,
      content: content)
  }

  private func actions(_ step: Int) -> [DroneAction] {
    (0..<5).map { DroneAction(forward: 5, turn: Double(($0 + step) % 5 - 2) / 4) }
  }

  @Test func whatHappensDoesNotDependOnTheNumberOfThreads() {
    let runs = [1, 3].map { threads in
      ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        var pool = pool()
        let results = (0..<12).map { pool.step(actions($0)) }
        return (results, pool.colours?.scalars, pool.depth.scalars)
      }
    }
    #expect(runs[0].0 == runs[1].0)
    #expect(runs[0].1 == runs[1].1)
    #expect(runs[0].2 == runs[1].2)
    // Otherwise no episode followed another.
    #expect(runs[0].0.joined().contains { $0.outcome.ending != nil })
  }

  @Test func anEnvironmentGoesOnToItsNextEpisode() {
    var pool = pool(.depth)
    #expect(pool.environments.map(\.episode) == [0, 1, 2, 3, 4])
    #expect(pool.results.isEmpty)
    var expected = [0, 1, 2, 3, 4]
    for step in 0..<12 {
      let results = pool.step(actions(step))
      #expect(results.map(\.episode) == expected)
      for index in 0..<5 where results[index].outcome.ending != nil { expected[index] += 5 }
      #expect(pool.environments.map(\.episode) == expected)
      #expect(pool.environments.allSatisfy { $0.ending == nil })
    }
    #expect(expected != [0, 1, 2, 3, 4])
  }

  @Test func picturesAreOfWhereTheDronesAre() throws {
    var pool = pool()
    for step in 0..<6 { pool.step(actions(step)) }
    let colours = try #require(pool.colours)
    #expect(colours.shape == [5, 18, 32, 3] && pool.depth.shape == [5, 18, 32, 1])
    for index in 0..<5 {
      let environment = pool.environments[index]
      let frame = SceneRenderer(camera: Self.options.camera)
        .frame(environment.prepared, from: environment.pose)
      #expect(colours.rows(index..<index + 1).scalars == frame.colours.map(Float.init))
      #expect(
        pool.depth.rows(index..<index + 1).scalars
          == frame.normalisedDepth(farLimit: Self.options.farLimit))
    }
  }

  @Test func depthAloneHasNoColours() {
    let pool = pool(.depth)
    #expect(pool.colours == nil)
    #expect(pool.depth == self.pool().depth)
  }

  @Test func copiesGoOnByThemselves() {
    var first = pool()
    let copy = first
    let before = copy.depth.scalars
    first.step(actions(0))
    #expect(copy.depth.scalars == before && first.depth.scalars != before)
    #expect(copy.environments[0].stepCount == 0)
  }
}
