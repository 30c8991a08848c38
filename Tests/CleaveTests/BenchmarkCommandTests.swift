import Foundation
import Testing

@Suite struct BenchmarkCommandTests {
  /// The tiny recipe with two systems.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let benchmark = """
      benchmark:
        timed_samples: 2
        systems:
          - {input: jpeg, qualities: [20, 90]}
          - {latent: rans, bits: [4]}
        links:
          - {name: near, rate: 50 Mbit/s, round_trip_time: 5 ms}

      """
    try folder.write((TinyTraining.shapes + benchmark).utf8, to: "b.yaml")
    try folder.write(TinyTraining.shapes.utf8, to: "plain.yaml")
    return folder
  }

  @Test func aBenchmarkIsPrintedAsTables() throws {
    let folder = try folder()
    let result = try folder.cleave("evaluate b.yaml --limit 8")
    #expect(result.status == 0, "\(result.errors)")
    for text in ["8 test images", "jpeg 90", "rans, 4 bits", "ExR-D, KiB²", "near: 50 Mbit/s"] {
      #expect(result.output.contains(text), "\(result.output)")
    }
    for line in result.output.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
  }

  @Test func pageAndPlotAreWrittenBesideTheJSON() throws {
    let folder = try folder()
    let result = try folder.cleave(
      "evaluate b.yaml --limit 4 --json --html a.html --plot a.svg --set benchmark.timed_samples=1")
    let report = try result.object()
    #expect(report["samples"] as? Int == 4 && report["timed_samples"] as? Int == 1)
    #expect((report["systems"] as? [[String: Any]])?.count == 4)
    #expect(try folder.text("a.html").contains("</html>"))
    #expect(try folder.text("a.svg").hasPrefix("<svg "))
    #expect(try folder.cleave("evaluate b.yaml --limit 4 --plot a.png").status == 0)
    let picture = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/a.png"))
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
  }

  @Test(arguments: [
    ("plain.yaml --html a.html", 2, "--html is for recipes with a section 'benchmark'"),
    ("plain.yaml --limit 3", 2, "--limit is for recipes with a section 'benchmark'"),
    ("b.yaml --plot a.jpg", 2, "--plot expects a file that ends in .svg or .png, found a.jpg"),
    ("b.yaml --limit 0", 2, "--limit expects 1 or more, found 0"),
    ("b.yaml --limit 2 --html none/a.html", 1, "none/a.html cannot be written"),
    ("b.yaml --data-path x", 2, "--data-path is for runs, checkpoints and adapters"),
    ("b.yaml --dataset shapes", 2, "--dataset is for runs, checkpoints and adapters"),
  ])
  func whatDoesNotGoTogetherIsExplained(words: String, status: Int, message: String) throws {
    let folder = try folder()
    let result = try folder.cleave("evaluate " + words)
    #expect(result.status == status)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }
}
