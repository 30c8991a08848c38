import Checkpoints
import Datasets
import Foundation
import HDF5
import Methods
import Networks
import Recipes
import Synchronization
import Tensors
import Testing
import Training

/// Every recipe of the project is read and run for a step, with tiny data and random checkpoints in
/// place of those it names.
@Suite struct RecipeFilesTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Recipes").path

  static let files: [String] =
    ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? [])
    .filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !$0.hasSuffix(".sweep.yaml") }
    .sorted()

  @Test func recipesAreFound() {
    for file in [
      "base/fashion-mnist-resnet.yaml", "base/shapes-resnet.yaml",
      "bottleneck/cifar10-bottlefit.yaml", "bottleneck/cifar10-cr-bq.yaml",
      "bottleneck/cifar10-end-to-end.yaml", "bottleneck/cifar10-entropic-student.yaml",
      "image-compression/cifar10-factorized-prior.yaml",
      "image-compression/cifar10-mean-scale-hyperprior.yaml",
      "image-compression/cifar10-scale-hyperprior.yaml",
      "ladon/bccd-images.yaml", "ladon/bccd-network.yaml", "ladon/bccd.yaml",
      "ladon/camvid-images.yaml", "ladon/camvid-network.yaml", "ladon/camvid.yaml",
      "ladon/shapes-images.yaml", "ladon/shapes-teacher-tasks.yaml",
      "ladon/shapes-teacher.yaml",
      "ladon/shapes.yaml",
      "mtl-split/cifar10-frozen.yaml", "mtl-split/shapes-mobilenetv3-places.yaml",
      "mtl-split/shapes-mobilenetv3.yaml", "mtl-split/shapes-small.yaml",
      "mtl-split/shapes-vgg-places.yaml", "mtl-split/shapes-vgg.yaml",
      "navisplit/drone-branches.yaml", "navisplit/drone-depth.yaml",
      "navisplit/drone-gate.yaml", "navisplit/drone-navigator.yaml",
      "navisplit/indoor-branches.yaml", "navisplit/indoor-depth.yaml",
      "nasc/fashion-mnist.yaml", "sparse-exit/cifar10-resnet44.yaml",
      "sparse-exit/fashion-mnist-exit.yaml",
      "sparse-exit/fashion-mnist-convolutional.yaml", "sparse-exit/fashion-mnist-frozen.yaml",
      "sparse-exit/fashion-mnist.yaml",
      "salt/cifar10-resnet20.yaml", "salt/fashion-mnist.yaml", "salt/shapes.yaml",
      "sc2/cifar10-resnet20.yaml", "sc2/fashion-mnist.yaml", "sc2/imagenet-200-mobilenetv2.yaml",
      "semanticnn/cifar10-resnet20.yaml", "semanticnn/fashion-mnist.yaml",
      "slicer/characters.yaml", "slicer/cifar10-resnet20.yaml", "slicer/fashion-mnist.yaml",
    ] { #expect(Self.files.contains(file)) }
  }

  @Test(arguments: files) func everyRecipeOpensWithTheCommandThatRunsIt(file: String) throws {
    let text = try String(contentsOfFile: "\(Self.folder)/\(file)", encoding: .utf8)
    let header = text.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { $0.hasPrefix("#") }
    let isBenchmark =
      try RecipeDocument(contentsOf: "\(Self.folder)/\(file)")
      .root["benchmark"] != nil
    let isSearch =
      try RecipeDocument(contentsOf: "\(Self.folder)/\(file)").root["nasc"] != nil
    let command = isBenchmark ? "evaluate" : isSearch ? "search" : "train"
    #expect(header.contains { $0.hasPrefix("# cleave \(command) Recipes/\(file)") })
    #expect(header.contains("#"), "and says below what it does")
  }

  @Test(arguments: files) func everyRecipeRuns(file: String) throws {
    let standIn = try StandIn()
    let path = "\(Self.folder)/\(file)"
    let overrides = try standIn.overrides(for: RecipeDocument(contentsOf: path))
    let recipe = try Recipe(RecipeDocument(contentsOf: path, overrides: overrides))
    let observer = Steps()
    if let benchmark = recipe.benchmark {
      let report = try Experiment.benchmark(recipe, limit: 2, observer: observer)
      #expect(report.samples == 2)
      let rows = benchmark.systems.reduce(1) { $0 + ($1.qualities ?? $1.bits ?? [0]).count }
      #expect(report.systems.count == rows)
      let silent = benchmark.systems.filter { $0.place == .device }.count
      #expect(report.systems.filter { $0.bytes.mean > 0 }.count == rows - silent)
      #expect(report.systems.allSatisfy { $0.links.count > 1 })
      return
    }
    let run = standIn.folder + "/run"
    let report = try Experiment.train(recipe, in: run, resumes: false, observer: observer)
    #expect(report.samples > 0)
    // The test images are looked at once training or choosing is over, never before.
    let events = observer.events.withLock { $0 }
    let evaluated = try #require(events.firstIndex(of: "evaluating"))
    let directory = RunDirectory(run)
    if recipe.trains {
      #expect(events.first == "step")
      #expect(report.training?.epochs == recipe.training.stageCount)
      #expect(report.training?.validation["loss"]?.isFinite == true)
      #expect(try evaluated > #require(events.lastIndex(of: "epoch")))
      #expect(try evaluated > #require(events.lastIndex(of: "step")))
    } else {
      #expect(events == ["searching", "evaluating"])
      #expect(report.training == nil)
      #expect(FileManager.default.fileExists(atPath: directory.choicePath))
    }
    for name in [directory.recipePath, directory.reportPath, directory.metricsPath] {
      #expect(FileManager.default.fileExists(atPath: name))
    }
    let best = try Checkpoint.read(directory.path(of: .best))
    for (name, value) in report.judgedFigures {
      #expect(best.provenance?.figures["test_\(name)"] == value)
    }
    if report.tasks == nil, report.flights == nil {
      #expect(best.provenance?.figures["test_accuracy"] == report.accuracy)
    }
    // A gate builds on files that its own section names.
    let own = ["branches", "navigator"].compactMap {
      StandIn.text(recipe.document, "navisplit_gate", $0)
    }
    #expect(best.provenance?.parents == recipe.network.files + own)
    #expect(best.classNames?.isEmpty == false)
    try expectMeasurableOnOtherData(recipe, run: run, report)
    // What the run wrote is a recipe again, the same one.
    #expect(
      try RecipeDocument(contentsOf: directory.recipePath).differences(from: recipe.document) == [])
  }

  /// The first recipe of each method, whose runs are also measured on other data.
  private static let firstOfMethods: Set<String> = {
    var first: [String: String] = [:]
    for file in files {
      guard let document = try? RecipeDocument(contentsOf: "\(folder)/\(file)"),
        document.root["benchmark"] == nil, let method = StandIn.text(document, "method")
      else { continue }
      first[method] = first[method] ?? "\(folder)/\(file)"
    }
    return Set(first.values)
  }()

  /// Measures a run on its own data beside others, which no method knows of.
  private func expectMeasurableOnOtherData(
    _ recipe: Recipe, run: String, _ report: EvaluationReport
  ) throws {
    guard Self.firstOfMethods.contains(recipe.document.name) else { return }
    let other = [DataRequest(overrides: ["data.test_limit=1"])]
    if ["navigator", "navisplit_gate"].contains(recipe.methodName) {
      #expect(throws: MeasurementError.notByImages(method: recipe.methodName)) {
        try Experiment.evaluate(run: run, on: other, observer: SilentObserver())
      }
      return
    }
    let rows = try Experiment.evaluate(run: run, on: other, observer: SilentObserver()).rows
    let own = try #require(rows[0].report)
    #expect(rows.map(\.measuredOn.isOwn) == [true, false])
    #expect(own.accuracy == report.accuracy)
    #expect(own.comparisons.map(\.userAccuracy) == report.comparisons.map(\.userAccuracy))
    #expect(own.split?.uplinkBytes == report.split?.uplinkBytes)
    #expect(own.split?.stream?.mean == report.split?.stream?.mean)
    #expect(own.codecs?.map(\.meanBytes) == report.codecs?.map(\.meanBytes))
    #expect(own.codecs?.map(\.accuracy) == report.codecs?.map(\.accuracy))
    #expect(rows[1].report?.samples == 1)
  }

  /// A recipe whose checkpoint is not there is reported before anything is run.
  @Test func aMissingCheckpointIsReportedAtItsKey() throws {
    let document = try RecipeDocument(
      contentsOf: "\(Self.folder)/salt/cifar10-resnet20.yaml",
      overrides: ["network.checkpoint=/nowhere/a.h5"])
    #expect {
      try Recipe(document)
    } throws: { "\($0)".contains("there is no file /nowhere/a.h5") }
  }

  /// Notes in which order things happen.
  final class Steps: TrainingObserver {
    let events = Mutex<[String]>([])

    private func note(_ event: String) {
      events.withLock { if $0.last != event { $0.append(event) } }
    }
    func progressed(_ task: String, unit: String, done: Int, of total: Int) {
      if ["searching", "evaluating"].contains(task) { note(task) }
    }
    func stepped(_ progress: StepProgress) { note("step") }
    func finishedEpoch(_ record: EpochRecord) { note("epoch") }
    func noted(_ message: String) {}
  }
}

