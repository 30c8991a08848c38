import ArgumentParser
import Checkpoints
import Datasets
import Files
import Foundation
import Plots
import Recipes
import Reports
import Tensors
import Terminal
import Training

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a run, a recipe or a checkpoint on its test images.",
    discussion: """
      For a run: the trained system beside the original one, both also masked to the user's \
      classes, with sizes, bytes sent, operations, latency and energy. For a recipe: the same, as \
      training would find it. For a recipe with a section 'benchmark': the systems it names, set \
      against each other in the size of what runs on the device, the bytes they send, quality, \
      time and energy. For a checkpoint: the accuracy of the whole network, on the data \
      set it was trained on unless another is named.

      A checkpoint that does not know how its images are prepared is told: pixels from 0 to 255 \
      become (x / scale - mean) / std; by default they stay as they are.

      Examples:
        cleave evaluate runs/fashion-mnist --html answers.html
        cleave evaluate Recipes/sc2/fashion-mnist.yaml --html report.html
        cleave evaluate model.h5 --dataset cifar10 --data-path DIR
        cleave evaluate state_dict.h5 --architecture resnet20 --dataset cifar10 \\
          --input-scale 255 --input-mean 0.485,0.456,0.406 \\
          --input-std 0.229,0.224,0.225
      """)

  @Argument(
    help: ArgumentHelp(
      "The folder of a run, a recipe, or a checkpoint.",
      valueName: "run-dir|recipe|checkpoint"))
  var subject: String

  @Option(
    help: ArgumentHelp(
      "The data set to measure a checkpoint on; `cleave data list` names them.", valueName: "name"))
  var dataset: String?

  @Option(help: ArgumentHelp("The folder or file of that data set.", valueName: "path"))
  var dataPath: String?

  @OptionGroup var source: CheckpointOptions

  @Option(help: ArgumentHelp("What pixels are divided by first.", valueName: "number"))
  var inputScale: Float?

  @Option(
    help: ArgumentHelp(
      "What is subtracted then: one number, or one for each channel.", valueName: "a,b,c"))
  var inputMean: NumberList?

  @Option(
    help: ArgumentHelp(
      "What that is divided by: one number, or one for each channel.", valueName: "a,b,c"))
  var inputStd: NumberList?

  @OptionGroup var outputs: OutputChoiceOptions

  @OptionGroup var overrides: OverrideOptions

  @Option(
    help: ArgumentHelp(
      "Write a benchmark's tables and plots, or a run's answers to some test images, as one page.",
      valueName: "file"))
  var html: String?

  @Option(
    help: ArgumentHelp(
      "Write a benchmark's plot of bytes and quality as .svg or .png.", valueName: "file"))
  var plot: String?

  @Option(
    help: ArgumentHelp(
      "Use at most so many test images, drawn evenly over the classes, for a quick look at a "
        + "benchmark.", valueName: "n"))
  var limit: Int?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let plot, !plot.hasSuffix(".svg"), !plot.hasSuffix(".png") {
      throw ValidationError("--plot expects a file that ends in .svg or .png, found \(plot)")
    }
    if let limit, limit < 1 { throw ValidationError("--limit expects 1 or more, found \(limit)") }
    if dataPath != nil, dataset == nil {
      throw ValidationError("--data-path needs --dataset, the name of what is there")
    }
  }

  func run() throws {
    try reporting {
      let observer = ConsoleObserver()
      // Also before an error is printed.
      defer { observer.finish() }
      if let recipe = try benchmark() { return try compare(recipe, observer) }
      let (report, page) = try shared.withThreads { try measure(observer) }
      observer.finish()
      if let html, let page { try write(Array(page.utf8), to: html) }
      if shared.json {
        try Output.json(report)
      } else {
        ReportText.write(report, to: FileSink.standardOutput)
      }
    }
  }

  /// The report, and what `--html` asks for.
  private func measure(
    _ observer: ConsoleObserver
  ) throws -> (report: EvaluationReport, page: String?) {
    switch try Subject(subject, expected: "a run, a recipe or a checkpoint") {
    case .folder:
      try refuseCheckpointOptions("a run")
      try refuseOverrides("a run")
      guard html != nil else {
        return (try Experiment.evaluate(run: subject, observer: observer), nil)
      }
      let (report, page) = try Experiment.evaluateAndDraw(run: subject, observer: observer)
      return (report, page)
    case .recipe:
      try refuseCheckpointOptions("a recipe")
      let recipe = try Recipe(RecipeDocument(contentsOf: subject, overrides: overrides.values))
      return (try Experiment.evaluate(recipe, observer: observer), nil)
    case .checkpoint: break
    }
    try refuseOverrides("a checkpoint")
    var transform: InputTransform?
    if inputScale != nil || inputMean != nil || inputStd != nil {
      transform = try InputTransform(
        scale: inputScale ?? 1, mean: inputMean?.values ?? [0], std: inputStd?.values ?? [1])
    }
    let report = try Experiment.evaluate(
      name: subject, dataset: dataset.map { DatasetSpecification(name: $0, path: dataPath) },
      inputTransform: transform, outputs: outputs.choice, observer: observer
    ) { try source.read(subject, imageShape: $0) }
    return (report, nil)
  }
}

