internal import Codecs
internal import Datasets
public import Export
internal import Methods
internal import Networks
internal import Splitting
internal import Tasks
internal import Tensors
public import Training

extension Experiment {
  /// How many validation images the ranges of 8-bit integers are chosen by, at most.
  static let calibrationSamples = 512

  /// Writes the two parts of a run for deployment, or the network of a run without a cut: ONNX in single
  /// precision and 8-bit integers, and a manifest.
  ///
  /// The integers' ranges are chosen on validation images. Where the tail is the recipe's own, it
  /// is exported unchanged.
  ///
  /// - Parameters:
  ///   - path: the folder of the run.
  ///   - directory: where the export goes.
  ///   - tableBits: the bits of a value that tables of the `context` codec are made for, from the
  ///     latents of training images; only those the method has learned, if any, if `nil`.
  ///   - testVectors: how many test images are written beside a device's program in C, with what it
  ///     gives.
  /// - Returns: what the manifest says.
  /// - Throws: `RunDirectoryError.noRun` if there is no run, or `ExportError`.
  public static func export(
    run path: String, to directory: String, tableBits: Int? = nil, testVectors: Int = 0,
    observer: any TrainingObserver
  ) throws -> ExportManifest {
    let run = try open(run: path, observer: observer)
    let (recipe, provider, method, network) = (run.recipe, run.data, run.method, run.network)
    let test = try provider.test()
    guard let (device, ownServer) = try parts(of: run) else {
      guard testVectors == 0 else { throw ExperimentError.noEncoder(method: recipe.methodName) }
      return try exportWhole(run, to: directory, tableBits: tableBits, observer: observer)
    }
    let coding = try method.indexCoding(network)
    var server = try ownServer ?? recipe.network.loadParts(for: test).tail
    if let coding {
      guard coding.quantizer.mapping == .binary else {
        throw ExperimentError.mapping(coding.quantizer.mapping.rawValue)
      }
      guard coding.code == .none else { throw ExperimentError.code(coding.code.rawValue) }
      server = try coding.decoder.followed(by: server, name: server.name)
    } else if testVectors > 0 {
      throw ExperimentError.noEncoder(method: recipe.methodName)
    }
    let calibration = try calibration(of: run, observer: observer)
    let learned = try method.codecTables(network).byNumber[0]?.bytes
    var tables = learned
    if let tableBits {
      if learned != nil { throw ExperimentError.ownTables(method: recipe.methodName) }
      tables = try contextTables(
        device, method.inputTransform, provider, bits: tableBits, observer: observer
      ).bytes
    }
    var tasks: [ExportBundle.Task] = []
    if let set = method.tasks {
      tasks = try exported(set, answeredBy: server)
    }
    let decisions = try method.decisions(network)
    let classifies = tasks.isEmpty && decisions.branches.isEmpty
    let tail = try recipe.network.deployed(server, for: test)
    let manifest = try ExportBundle(
      head: device, tail: tail.network, inputTransform: method.inputTransform,
      imageSizing: provider.imageSizing,
      codec: coding == nil ? try method.systems(network).first?.codecDescription : nil,
      classNames: classifies ? test.classNames : [],
      answer: classifies ? .init(output: tail.measured, meaning: tail.meaning) : nil,
      tasks: tasks, exits: decisions.exits.map(\.exported),
      branches: decisions.branches.map(\.exported),
      policies: decisions.policies,
      sideInputs: coding?.sideInputs.map { .init(name: $0.name, range: $0.range) } ?? [],
      encoder: try coding.map {
        let samples = test.sampleIndices(
          testVectors, seed: recipe.data.splitSeed)
        let images = samples.isEmpty ? [] : [try method.inputTransform(test.pixels(at: samples))]
        return .init(centers: $0.quantizer.centers, testImages: images)
      },
      calibration: calibration,
      producerVersion: version,
      codecTables: tables,
      provenance: provenance(of: run)
    ).write(to: directory)
    if let written = try manifest.readCodecTables(in: directory) {
      // Whoever decodes reads the file, so the file is what is checked.
      guard written == tables else { throw CodecError.checksum }
      _ = try CodecTables(written)
    }
    return manifest
  }

