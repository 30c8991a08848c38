import Checkpoints
import Codecs
import Datasets
import Export
import Foundation
import Methods
import Networks
import Recipes
import Splitting
import Tasks
import Tensors
import Testing
import Training

/// Three tasks behind one bottleneck in a tiny ResNet-8 over rendered shapes of 16×16.
@Suite struct LadonTests {
  private func bench(epochs: [Int] = [1, 1, 1]) throws -> Workbench {
    var bench = try Workbench()
    let file = bench.folder.file("teacher.h5")
    try Checkpoint(network: bench.base, inputTransform: bench.transform).write(to: file)
    bench.network = NetworkConfiguration(checkpoint: file, cut: "layer1")
    bench.data.dataset.annotations = ["boxes", "mask"]
    bench.training.stages = zip(epochs, ["loss", "accuracy", "quality"]).map { epochs, monitor in
      TrainingStage(
        epochs: epochs,
        optimizer: OptimizerConfiguration(.sgd(momentum: 0, nesterov: false), learningRate: 1e-4),
        monitor: monitor)
    }
    return bench
  }

  private func configuration() -> LadonConfiguration {
    var boxes = TaskConfiguration(name: "boxes", kind: .detection, hidden: 4)
    boxes.detection.ratios = [1]
    var mask = TaskConfiguration(
      name: "mask", kind: .segmentation, reads: ["layer3"], head: .atrous, hidden: 4)
    mask.auxiliary = "layer2"
    var configuration = LadonConfiguration(tasks: [
      TaskConfiguration(name: "shape", kind: .classification, head: .network), boxes, mask,
    ])
    configuration.bottleneck = BottleneckConfiguration(channels: 3, beta: 0.1)
    return configuration
  }

  private func moved(_ before: Network, _ after: Network) -> Set<String> {
    Set(
      before.parameterPaths.filter { before.parameters[$0] != after.parameters[$0] }
        .map { String($0.split(separator: ".")[0]) })
  }

  /// Each stage moves what it is there for; batch statistics included.
  @Test(arguments: [
    ([1, 0, 0], ["encoder", "bottleneck", "decoder"]),
    ([0, 1, 0], ["decoder", "layer2", "layer3", "linear"]),
    ([0, 0, 1], ["task_boxes", "task_mask"]),
  ])
  func aStageMovesItsOwn(epochs: [Int], names: [String]) throws {
    let bench = try bench(epochs: epochs)
    let method = try Ladon(configuration(), bench.setting)
    let outcome = try bench.train(method)
    #expect(moved(method.network, outcome.network) == Set(names))
  }

