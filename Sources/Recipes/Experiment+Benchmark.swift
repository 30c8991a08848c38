internal import Codecs
internal import Datasets
internal import Networks
internal import Splitting
internal import Tasks
internal import Tensors
public import Training

extension Experiment {
  /// Sets the systems of a recipe's `benchmark` section against each other on its test images.
  ///
  /// With `data.classes`, only test images of those classes are used.
  ///
  /// - Parameters:
  ///   - limit: how many test images at most, before what the recipe says.
  ///   - observer: told how far it is.
  /// - Throws: `RecipeProblems` for what data and network show to be wrong with the recipe,
  ///   ``ExperimentError/benchmarkNeeded`` without such a section, or what a system throws.
  public static func benchmark(
    _ recipe: Recipe, limit: Int? = nil, observer: any TrainingObserver
  ) throws -> TradeOffReport {
    guard let configuration = recipe.benchmark else { throw ExperimentError.benchmarkNeeded }
    let provider = provider(of: recipe, observer: observer)
    let builder = try BenchmarkBuilder(recipe, configuration, provider, observer)
    var test = try provider.test()
    if let classes = try provider.userClasses() {
      test = try test.selecting(classes: classes.map { .index($0) })
    }
    if let limit = limit ?? configuration.limit {
      test = try provider.sample(limit, of: test, for: "limit")
    }
    let links = configuration.links.map { TradeOffReport.NamedLink(name: $0.name, link: $0.link) }
    let tradeOff = TradeOff(
      dataset: test, tasks: builder.tasks,
      links: links.isEmpty
        ? [TradeOffReport.NamedLink(name: "\(recipe.link.link.rate)", link: recipe.link.link)]
        : links,
      energy: recipe.link.energy, timedSamples: configuration.timedSamples)
    var report = try tradeOff.report(
      reference: try builder.reference(), try builder.entries(), observer: observer)
    if !provider.notes.isEmpty { report.notes = provider.notes }
    return report
  }
}

/// Makes the systems of a benchmark.
private struct BenchmarkBuilder {
  let recipe: Recipe
  let configuration: BenchmarkConfiguration
  let provider: DataProvider
  let observer: any TrainingObserver
  let network: Network
  let inputTransform: InputTransform
  let tasks: TaskSet

  init(
    _ recipe: Recipe, _ configuration: BenchmarkConfiguration, _ provider: DataProvider,
    _ observer: any TrainingObserver
  ) throws {
    self.recipe = recipe
    self.configuration = configuration
    self.provider = provider
    self.observer = observer
    if let reference = configuration.reference {
      let run = try BenchmarkBuilder.open(reference, recipe, observer)
      network = try run.method.whole(run.network)
      inputTransform = run.method.inputTransform
      // The run's network tells which class has which number.
      try BenchmarkBuilder.expectClasses(of: run, in: provider)
      tasks = try run.method.tasks ?? .classification(of: provider.test())
      return
    }
    let loaded = try recipe.blaming {
      let loaded = try recipe.network.load(for: provider.test(), seed: recipe.seed)
      if let classes = loaded.classes { try provider.expect(classes) }
      return loaded
    }
    tasks = try .classification(of: provider.test())
    network = try loaded.network.with(outputs: [loaded.network.outputs[0]])
    inputTransform = loaded.inputTransform
  }

  /// Has data numbered as the classes that a run answers with.
  private static func expectClasses(
    of run: Experiment.OpenRun, in provider: DataProvider
  ) throws {
    let test = try run.data.test()
    for annotation in [ImageDataset.classAnnotation]
      + (run.method.tasks?.configurations.map(\.annotation) ?? [])
    {
      try provider.expect(
        ClassList(owner: run.folder, names: test.annotation(annotation).classNames),
        of: annotation)
    }
  }

  /// The whole network, given the pixels as they are.
  func reference() throws -> any SplitSystem {
    try InputSystem(
      name: "pixels", family: "pixels", format: .raw, network: network,
      inputTransform: inputTransform, answerBytes: tasks.answerBytes(of: network))
  }

