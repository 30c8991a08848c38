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
    abstract: "Measure a run, a recipe or a checkpoint on its test images or other data.",
    discussion: """
      For a run: the trained system beside the original one, both also masked to the user's \
      classes, with sizes, bytes sent, operations, latency and energy. For a recipe: the same, as \
      training would find it. For a recipe with a section 'benchmark': the systems it names, set \
      against each other in the size of what runs on the device, the bytes they send, quality, \
      time and energy. For a checkpoint: the accuracy of the whole network, on the data \
      set it was trained on unless another is named.

      With --dataset, --set or --split, a run is measured on its own data and on each data set that \
      is named, with a row for each. --dataset begins one, and the --data-path and --set behind it \
      belong to it. A --set before any, or of a key that was set already, begins one too: the run's \
      own data with other settings. Classes are matched by name, and the user is the run's unless \
      data.classes says otherwise. A folder of images without classes gives the fidelity to the \
      uncut network. An adapter apart from its run is measured likewise.

      A checkpoint that does not know how its images are prepared is told: pixels from 0 to 255 \
      become (x / scale - mean) / std; by default they stay as they are.

      Examples:
        cleave evaluate runs/fashion-mnist --html answers.html
        cleave evaluate runs/salt --dataset image-folder --data-path photos \\
          --set data.size=32 --html photos.html
        cleave evaluate runs/salt --set data.classes=[Bag,Sandal,Sneaker]
        cleave evaluate --head head.h5 --adapter best.h5 --tail tail.h5 \\
          --dataset cifar10 --data-path DIR
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
  var subject: String?

  @OptionGroup(title: "The data") var data: DataOptions

  @OptionGroup(title: "An adapter apart from its run") var adapter: AdapterOptions

  @OptionGroup var source: CheckpointOptions

  @OptionGroup var input: InputOptions

  @OptionGroup var outputs: OutputChoiceOptions

  @Option(
    help: ArgumentHelp(
      """
      Write everything as one page: a benchmark's tables and plots, a run's answers to some test \
      images, or what was measured on several data sets.
      """,
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
    if subject == nil, !adapter.isGiven {
      throw ValidationError(
        "expected a run, a recipe or a checkpoint, or --head, --adapter and --tail")
    }
    if let subject, adapter.isGiven {
      throw ValidationError("--head, --adapter and --tail stand in the place of \(subject)")
    }
    try adapter.check()
  }

  func run() throws {
    try reporting {
      let observer = ConsoleObserver()
      // Also before an error is printed.
      defer { observer.finish() }
      for path in [html, plot].compactMap(\.self) { try checkFolder(of: path) }
      if let recipe = try benchmark() { return try compare(recipe, observer) }
      let result = try shared.withThreads { try measure(observer) }
      observer.finish()
      if let html, let page = result.page { try write(Array(page.utf8), to: html) }
      switch result.measured {
      case .report(let report):
        if shared.json { return try Output.json(report) }
        ReportText.write(report, to: FileSink.standardOutput)
      case .rows(let evaluation):
        if shared.json { return try Output.json(evaluation) }
        ReportText.write(evaluation, to: FileSink.standardOutput)
      }
    }
  }

  /// Result of a measurement.
  private enum Measured {
    /// One thing on one data set.
    case report(EvaluationReport)
    /// One thing on data that the command line names.
    case rows(RunEvaluation)
  }

  /// The result, and what `--html` asks for.
  private func measure(
    _ observer: ConsoleObserver
  ) throws -> (measured: Measured, page: String?) {
    if let files = adapter.files {
      try refuseCheckpointOptions("an adapter")
      let evaluation = try Experiment.evaluate(
        files, on: data.requests(), part: data.part ?? .test, observer: observer)
      return (.rows(evaluation), evaluation.page)
    }
    let subject = subject ?? ""
    switch try Subject(subject, expected: Self.expected) {
    case .folder:
      try refuseCheckpointOptions("a run")
      let requests = try data.requests()
      if !requests.isEmpty || data.part != nil {
        let evaluation = try Experiment.evaluate(
          run: subject, on: requests, part: data.part ?? .test, observer: observer)
        return (.rows(evaluation), evaluation.page)
      }
      guard html != nil else {
        return (.report(try Experiment.evaluate(run: subject, observer: observer)), nil)
      }
      let (report, page) = try Experiment.evaluateAndDraw(run: subject, observer: observer)
      return (.report(report), page)
    case .recipe:
      try refuseCheckpointOptions("a recipe")
      try refuseData("a recipe")
      let recipe = try Recipe(RecipeDocument(contentsOf: subject, overrides: data.values))
      return (.report(try Experiment.evaluate(recipe, observer: observer)), nil)
    case .checkpoint: break
    }
    let evaluation = try Experiment.evaluate(
      name: subject, on: data.requests(), part: data.part ?? .test,
      inputTransform: input.transform, outputs: outputs.choice, observer: observer
    ) { try source.read(subject, imageShape: $0) }
    if evaluation.rows.count == 1, let report = evaluation.rows[0].report {
      return (.report(report), evaluation.page)
    }
    return (.rows(evaluation), evaluation.page)
  }
}

extension Evaluate {
  /// Kinds of subjects, in words.
  private static let expected = "a run, a recipe or a checkpoint"

  /// The recipe, if it is a benchmark.
  private func benchmark() throws -> Recipe? {
    var isRecipe = false
    if let subject, case .recipe = try Subject(subject, expected: Self.expected) {
      isRecipe = true
      let recipe = try Recipe(RecipeDocument(contentsOf: subject, overrides: data.values))
      if recipe.benchmark != nil {
        try refuseCheckpointOptions("a recipe")
        try refuseData("a recipe")
        return recipe
      }
    }
    let options: [(name: String, isGiven: Bool)] = [
      ("--html", html != nil && isRecipe), ("--plot", plot != nil), ("--limit", limit != nil),
    ]
    if let option = options.first(where: \.isGiven) {
      throw CommandFailure(
        message: "\(option.name) is for recipes with a section 'benchmark', which "
          + "\(subject ?? "an adapter") is not", status: 2)
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

  /// Refuses a file in a folder that is not there before anything is measured.
  private func checkFolder(of path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard folder.isEmpty || isFolder(folder) else {
      throw CommandFailure(
        message: "\(path) cannot be written: there is no folder \(folder)", status: 1)
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    do throws(FileError) { try AtomicFile.write(bytes, to: path) } catch {
      throw CommandFailure(message: "\(error.path) cannot be written: \(error.reason)", status: 1)
    }
    FileSink.standardError.write("wrote \(path)\n")
  }

  /// Refuses what a run or a recipe says itself, rather than ignoring it.
  private func refuseCheckpointOptions(_ kind: String) throws {
    try refuse(source.given + input.given + outputs.given, "is for checkpoints", kind)
  }

  /// Refuses other data than a recipe names.
  private func refuseData(_ kind: String) throws {
    try refuse(
      [
        ("--dataset", !data.dataset.isEmpty), ("--data-path", !data.dataPath.isEmpty),
        ("--split", data.part != nil),
      ],
      "is for runs, checkpoints and adapters", kind)
  }

  private func refuse(
    _ options: [(name: String, isGiven: Bool)], _ use: String, _ kind: String
  ) throws {
    guard let option = options.first(where: \.isGiven) else { return }
    throw CommandFailure(
      message: "\(option.name) \(use); \(subject ?? "this") is \(kind), which says that itself",
      status: 2)
  }
}