  @Test func aJointBodyLearnsFromAllTasksAndTheEncoderStays() throws {
    let bench = try bench(epochs: [0, 0, 1])
    var joint = configuration()
    joint.body = .joint
    joint.weighting = .uncertainty
    let method = try Ladon(joint, bench.setting)
    let names = moved(method.network, try bench.train(method).network)
    #expect(
      names.isSuperset(of: ["decoder", "layer2", "layer3", "linear", "task_boxes", "task_mask"]))
    #expect(names.isDisjoint(with: ["encoder", "bottleneck"]))
  }

  @Test func oneStreamServesEveryTask() throws {
    let bench = try bench(epochs: [1, 1, 1])
    let method = try Ladon(configuration(), bench.setting)
    let outcome = try bench.train(method)
    #expect(outcome.history.map(\.stage) == ["distillation", "fine_tuning", "tasks"])
    let report = try method.evaluate(outcome.network)
    #expect(report.tasks?.map(\.task) == ["shape", "boxes", "mask"])
    #expect(report.tasks?.map { $0.metrics[0].name } == ["accuracy", "map", "mean_iou"])
    #expect(report.codecs?.count == 1)
    // What the system sends is what the report measured.
    let system = try #require(method.systems(outcome.network).first)
    let pixels = try bench.setting.data.test().pixels(at: [0])
    let stream = try system.encode(system.latent(pixels))
    let answers = try system.answers(system.decode(stream))
    #expect(answers.map(\.shape) == [[1, 4], [1, 16, 4], [1, 16, 4], [1, 16, 16, 6]])
    // The server's part answers as the network in one piece does, up to the coding of the latent.
    let whole = Server(try method.whole(outcome.network))
    let expected = try whole(bench.transform(pixels))
    for (found, other) in zip(answers, expected) {
      #expect(zip(found.scalars, other.scalars).allSatisfy { abs($0 - $1) < 1e-3 })
    }
  }

  /// A task added to an earlier run has the bits of its latents and the answers of its body.
  @Test func aTaskIsAddedToAnEarlierRun() throws {
    let bench = try bench(epochs: [1, 1, 0])
    let first = try Ladon(configuration(), bench.setting)
    let outcome = try bench.train(first)
    let file = bench.folder.file("student.h5")
    try Checkpoint(network: outcome.network, inputTransform: bench.transform).write(to: file)
    var later = configuration()
    later.student = file
    later.only = ["mask"]
    let second = try Ladon(later, bench.setting)
    #expect(second.parents.contains(file))
    #expect(second.tasks?.tasks.map(\.name) == ["mask"])
    let pixels = try bench.setting.data.test().pixels(at: [0])
    let streams = try [(first, outcome.network), (second, second.network)].map {
      let system = try #require($0.systems($1).first)
      return try system.encode(system.latent(pixels))
    }
    #expect(streams[0] == streams[1])
    let (device, _) = try second.parts(second.network)
    #expect(try device == first.parts(outcome.network).device)
    // A checkpoint of something else is refused.
    later.student = bench.network.checkpoint
    let error = #expect(throws: SetupError.self) { try Ladon(later, bench.setting) }
    #expect("\(try #require(error))".contains("encoder.conv1.weight"))
  }

  /// A run that was stopped in any stage ends as one that was not, to the last bit.
  @Test(arguments: [3, 8, 10, 14])
  func resumingIsExactInEveryStage(stopsAfter: Int) throws {
    // 54 training images: four steps an epoch.
    let bench = try bench(epochs: [1, 1, 2])
    let method = try Ladon(configuration(), bench.setting)
    func trainer(_ folder: RunDirectory, _ isInterrupted: @escaping () -> Bool) -> Trainer {
      Trainer(
        method, setting: bench.setting, directory: folder, provenance: Provenance(),
        isInterrupted: isInterrupted)
    }
    let folder = RunDirectory(bench.folder.file("stopped"))
    try folder.create()
    var steps = 0
    #expect(throws: TrainingError.self) {
      try trainer(folder) {
        steps += 1
        return steps == stopsAfter
      }.run(resumes: false)
    }
    let resumed = try trainer(folder) { false }.run(resumes: true)
    let whole = try bench.train(method)
    #expect(resumed.network.parameters == whole.network.parameters)
    #expect(resumed.history.map(\.trainLoss) == whole.history.map(\.trainLoss))
  }

  /// One file for the device with the tables, one for the server with all tasks, and one a task.
  @Test func theExportHasOneServerPartATask() throws {
    let bench = try bench()
    let recipe = try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: ladon
          data: {name: shapes, size: 16, samples: 60, test_samples: 20, annotations: [boxes, mask]}
          network: {checkpoint: \(bench.network.checkpoint ?? ""), cut: layer1}
          ladon:
            channels: 3
            tasks:
              - {name: shape, head: network}
              - {name: boxes, kind: detection, hidden: 4, head: two_stage,
                 detection: {proposals: 5, resolution: 2}}
              - {name: mask, kind: segmentation, hidden: 4, reads: [layer2]}
          train:
            batch_size: 16
            epochs: 0
            stages: [{monitor: loss}, {monitor: accuracy}, {epochs: 1, monitor: quality}]
          """))
    let run = bench.folder.file("run")
    _ = try Experiment.train(recipe, in: run, resumes: false, observer: SilentObserver())
    let export = bench.folder.file("export")
    let manifest = try Experiment.export(run: run, to: export, observer: SilentObserver())
    let tables = try #require(try manifest.readCodecTables(in: export))
    #expect(try CodecTables(tables).byNumber[0] is FactorizedTables)
    let tasks = try #require(manifest.tasks)
    #expect(tasks.map(\.name) == ["shape", "boxes", "mask"])
    #expect(tasks.map(\.part.outputs.count) == [1, 2, 1])
    #expect(manifest.tail?.outputs == tasks.flatMap(\.part.outputs))
    #expect(manifest.classNames == [] && tasks[0].classNames.count == 4)
    #expect(tasks[1].settings["background_first"] == 1)
    // A person can look at what it answers.
    let (report, page) = try Experiment.evaluateAndDraw(run: run, observer: SilentObserver())
    #expect(report.split?.stream?.expected != nil)
    // The image, and truth and answer of the two tasks that are drawn, for each of twelve; the class is
    // said.
    #expect(page.components(separatedBy: "<image ").count - 1 == 12 * 5)
    #expect(page.components(separatedBy: "data:image/png;base64,").count - 1 == 12 * 5)
    #expect(page.components(separatedBy: "shape, truth: ").count - 1 == 12)
    #expect(page.components(separatedBy: "shape, answer: ").count - 1 == 12)
    // Every scene has an object with a box.
    #expect(page.components(separatedBy: "<rect").count - 1 >= 12)
    #expect(page.contains("mean iou") && page.contains("mask, answer"))
    // The mask needs no layer after the second.
    #expect(tasks[2].part.macs < manifest.tail?.macs ?? 0)
  }

  @Test func aClassifierOfOtherClassesCannotAnswer() throws {
    let bench = try bench()
    var other = configuration()
    other.tasks[0].annotation = "scale"
    let error = #expect(throws: DatasetError.self) { try Ladon(other, bench.setting) }
    #expect(error.map { "\($0)" }?.hasSuffix("has 4 classes, shapes/test has 8") == true)
  }
}