/// Tiny data sets and random checkpoints in a folder of their own.
final class StandIn {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "cleave-recipes-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  struct Missing: Error, CustomStringConvertible {
    var description: String
  }

  /// What makes a recipe small and complete.
  ///
  /// - Throws: ``Missing`` for a data set or checkpoint that has no stand-in yet.
  func overrides(for document: RecipeDocument) throws -> [String] {
    let method = StandIn.text(document, "method")
    let trains = MethodRegistry.methods.first { $0.name == method }?.trains ?? true
    // Agents and gates have batches of their own.
    let hasBatches = method != "navigator" && method != "navisplit_gate"
    var overrides: [String] = []
    if document.root["benchmark"] != nil {
      overrides += ["benchmark.calibration_samples=4", "benchmark.timed_samples=1"]
    } else if case .list(let stages)? = document.root["train"]?["stages"]?.content {
      overrides += stages.indices.map { "train.stages[\($0)].epochs=1" }
    } else if trains {
      overrides.append("train.epochs=1")
    }
    if document.root["benchmark"] == nil, trains, hasBatches {
      overrides.append("train.batch_size=64")
    }
    switch StandIn.text(document, "data", "name") {
    case "fashion-mnist": overrides.append("data.path=\(try fashionMNIST())")
    case "cifar10": overrides.append("data.path=\(try cifar10())")
    case "shapes": overrides += ["data.samples=80", "data.test_samples=20"]
    case "image-folder": overrides.append("data.path=\(try photographs())")
    case "coco": overrides += ["data.path=\(try objects())", "data.size=64"]
    case "hdf5": overrides.append("data.path=\(try scenes())")
    case "drone":
      overrides += [
        "data.samples=8", "data.test_samples=2",
        "data.world={camera_width: 32, camera_height: 32}",
      ]
      if hasBatches { overrides.append("train.batch_size=4") }
      overrides += try flights(document)
    case "text": overrides += ["data.samples=40", "data.test_samples=5"]
    case let name: throw Missing(description: "no stand-in for the data set \(name ?? "none")")
    }
    if document.root["nasc"] != nil {
      // What is fast enough on one machine is not on another.
      overrides += ["nasc.latency_limit=1 h", "nasc.shortlist=2"]
    }
    if let checkpoint = StandIn.text(document, "network", "checkpoint") {
      let file = folder + "/stand-in.h5"
      switch (checkpoint, StandIn.text(document, "network", "architecture")) {
      case ("Checkpoints/fashion-mnist-resnet8.h5", nil):
        try Checkpoint(
          network: network("resnet8", 10, [28, 28, 1]), inputTransform: InputTransform(scale: 255)
        ).write(to: file)
      case ("runs/shapes-resnet/best.h5", nil):
        try Checkpoint(
          network: network("resnet8", 8, [32, 32, 3]), inputTransform: InputTransform(scale: 255)
        ).write(to: file)
      case ("mobilenetv1-0.25-224.h5", nil):
        var network = try MobileNet.first(classes: 20, inputShape: [64, 64, 3], width: 0.25)
        network.initializeParameters(seed: 1)
        try Checkpoint(network: network).write(to: file)
      case ("runs/shapes-teacher/best.h5", nil):
        try Checkpoint(
          network: network("resnet8", 8, [64, 64, 3]), inputTransform: InputTransform(scale: 255)
        ).write(to: file)
      case (_, let name?) where name.hasPrefix("resnet"):
        try Checkpoint(network: network(name, 10, [32, 32, 3])).writeStateDict(to: file)
      case ("runs/drone-depth/best.h5", nil):
        try Checkpoint(network: network("navisplit-depth", 1, [32, 32, 3])).write(to: file)
      case ("runs/indoor-depth/best.h5", nil):
        try Checkpoint(network: network("navisplit-depth", 1, [32, 48, 3])).write(to: file)
      case (_, "mobilenetv2"):
        try Checkpoint(network: network("mobilenetv2", 1000, [224, 224, 3]))
          .writeStateDict(to: file)
      default: throw Missing(description: "no stand-in for the checkpoint \(checkpoint)")
      }
      overrides.append("network.checkpoint=\(file)")
    }
    if let name = StandIn.text(document, "benchmark", "reference") {
      let run = try self.run(name)
      overrides.append("benchmark.reference=\(run)")
      if case .list(let systems)? = document.root["benchmark"]?["systems"]?.content {
        for (index, system) in systems.enumerated() where system["run"] != nil {
          overrides.append("benchmark.systems[\(index)].run=\(run)")
        }
      }
    }
    for key in ["head", "tail", "configuration"] {
      if let path = StandIn.text(document, "network", key) {
        throw Missing(description: "no stand-in for network.\(key), \(path)")
      }
    }
    return overrides
  }

  /// A run of the recipe that makes the run of this name.
  private func run(_ name: String) throws -> String {
    let recipes = [
      "runs/bccd-network": "ladon/bccd-network.yaml",
      "runs/camvid-network": "ladon/camvid-network.yaml",
      "runs/shapes-mobilenetv3": "mtl-split/shapes-mobilenetv3.yaml",
      "runs/shapes-teacher-tasks": "ladon/shapes-teacher-tasks.yaml",
      "runs/shapes-vgg": "mtl-split/shapes-vgg.yaml",
    ]
    guard let recipe = recipes[name] else {
      throw Missing(description: "no stand-in for the run \(name)")
    }
    let path = "\(RecipeFilesTests.folder)/\(recipe)"
    let overrides = try overrides(for: RecipeDocument(contentsOf: path))
    let run = folder + "/reference"
    _ = try Experiment.train(
      Recipe(RecipeDocument(contentsOf: path, overrides: overrides)), in: run, resumes: false,
      observer: RecipeFilesTests.Steps())
    return run
  }

  /// What makes flights short, and gives a gate branches and a navigator.
  private func flights(_ document: RecipeDocument) throws -> [String] {
    switch StandIn.text(document, "method") {
    case "navigator":
      return [
        "navigator.steps_per_epoch=4", "navigator.validation_episodes=2",
        "navigator.test_episodes=2", "navigator.td3.warm_up=8", "navigator.td3.batch_size=4",
        "navigator.td3.demonstrations=8", "navigator.flight.maximum_steps=3",
      ]
    case "navisplit_gate":
      let branches = folder + "/branches.h5"
      try Checkpoint(
        network: DepthNetwork.attaching(
          [.init(after: 3, channels: 1), .init(after: 2, channels: 4)],
          to: network("navisplit-depth", 1, [32, 32, 3]), seed: 1),
        inputTransform: InputTransform(scale: 255)
      ).write(to: branches)
      let navigator = folder + "/navigator.h5"
      try Checkpoint(
        network: ActorCritic.network(
          observationLength: 200, actionLength: 2, hidden: [4], seed: 1)
      ).write(to: navigator)
      return [
        "navisplit_gate.branches=\(branches)", "navisplit_gate.navigator=\(navigator)",
        "navisplit_gate.steps_per_epoch=2", "navisplit_gate.frames=8",
        "navisplit_gate.td3.batch_size=4", "navisplit_gate.validation_episodes=2",
        "navisplit_gate.test_episodes=2", "navisplit_gate.flight.maximum_steps=2",
      ]
    default: return []
    }
  }

  static func text(_ document: RecipeDocument, _ keys: String...) -> String? {
    let node = keys.reduce(document.root as RecipeNode?) { $0?[$1] }
    guard case .scalar(let scalar)? = node?.content else { return nil }
    return scalar.text
  }

  private func network(_ name: String, _ classes: Int, _ shape: Shape) throws -> Network {
    var network = try Architecture.named(name).network(classes: classes, inputShape: shape)
    network.initializeParameters(seed: 1)
    return network
  }

  /// Bytes that look random enough.
  private func noise(_ count: Int) -> [UInt8] {
    var random = RandomSource(seed: 8)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  /// IDX files: 40 training and 20 test images, each class as often as the others.
  private func fashionMNIST() throws -> String {
    for (part, count) in [("train", 40), ("t10k", 20)] {
      try write(
        [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 28, 0, 0, 0, 28] + noise(count * 784),
        "\(part)-images-idx3-ubyte")
      try write(
        [0, 0, 8, 1, 0, 0, 0, UInt8(count)] + (0..<count).map { UInt8($0 % 10) },
        "\(part)-labels-idx1-ubyte")
    }
    return folder
  }

  /// Two pictures of noise and their labels.
  private func photographs() throws -> String {
    for name in ["a.jpg", "b.jpg"] {
      try ImageFile.write(
        PixelImage(height: 32, width: 32, channels: 3, bytes: noise(3072)),
        to: "\(folder)/\(name)", as: .jpeg(quality: 80))
    }
    try write(Array("file,class_index\na.jpg,3\nb.jpg,900\n".utf8), "labels.csv")
    return folder
  }

  /// Pictures of noise with a box each, but for one.
  private func objects() throws -> String {
    try FileManager.default.createDirectory(
      atPath: folder + "/images", withIntermediateDirectories: true)
    for (part, count) in [("train", 6), ("test", 2)] {
      var images: [String] = []
      var boxes: [String] = []
      for index in 0..<count {
        let name = "\(part)\(index).png"
        try ImageFile.write(
          PixelImage(height: 32, width: 48, channels: 3, bytes: noise(4608)),
          to: "\(folder)/images/\(name)")
        images.append(#"{"id": \#(index), "file_name": "\#(name)", "height": 32, "width": 48}"#)
        if index > 0 {
          boxes.append(
            #"{"id": \#(index), "image_id": \#(index), "category_id": 1, "bbox": [4, 5, 20, 18]}"#)
        }
      }
      let text = """
        {"images": [\(images.joined(separator: ","))], "annotations": [\(boxes.joined(separator: ","))],
        "categories": [{"id": 1, "name": "cell"}]}
        """
      try write(Array(text.utf8), "\(part).json")
    }
    return folder
  }

  /// Frames of noise with a class for every pixel, 11 for none.
  private func scenes() throws -> String {
    let path = folder + "/scenes.h5"
    let file = try HDF5File(creating: path)
    for (part, count) in [("train", 12), ("test", 3)] {
      try file.write(noise(count * 32 * 48 * 3), to: "\(part)/images", shape: [count, 32, 48, 3])
      try file.write(
        noise(count * 32 * 48).map { $0 % 12 }, to: "\(part)/labels", shape: [count, 32, 48])
      try file.write(
        noise(count * 32 * 48).map { UInt16($0) * 16 }, to: "\(part)/depth_mm",
        shape: [count, 32, 48])
    }
    try file.close()
    return path
  }

  /// Binary batches: 40 training and 20 test images, each class as often as the others.
  private func cifar10() throws -> String {
    for (name, count) in [("data_batch_1.bin", 40), ("test_batch.bin", 20)] {
      try write((0..<count).flatMap { [UInt8($0 % 10)] + noise(3072) }, name)
    }
    return folder
  }
}
