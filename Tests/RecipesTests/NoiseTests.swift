import Foundation
import Recipes
import Testing

@Suite struct NoiseTests {
  private func recipe(_ method: String, _ link: String) throws -> Recipe {
    try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: \(method)
          data: {name: shapes, samples: 20, test_samples: 8, size: 16}
          network: {architecture: resnet8, cut: layer1}
          link: {\(link)}
          """))
  }

  @Test func methodsThatDoNotMeetNoiseRefuseIt() throws {
    for (link, key) in [("noise: 0.5", "link.noise"), ("loss: 0.1", "link.loss")] {
      _ = try recipe("salt", link)
      #expect {
        try recipe("supervised", link)
      } throws: {
        "\($0)".contains("'\(key)'") && "\($0)".contains("salt does")
      }
    }
    _ = try recipe("supervised", "noise: 0, loss: 0")
  }
}
