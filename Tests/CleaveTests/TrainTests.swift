import Foundation
import Testing

@Suite struct TrainTests {
  @Test func aRunHoldsItsRecipeMetricsCheckpointsAndReport() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let result = try folder.cleave.run([
      "train", "shapes.yaml", "--output", "made/for/run", "--set", "seed=9", "--set",
      "train.optimizer={name: sgd, learning_rate: 0.01}",
    ])
    #expect(result.status == 0, "\(result.testDescription)")
    #expect(result.output.isEmpty)
    #expect(
      result.errors.contains("\nThe run is in made/for/run; made/for/run/report.html shows it.\n"))
    let run = "made/for/run"
    #expect(
      try folder.files(of: run) == [
        "best.h5", "last.h5", "metrics.jsonl", "recipe.yaml", "report.html", "report.json",
      ])
    // A class is said below the picture, so that each image has one.
    let page = try folder.text("\(run)/report.html")
    let answers = page.ranges(of: ", answer: ").count
    #expect(answers > 0)
    #expect(page.ranges(of: ", truth: ").count == answers)
    #expect(page.ranges(of: "<image ").count == answers)
    let recipe = try folder.text("\(run)/recipe.yaml")
    #expect(recipe.contains("seed: 9\n"))
    #expect(recipe.contains("learning_rate: 0.01\n"))
    let losses = try folder.losses(of: run)
    #expect(losses.count == 2)
    for (index, line) in losses.enumerated() {
      let record = try #require(
        JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(record["epoch"] as? Int == index + 1)
      #expect(record["step"] as? Int == 5 * (index + 1))
      #expect(record["train_loss"] as? Double != nil)
      #expect((record["validation"] as? [String: Double])?.keys.sorted() == ["accuracy", "loss"])
    }
    #expect(
      try #require(
        JSONSerialization.jsonObject(with: Data(folder.bytes("\(run)/report.json")))
          as? [String: Any])["samples"] as? Int == 40)
  }

  @Test func jsonIsOneObjectAloneOnStandardOutput() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let result = try folder.cleave("train shapes.yaml --json")
    #expect(result.status == 0, "\(result.testDescription)")
    let report = try result.object()
    let training = try #require(report["training"] as? [String: Any])
    #expect(training["epochs"] as? Int == 2)
    #expect(result.errors.contains("epoch 2: loss "))
    // Without --output, the run is named after the recipe.
    #expect(folder.exists("runs/shapes/report.json"))
  }

  @Test func theSameRecipeGivesTheSameParameters() throws {
    let folder = try TemporaryFolder.withRun()
    let result = try folder.cleave("train shapes.yaml --output again --set train.epochs=1")
    #expect(result.status == 0, "\(result.testDescription)")
    #expect(try folder.losses(of: "again") == folder.losses(of: "run"))
    #expect(try folder.parameterBits("again/best.h5") == folder.parameterBits("run/best.h5"))
  }

  @Test func filesNamedLikeFashionMNISTsAreFound() throws {
    let folder = try TemporaryFolder()
    try folder.writeFashionMNIST(to: "images")
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let result = try folder.cleave.run([
      "train", "shapes.yaml", "--json", "--set", "data={name: fashion-mnist, path: images}",
      "--set", "train.epochs=1",
    ])
    #expect(result.status == 0, "\(result.testDescription)")
    let report = try result.object()
    #expect(report["dataset"] as? String == "fashion-mnist/test")
    #expect((report["per_class"] as? [[String: Any]])?.first?["name"] as? String == "T-shirt/top")
  }
}