  /// The systems in the recipe's order, those that differ in their seed together.
  func entries() throws -> [[any SplitSystem]] {
    var problems: [RecipeProblem] = []
    var entries: [[any SplitSystem]] = []
    for (index, system) in configuration.systems.enumerated() {
      do { entries += try self.entries(of: system) } catch {
        guard let key = BenchmarkBuilder.key(blamedFor: error, in: system) else { throw error }
        let path = RecipeKeyPath(
          [.key("benchmark"), .key("systems"), .index(index), .key(key)])
        problems.append(
          RecipeProblem(
            "\(path.name): \(error)", at: recipe.document.root.nearestLocation(of: path),
            path: path))
      }
    }
    guard problems.isEmpty else { throw RecipeProblems(problems) }
    return BenchmarkBuilder.toldApart(entries)
  }

  /// The same systems, those that share a name numbered: runs of one method are called alike.
  private static func toldApart(_ entries: [[any SplitSystem]]) -> [[any SplitSystem]] {
    let count = Dictionary(grouping: entries) { $0[0].name }.mapValues(\.count)
    var seen: [String: Int] = [:]
    return entries.map { entry in
      let name = entry[0].name
      guard count[name, default: 0] > 1 else { return entry }
      seen[name, default: 0] += 1
      return entry.map {
        AdaptedSystem(system: $0, name: "\(name) #\(seen[name, default: 0])", family: $0.family)
      }
    }
  }

  /// The key of a system that an error is about; nil if it is not in the recipe.
  private static func key(blamedFor error: any Error, in system: BenchmarkSystem) -> String? {
    switch error {
    case NetworkError.invalidCut, NetworkError.unknownNode, SetupError.cutNeeded: "cut"
    case is SetupError, is RunDirectoryError, is ExperimentError, is BenchmarkError:
      system.run == nil ? nil : "run"
    case DatasetError.unsupportedFormat: "input"
    default: nil
    }
  }

  private func entries(of system: BenchmarkSystem) throws -> [[any SplitSystem]] {
    if let input = system.input {
      return try (system.qualities ?? []).map { quality in
        let format: ImageFormat =
          input == .jpeg ? .jpeg(quality: quality) : .webp(quality: quality)
        return [
          try InputSystem(
            name: "\(input.rawValue) \(quality)", family: input.rawValue, format: .file(format),
            network: network, inputTransform: inputTransform,
            answerBytes: tasks.answerBytes(of: network))
        ]
      }
    }
    if system.place == .device {
      return [
        [DeviceSystem(name: "device", network: network, inputTransform: inputTransform)]
      ]
    }
    if let latent = system.latent { return try cutSystems(latent, system).map { [$0] } }
    return try runs(system)
  }

  // MARK: - Cuts

  private func cutSystems(
    _ latent: BenchmarkSystem.Latent, _ system: BenchmarkSystem
  ) throws -> [CodedSystem] {
    guard let cut = system.cut ?? recipe.network.cut else { throw SetupError.cutNeeded }
    let (head, tail) = try network.cut(at: cut)
    let base = CodedSystem(
      name: "", family: "", device: head, inputTransform: inputTransform, server: tail)
    // The cut is only told apart where a table has several.
    let family = "\(latent.rawValue)" + (cuts.count > 1 ? " \(cut)" : "")
    func make(
      _ codec: any LatentCodec, bits: Int? = nil, tables: CodecTables = .none
    ) -> CodedSystem {
      base.with(
        name: family + (bits.map { ", \($0) bit\($0 == 1 ? "" : "s")" } ?? ""), family: family,
        codec: codec, tables: tables)
    }
    switch latent {
    case .fp32: return [make(IdentityCodec())]
    case .fp16: return [make(HalfPrecisionCodec())]
    case .packed: return (system.bits ?? []).map { make(PackedCodec(bits: $0), bits: $0) }
    case .rans: return (system.bits ?? []).map { make(RANSCodec(bits: $0), bits: $0) }
    case .sparseRANS:
      return (system.bits ?? []).map { make(RANSCodec(bits: $0, layout: .sparse), bits: $0) }
    case .context:
      let latents = try calibration(base)
      return try (system.bits ?? []).map { bits in
        let tables = try ContextTables(calibratedOn: latents, bits: bits)
        return make(
          ContextCodec(tables, tableNumber: 0), bits: bits, tables: CodecTables([0: tables]))
      }
    }
  }

  private var cuts: Set<String> {
    Set(
      configuration.systems.filter { $0.latent != nil }
        .compactMap { $0.cut ?? recipe.network.cut })
  }

