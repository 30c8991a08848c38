internal import Codecs
internal import Datasets
public import Export
internal import Networks
internal import Splitting
internal import Tasks
internal import Tensors
public import Training

extension Experiment {
  /// How many validation images the ranges of 8-bit integers are chosen by, at most.
  static let calibrationSamples = 512

  /// Writes the two parts of a run for deployment: ONNX in single precision and 8-bit integers,
  /// and a manifest.
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
    let (device, ownServer) = try method.parts(network)
    let coding = try method.indexCoding(network)
    var server =
      try ownServer
      ?? recipe.network.loadParts(for: test).tail
    if let coding {
      guard coding.quantizer.mapping == .binary else {
        throw ExperimentError.mapping(coding.quantizer.mapping.rawValue)
      }
      server = try coding.decoder.followed(by: server, name: server.name)
    } else if testVectors > 0 {
      throw ExperimentError.noEncoder(method: recipe.methodName)
    }
    let images = try provider.sample(
      calibrationSamples, of: provider.validation(), for: "ranges of 8-bit integers")
    let plan = try BatchPlan(
      sampleCount: images.count, batchSize: 64, seed: recipe.seed, shuffles: false)
    let loader = try BatchLoader(
      dataset: images, plan: plan, transform: method.inputTransform)
    let calibration = try (0..<plan.batchesPerEpoch).map {
      try loader.batch(epoch: 0, index: $0).images
    }
    observer.noted("choosing the ranges of 8-bit integers by \(images.count) validation images")
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
      tasks = try set.tasks.map { task in
        ExportBundle.Task(
          name: task.name, kind: task.kind.rawValue, classNames: task.classNames,
          settings: task.settings, tail: try set.deployed(server, only: [task.name]))
      }
    }
    let decisions = try method.decisions(network)
    let classifies = tasks.isEmpty && decisions.branches.isEmpty
    let tail = try recipe.network.deployed(server, for: test)
    let manifest = try ExportBundle(
      head: device, tail: tail.network, inputTransform: method.inputTransform,
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
      provenance: [
        "run": path, "method": recipe.methodName, "seed": "\(recipe.seed)",
        "data": provider.notes.joined(separator: "; "),
      ].filter { !$0.value.isEmpty }
    ).write(to: directory)
    if let written = try manifest.readCodecTables(in: directory) {
      // Whoever decodes reads the file, so the file is what is checked.
      guard written == tables else { throw CodecError.checksum }
      _ = try CodecTables(written)
    }
    return manifest
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