  /// The two parts of a run; nil without a cut.
  private static func parts(of run: OpenRun) throws -> (device: Network, server: Network?)? {
    do { return try run.method.parts(run.network) } catch SetupError.cutNeeded {
      return nil
    } catch NASCError.notSplit { return nil }
  }

  /// Writes the network of a run without a cut.
  private static func exportWhole(
    _ run: OpenRun, to directory: String, tableBits: Int?, observer: any TrainingObserver
  ) throws -> ExportManifest {
    guard tableBits == nil else { throw SetupError.cutNeeded }
    let (method, test) = (run.method, try run.data.test())
    let deployed = try run.recipe.network.deployed(method.whole(run.network), for: test)
    let tasks = try method.tasks.map { try exported($0, answeredBy: deployed.network) } ?? []
    return try ExportBundle(
      head: deployed.network, tail: nil, inputTransform: method.inputTransform,
      imageSizing: run.data.imageSizing, classNames: tasks.isEmpty ? test.classNames : [],
      answer: tasks.isEmpty
        ? .init(output: deployed.measured, meaning: deployed.meaning) : nil,
      tasks: tasks, calibration: try calibration(of: run, observer: observer),
      producerVersion: version, provenance: provenance(of: run)
    ).write(to: directory)
  }

  /// Validation images to choose the ranges of 8-bit integers by, transformed, in batches.
  private static func calibration(
    of run: OpenRun, observer: any TrainingObserver
  ) throws -> [Tensor<Float>] {
    let images = try run.data.sample(
      calibrationSamples, of: run.data.validation(), for: "ranges of 8-bit integers")
    let plan = try BatchPlan(
      sampleCount: images.count, batchSize: 64, seed: run.recipe.seed, shuffles: false)
    let loader = try BatchLoader(
      dataset: images, plan: plan, transform: run.method.inputTransform)
    observer.noted("choosing the ranges of 8-bit integers by \(images.count) validation images")
    return try (0..<plan.batchesPerEpoch).map { try loader.batch(epoch: 0, index: $0).images }
  }

  /// Tasks as a bundle has them, each with the part of a network that answers it alone.
  private static func exported(
    _ tasks: TaskSet, answeredBy network: Network
  ) throws -> [ExportBundle.Task] {
    try tasks.tasks.map { task in
      ExportBundle.Task(
        name: task.name, kind: task.kind.rawValue, classNames: task.classNames,
        settings: task.settings, tail: try tasks.deployed(network, only: [task.name]))
    }
  }

  private static func provenance(of run: OpenRun) -> [String: String] {
    [
      "run": run.folder, "method": run.recipe.methodName, "seed": "\(run.recipe.seed)",
      "dataset": (try? run.data.test().name) ?? "", "data": run.data.notes.joined(separator: "; "),
    ].filter { !$0.value.isEmpty }
  }

  /// Tables made from the latents of training images.
  private static func contextTables(
    _ device: Network, _ inputTransform: InputTransform, _ data: DataProvider, bits: Int,
    observer: any TrainingObserver
  ) throws -> ContextTables {
    let head = Head(device)
    let images = try data.sample(calibrationSamples, of: data.train(), for: "tables of context")
    let latents = try (0..<images.count).map { index in
      let latent = head(try inputTransform(images.pixels(at: [index])))
      observer.progressed("calibrating tables", unit: "images", done: index + 1, of: images.count)
      return latent.reshaped(to: latent.shape.droppingFirst())
    }
    return try ContextTables(calibratedOn: latents, bits: bits)
  }
}

extension ExitDecision {
  /// As a manifest has it.
  fileprivate var exported: ExportManifest.Exit {
    ExportManifest.Exit(
      output: output, gate: gate, place: place.rawValue, rule: rule.rawValue,
      temperature: temperature, threshold: threshold)
  }
}

extension DeviceDecisions.Branch {
  /// As a bundle has it.
  fileprivate var exported: ExportBundle.Branch {
    ExportBundle.Branch(
      name: name, head: device, tail: server,
      quantization: quantizer.map {
        QuantizationParameters(
          scale: $0.scale, zeroPoint: UInt8(clamping: $0.zeroPoint))
      })
  }
}