  /// Latents of training images.
  private func calibration(_ system: CodedSystem) throws -> [Tensor<Float>] {
    let images = try provider.sample(
      configuration.calibrationSamples, of: provider.train(), for: "tables of context")
    return try (0..<images.count).map { index in
      let latent = try system.latent(images.pixels(at: [index]))
      observer.progressed("calibrating tables", unit: "images", done: index + 1, of: images.count)
      return latent.reshaped(to: latent.shape.droppingFirst())
    }
  }

  // MARK: - Runs

  /// A run on the data the recipe names.
  private static func open(
    _ folder: String, _ recipe: Recipe, _ observer: any TrainingObserver
  ) throws -> Experiment.OpenRun {
    let directory = RunDirectory(folder)
    guard directory.hasRecipe else { throw RunDirectoryError.noRun(path: folder) }
    let other = try Recipe(RecipeDocument(contentsOf: directory.recipePath))
    guard other.data.dataset == recipe.data.dataset else {
      throw BenchmarkError.otherData(folder)
    }
    return try Experiment.open(run: folder, observer: observer)
  }

  /// Says that a run is measured without the noise of its link, if there is any.
  private func noteNoise(of run: Experiment.OpenRun) {
    if run.recipe.link.link.isNoisy { provider.note(NoiseNote.without(run.folder)) }
  }

  /// The systems of runs that differ in their seed: the first of each run together, then the second.
  private func runs(_ system: BenchmarkSystem) throws -> [[any SplitSystem]] {
    let folders = system.run?.folders ?? []
    let runs = try folders.map { folder in
      let run = try BenchmarkBuilder.open(folder, recipe, observer)
      noteNoise(of: run)
      let names = run.method.tasks?.tasks.map(\.name) ?? [ImageDataset.classAnnotation]
      guard names == tasks.tasks.map(\.name) else {
        throw BenchmarkError.otherTasks(folder, names, expected: tasks.tasks.map(\.name))
      }
      return try run.method.systems(run.network).map { try matched($0, of: run) }
    }
    guard let first = runs.first, runs.allSatisfy({ $0.count == first.count }) else {
      throw BenchmarkError.differentRuns(folders)
    }
    return first.indices.map { index in
      runs.map { run in
        guard let name = system.name else { return run[index] }
        return AdaptedSystem(
          system: run[index], name: first.count == 1 ? name : "\(name), \(run[index].name)",
          family: name)
      }
    }
  }
}

extension BenchmarkBuilder {
  /// A system of a run, whose answers are those of the classes in the benchmark's order.
  private func matched(
    _ system: any SplitSystem, of run: Experiment.OpenRun
  ) throws -> any SplitSystem {
    let found = try run.method.tasks ?? .classification(of: run.data.test())
    for (own, expected) in zip(found.tasks, tasks.tasks) where own.classNames != expected.classNames
    {
      let matching: ClassMatching
      do throws(ClassMismatch) {
        matching = try ClassMatching(
          ClassList(owner: run.folder, names: own.classNames),
          to: ClassList(owner: "the benchmark", names: expected.classNames))
      } catch { throw BenchmarkError.otherClasses(error) }
      guard run.method.tasks == nil, matching.kind == .permutation else {
        throw BenchmarkError.otherOrder(run.folder, task: own.name)
      }
      return AdaptedSystem(
        system: system, name: system.name, family: system.family,
        places: matching.indices.map(Int.init))
    }
    return system
  }
}

/// Why a run cannot be set beside a recipe's systems.
enum BenchmarkError: Error, Equatable, CustomStringConvertible {
  /// The run was trained on other data.
  case otherData(String)
  /// The run answers other tasks.
  case otherTasks(String, [String], expected: [String])
  /// The run answers other classes.
  case otherClasses(ClassMismatch)
  /// The run answers the classes of a task in another order.
  case otherOrder(String, task: String)
  /// Runs that should differ in their seed only have different systems.
  case differentRuns([String])

  /// What is wrong.
  var description: String {
    switch self {
    case .otherData(let folder):
      "the run in \(folder) was trained on another data set than the recipe names"
    case .otherTasks(let folder, let found, let expected):
      "the run in \(folder) answers \(found.joined(separator: ", ")), the benchmark is about "
        + expected.joined(separator: ", ")
    case .otherClasses(let mismatch): "\(mismatch)"
    case .otherOrder(let folder, let task):
      "the run in \(folder) answers the classes of \(task) in another order than the benchmark's "
        + "reference"
    case .differentRuns(let folders):
      "the runs \(folders.joined(separator: ", ")) are not of the same systems"
    }
  }
}
