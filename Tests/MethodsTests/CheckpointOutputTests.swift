import Checkpoints
import Datasets
import Export
import Foundation
import Methods
import Networks
import Recipes
import Tensors
import Testing
import Training

/// What becomes of the outputs of a checkpoint whose numbers are no logits.
@Suite struct CheckpointOutputTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A network for scenes of 8×8, its last layer `fc`, and layers behind it.
  private func write(
    _ ending: [(String, any Layer)], classes: Int, to name: String = "net.h5",
    besideOthers: Bool = false
  ) throws -> Network {
    var builder = NetworkBuilder(shape: [8, 8, 3])
    var value = builder.add(
      "conv", ConvolutionLayer(3, 6, kernel: 3, stride: 2), after: "input")
    value = builder.add("relu", ActivationLayer(.relu), after: value)
    let pooled = builder.add("pool", GlobalAveragePoolLayer(), after: value)
    value = builder.add("fc", LinearLayer(6, classes), after: pooled)
    for (name, layer) in ending { value = builder.add(name, layer, after: value) }
    let aux = builder.add("aux", LinearLayer(6, 2), after: pooled)
    var network = try builder.network(name: "net", outputs: besideOthers ? [aux, value] : [value])
    if !besideOthers { network = try network.with(outputs: [value]) }
    network.initializeParameters(seed: 11)
    try Checkpoint(network: network, inputTransform: InputTransform(scale: 255))
      .write(to: folder.file(name))
    return network
  }

  /// A rate so small that the loss stays that of the file.
  private func recipe(
    _ method: String = "supervised", network: String = "checkpoint: FILE, cut: relu",
    data: String = "",
    train: String = "epochs: 1, batch_size: 16, optimizer: {name: sgd, learning_rate: 1.0e-12}"
  ) throws -> Recipe {
    try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: \(method)
          data: {name: shapes, size: 8, samples: 48, test_samples: 24\(data)}
          network: {\(network.replacing("FILE", with: folder.file("net.h5")))}
          train: {\(train)}
          """))
  }

  /// The mean cross-entropy of probabilities, as Keras computes it.
  private func loss(_ network: Network, _ images: ImageDataset) throws -> Double {
    let pixels = try images.pixels(at: Array(0..<images.count))
    let values = network.predict(try InputTransform(scale: 255)(pixels))
    let classes = values.shape[1]
    return zip(0..<images.count, images.labels).reduce(0) { sum, sample in
      let row = values.scalars[sample.0 * classes..<(sample.0 + 1) * classes].map(Double.init)
      let share =
        classes == 1
        ? (sample.1 == 1 ? row[0] : 1 - row[0]) : row[Int(sample.1)] / row.reduce(0, +)
      return sum - log(share) / Double(images.count)
    }
  }

  /// A run's loss on the validation images, and what is exported of it.
  private func run(
    _ recipe: Recipe
  ) throws -> (report: EvaluationReport, manifest: ExportManifest, images: ImageDataset) {
    let run = folder.file(UUID().uuidString)
    let report = try Experiment.train(
      recipe, in: run, resumes: false, observer: SilentObserver())
    let manifest = try Experiment.export(
      run: run, to: run + "-exported", observer: SilentObserver())
    return (report, manifest, try DataProvider(recipe.data).validation())
  }

  @Test(arguments: [
    ("softmax", OutputMeaning.probabilities), ("sigmoid", .independentProbabilities),
  ])
  func theLossIsOfTheFilesProbabilitiesAndTheExportGivesThem(
    function: String, meaning: OutputMeaning
  ) throws {
    let layer: any Layer =
      function == "softmax" ? SoftmaxLayer() : ActivationLayer(.sigmoid)
    let file = try write([(function, layer)], classes: 4)
    let (report, manifest, images) = try run(recipe())
    let found = try #require(report.training?.validation["loss"])
    #expect(abs(found - (try loss(file, images))) < 1e-5)
    #expect(manifest.tail?.outputs.map(\.name) == [function])
    #expect(manifest.tail?.outputs.map(\.meaning) == [meaning])
    #expect(manifest.head.outputs.map(\.meaning) == [nil])
    #expect(manifest.tail?.outputs.first?.shape == [4])
  }

  @Test func anOutputBesideTheProbabilitiesIsKept() throws {
    let file = try write([("softmax", SoftmaxLayer())], classes: 4, besideOthers: true)
    let (report, manifest, images) = try run(recipe())
    let found = try #require(report.training?.validation["loss"])
    #expect(abs(found - (try loss(file.with(outputs: ["softmax"]), images))) < 1e-5)
    #expect(manifest.tail?.outputs.map(\.name) == ["aux", "softmax"])
    #expect(manifest.tail?.outputs.map(\.meaning) == [nil, .probabilities])
  }

  @Test func aSingleSigmoidClassifiesTwoClassesAtOneHalf() throws {
    let file = try write([("sigmoid", ActivationLayer(.sigmoid))], classes: 1)
    // Forms in two groups.
    let data = ", label: shape, classes: [cube, cylinder]"
    let test = try DataProvider(recipe(data: data).data).test().selecting(
      classes: [.name("cube"), .name("cylinder")])
    let measured = try Experiment.evaluate(
      name: "net.h5", on: [try pairs(of: test)], inputTransform: nil, observer: SilentObserver()
    ) { _ in try Checkpoint.read(folder.file("net.h5")) }
    let report = try #require(measured.rows[0].report)
    let pixels = try test.pixels(at: Array(0..<test.count))
    let second = file.predict(try InputTransform(scale: 255)(pixels)).scalars
    let right = zip(second, test.labels).count { ($0 > 0.5) == ($1 == 1) }
    #expect(report.accuracy == Double(right) / Double(test.count))
    #expect(report.perClass.map(\.name) == ["cube", "cylinder"])
  }

  /// The images in a file as a data set of two classes.
  private func pairs(of images: ImageDataset) throws -> DataRequest {
    _ = try HDF5Arrays.write([("train", images), ("test", images)], to: folder.file("data.h5"))
    return DataRequest(
      dataset: "hdf5", path: folder.file("data.h5"),
      overrides: [
        "data.images=train/images", "data.labels=train/labels", "data.test_images=test/images",
        "data.test_labels=test/labels", "data.class_names=[cube, cylinder]",
      ])
  }

  /// Nothing of a closed tail but its answers is used, so that the file's own is exported.
  @Test func aTailOfItsOwnIsExportedAsItIs() throws {
    let file = try write([("softmax", SoftmaxLayer())], classes: 4)
    let (head, tail) = try file.cut(at: "relu")
    try Checkpoint(network: head, inputTransform: InputTransform(scale: 255))
      .write(to: folder.file("head.h5"))
    try Checkpoint(network: tail).write(to: folder.file("tail.h5"))
    let network = "head: \(folder.file("head.h5")), tail: \(folder.file("tail.h5"))"
    let (_, manifest, _) = try run(recipe("salt", network: network))
    #expect(manifest.tail?.outputs.map(\.name) == ["softmax"])
    #expect(manifest.tail?.outputs.map(\.meaning) == [.probabilities])
  }

  @Test func theRecipeSaysWhichOutputIsMeasuredAndWhatItMeans() throws {
    _ = try write([("softmax", SoftmaxLayer())], classes: 4, besideOthers: true)
    let observer = RecordingObserver()
    _ = try Experiment.evaluate(recipe(), observer: observer)
    #expect(observer.notes.contains { $0.contains("softmax is measured (probabilities)") })
    func failure(_ outputs: String) throws -> String {
      do {
        _ = try Experiment.evaluate(
          recipe(network: "checkpoint: FILE, outputs: {\(outputs)}"), observer: SilentObserver())
      } catch { return "\(error)" }
      return ""
    }
    #expect(
      try failure("measured: sofmax").contains(
        "'network.outputs.measured': the network has no output"))
    #expect(try failure("measured: sofmax").contains("did you mean 'softmax'?"))
    #expect(try failure("measured: aux").contains("has 2 classes, "))
    #expect(try failure("meaning: values").contains("belong to no classes"))
    #expect(try failure("meaning: probability").contains("probabilities"))
    #expect(throws: RecipeProblems.self) {
      _ = try recipe(network: "architecture: resnet8, outputs: {meaning: logits}")
    }
  }
}
