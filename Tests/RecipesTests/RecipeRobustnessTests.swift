import Recipes
import Splitting
import Testing

@Suite struct RecipeRobustnessTests {
  /// A recipe with every kind of YAML.
  static let text = """
    # comment
    method: salt
    seed: 7
    link: &link {rate: 10 Mbit/s, round_trip_time: 20 ms, loss: 0.25}
    copy: *link
    train:
      epochs: 3
      classes: [1, 2, "three", 'four', 5.5e-3, ~, true]
      stages:
        - name: größe 😀
          freeze: ["*.weight"]
      text: |
        block
          text
      folded: >-
        folded
        text

    """

  /// A linear congruential generator, so that a failure can be repeated.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test(arguments: 0..<8)
  func noDamageCrashesTheReader(seed: UInt64) throws {
    var generator = Generator(state: seed)
    let pieces =
      Array("\n\n  :-?[]{},#&*!|>'\"%@`~<=\t\\\u{0}\u{7F}\u{85}\u{FEFF}\u{2028}é0.e\r").map {
        String($0)
      } + [
        "<<: ", "---\n", "...\n", "&a ", "*link", "!!int ", "!<x> ", "%YAML 9.9\n", "\\xZZ", "0x",
        "? ",
      ]
    var refused = 0
    for _ in 0..<150 {
      var characters = Array(Self.text.unicodeScalars)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<characters.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: characters.remove(at: place)
        case 1: characters.removeSubrange(place..<min(place + 20, characters.count))
        default:
          let piece = try #require(pieces.randomElement(using: &generator))
          characters.insert(contentsOf: Array(piece.unicodeScalars), at: place)
        }
      }
      var damaged = String.UnicodeScalarView()
      damaged.append(contentsOf: characters)
      let name = "r.yaml"
      do throws(RecipeProblems) {
        let document = try RecipeDocument(
          name: name, text: String(damaged), overrides: ["link.loss=0.5"])
        // What was read can be written and reads back as the same.
        let copy = try RecipeDocument(name: name, text: try document.yaml)
        #expect(copy.canonicalJSON == document.canonicalJSON)
        let decoder = StrictDecoder(document)
        _ = decoder.sectionIfPresent("link", as: Link.self)
        try decoder.finish(allowing: ["method", "seed", "copy", "train"])
      } catch {
        refused += 1
        #expect(!error.problems.isEmpty)
        for problem in error.problems {
          #expect("\(problem)".hasPrefix("r.yaml:") || "\(problem)".hasPrefix("--set "))
        }
      }
    }
    #expect(refused > 0 && refused < 150)
  }
}