extension Evaluate {
  private func refuseOverrides(_ kind: String) throws {
    guard !overrides.values.isEmpty else { return }
    throw CommandFailure(message: "--set is for recipes; \(subject) is \(kind)", status: 2)
  }

  /// The recipe, if it is a benchmark.
  private func benchmark() throws -> Recipe? {
    if case .recipe = try Subject(subject, expected: "a run, a recipe or a checkpoint") {
      let recipe = try Recipe(RecipeDocument(contentsOf: subject, overrides: overrides.values))
      if recipe.benchmark != nil {
        try refuseCheckpointOptions("a recipe")
        return recipe
      }
    }
    let isRun = isFolder(subject)
    let options: [(name: String, isGiven: Bool)] = [
      ("--html", html != nil && !isRun), ("--plot", plot != nil), ("--limit", limit != nil),
    ]
    if let option = options.first(where: \.isGiven) {
      throw CommandFailure(
        message:
          "\(option.name) is for recipes with a section 'benchmark', which \(subject) is not",
        status: 2)
    }
    return nil
  }

  private func compare(_ recipe: Recipe, _ observer: ConsoleObserver) throws {
    let report = try shared.withThreads {
      try Experiment.benchmark(recipe, limit: limit, observer: observer)
    }
    observer.finish()
    if let html { try write(Array(report.page.utf8), to: html) }
    if let plot {
      let plots = report.ratePlots.map { $0.drawing() }
      for (index, drawing) in plots.enumerated() {
        let path = plots.count == 1 ? plot : Evaluate.path(plot, of: report.taskNames[index])
        try write(
          path.hasSuffix(".png") ? drawing.png() : Array(drawing.svg(isStandalone: true).utf8),
          to: path)
      }
    }
    if shared.json {
      try Output.json(report)
    } else {
      ReportText.write(report, to: FileSink.standardOutput)
    }
  }

  /// The file of one task's plot: `plot-mask.svg` for `plot.svg`.
  private static func path(_ path: String, of task: String) -> String {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else {
      return "\(path)-\(task)"
    }
    return "\(path[..<dot])-\(task)\(path[dot...])"
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    do throws(FileError) { try AtomicFile.write(bytes, to: path) } catch {
      throw CommandFailure(message: "\(error.path) cannot be written: \(error.reason)", status: 1)
    }
    FileSink.standardError.write("wrote \(path)\n")
  }

  /// Refuses what a run or a recipe says itself, rather than ignoring it.
  private func refuseCheckpointOptions(_ kind: String) throws {
    let options: [(name: String, isGiven: Bool)] = [
      ("--dataset", dataset != nil), ("--architecture", source.architecture != nil),
      ("--input-shape", source.inputShape != nil),
      ("--configuration", source.configuration != nil), ("--input-scale", inputScale != nil),
      ("--input-mean", inputMean != nil), ("--input-std", inputStd != nil),
      ("--measured-output", outputs.measuredOutput != nil),
      ("--output-meaning", outputs.outputMeaning != nil),
    ]
    guard let option = options.first(where: \.isGiven) else { return }
    throw CommandFailure(
      message: "\(option.name) is for checkpoints; \(subject) is \(kind), which says that itself",
      status: 2)
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
