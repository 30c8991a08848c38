import ArgumentParser
import Checkpoints
import Datasets
import Foundation
import Recipes
import Tensors
import Terminal
import Training

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a run, a recipe or a checkpoint on its test images.",
    discussion: """
      For a run: the trained system beside the original one, both also masked to the user's
      classes; sizes, bytes, operations, latency and energy. For a recipe: the same before
      training. For a checkpoint: the accuracy of the whole network.

        cleave evaluate runs/fashion-mnist
        cleave evaluate model.h5 --dataset cifar10 --data-path DIR
        cleave evaluate state_dict.h5 --architecture resnet20 --dataset cifar10 \\
          --input-scale 255 --input-mean 0.485,0.456,0.406 --input-std 0.229,0.224,0.225
      """)

  @Argument(help: "The folder of a run, a recipe, or a checkpoint.")
  var subject: String

  @Option(help: ArgumentHelp("The data set to measure a checkpoint on.", valueName: "name"))
  var dataset: String?

  @Option(help: ArgumentHelp("Where that data set is.", valueName: "path"))
  var dataPath: String?

  @OptionGroup var source: CheckpointOptions

  @Option(help: ArgumentHelp("What pixels from 0 to 255 are divided by.", valueName: "number"))
  var inputScale: Float?

  @Option(help: ArgumentHelp("What is subtracted then, for all channels or each.", valueName: "a,b,c"))
  var inputMean: NumberList?

  @Option(help: ArgumentHelp("What the rest is divided by, for all or each.", valueName: "a,b,c"))
  var inputStd: NumberList?

  @OptionGroup var shared: SharedOptions

  func run() throws {
    try reporting {
      let observer = ConsoleObserver()
      let report = try shared.withThreads { try measure(observer) }
      observer.finish()
      if shared.json {
        print(try Experiment.json(report))
      } else {
        ReportText.write(report, to: FileSink.standardOutput)
      }
    }
  }

  private func measure(_ observer: ConsoleObserver) throws -> EvaluationReport {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: subject, isDirectory: &isDirectory) else {
      throw CommandFailure(message: "there is no run, recipe or checkpoint \(subject)", status: 2)
    }
    if isDirectory.boolValue { return try Experiment.evaluate(run: subject, observer: observer) }
    if try !CheckpointFile.isOne(subject) {
      return try Experiment.evaluate(
        try Recipe(RecipeDocument(contentsOf: subject)), observer: observer)
    }
    var transform: InputTransform?
    if inputScale != nil || inputMean != nil || inputStd != nil {
      transform = try InputTransform(
        scale: inputScale ?? 1, mean: inputMean?.values ?? [0], std: inputStd?.values ?? [1])
    }
    return try Experiment.evaluate(
      try source.read(subject), name: subject,
      dataset: dataset.map { DatasetSpecification(name: $0, path: dataPath) },
      inputTransform: transform, observer: observer)
  }
}

/// Numbers with commas between them.
struct NumberList: ExpressibleByArgument {
  let values: [Float]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Float($0.trimmingCharacters(in: .whitespaces)) }
    guard numbers.count == parts.count else { return nil }
    values = numbers
  }
}
