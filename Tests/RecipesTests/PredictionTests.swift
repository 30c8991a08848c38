import Checkpoints
import Datasets
import Foundation
import Networks
import Recipes
import Tensors
import Testing
import Training

/// Answers to image files.
@Suite struct PredictionTests {
  private final class Folder {
    let path = NSTemporaryDirectory() + "cleave-prediction-\(UUID().uuidString)"

    init() throws {
      try FileManager.default.createDirectory(
        atPath: "\(path)/images/more", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Trains a recipe for an epoch on rendered shapes.
    func run(_ recipe: String) throws -> String {
      let run = "\(path)/run"
      _ = try Experiment.train(
        Recipe(RecipeDocument(name: "r.yaml", text: recipe)), in: run, resumes: false,
        observer: SilentObserver())
      return run
    }

    /// Writes test images, the last of which lies in a folder below.
    func writeImages(_ dataset: ImageDataset) throws {
      let shape = dataset.imageShape
      for index in 0..<dataset.count {
        let name = index + 1 < dataset.count ? "\(100 + index)" : "more/\(100 + index)"
        try ImageFile.write(
          PixelImage(
            height: shape[0], width: shape[1], channels: shape[2],
            bytes: try dataset.bytes(at: [index])), to: "\(path)/images/\(name).png")
      }
    }
  }

  private func shapes() throws -> ImageDataset {
    var shapes = DatasetSpecification(name: "shapes")
    (shapes.testSamples, shapes.size) = (8, 16)
    return try shapes.load(.test)
  }

  private func predict(
    run: String, _ images: [String], _ options: Experiment.PredictionOptions = .init()
  ) throws -> [ImagePrediction] {
    var predictions: [ImagePrediction] = []
    try Experiment.predict(run: run, images: images, options, observer: SilentObserver()) {
      predictions.append($0)
    }
    return predictions
  }

  @Test func aRunAnswersThroughItsBytesAsItsReportSays() throws {
    let folder = try Folder()
    let run = try folder.run(
      """
      method: supervised
      data: {name: shapes, samples: 60, test_samples: 8, size: 16, validation_fraction: 0.3}
      network: {architecture: resnet8, cut: layer1, input: {scale: 255}}
      supervised: {bits: 4}
      train: {epochs: 1, batch_size: 16}
      """)
    let test = try shapes()
    try folder.writeImages(test)
    let found = try predict(run: run, ["\(folder.path)/images"], .init(most: 4))
    #expect(found.map { NSString(string: $0.image).lastPathComponent }.last == "107.png")
    let report = try JSONDecoder().decode(
      EvaluationReport.self, from: Data(contentsOf: URL(fileURLWithPath: "\(run)/report.json")))
    let right = zip(found, test.labels).count { prediction, label in
      prediction.answers[0].classes?.first?.name == test.classNames[Int(label)]
    }
    #expect(Double(right) / 8 == report.accuracy)
    let bytes = found.compactMap(\.bytesSent)
    #expect(Double(bytes.reduce(0, +)) / 8 == report.split?.stream?.mean)
    for prediction in found {
      let probabilities = prediction.answers[0].classes?.map(\.probability) ?? []
      #expect(probabilities.count == 4)
      #expect(probabilities == probabilities.sorted(by: >))
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-9)
    }
  }

  @Test func aRunWithoutACutAnswersInOnePieceAndItsCheckpointAlike() throws {
    let folder = try Folder()
    let run = try folder.run(
      """
      method: supervised
      data: {name: shapes, samples: 60, test_samples: 8, size: 16, validation_fraction: 0.3}
      network: {architecture: resnet8, input: {scale: 255}}
      train: {epochs: 1, batch_size: 16}
      """)
    try folder.writeImages(try shapes())
    let found = try predict(run: run, ["\(folder.path)/images/100.png"])
    #expect(found[0].bytesSent == nil && found[0].isAnsweredByDevice == nil)
    var other: [ImagePrediction] = []
    try Experiment.predict(
      Checkpoint.read("\(run)/best.h5"), name: "best.h5",
      images: ["\(folder.path)/images/100.png"], inputTransform: nil, observer: SilentObserver()
    ) { other.append($0) }
    #expect(other[0].answers[0].classes?.map(\.name) == found[0].answers[0].classes?.map(\.name))
    #expect(
      other[0].answers[0].classes?.map(\.probability)
        == found[0].answers[0].classes?.map(\.probability))
  }

  @Test func theSizingOfANetworksOriginStaysWithWhatIsTrainedOnIt() throws {
    let folder = try Folder()
    var network = try ResNet.narrow(depth: 8, classes: 4, inputShape: [16, 16, 3])
    network.initializeParameters(seed: 1)
    let file = "\(folder.path)/origin.h5"
    try Checkpoint(network: network, imageSizing: .keras).write(to: file)
    // These data come in one size and say nothing of others.
    let run = try folder.run(
      """
      method: supervised
      data: {name: shapes, samples: 40, test_samples: 8, size: 16, validation_fraction: 0.3}
      network: {checkpoint: \(file), cut: layer1}
      train: {epochs: 1, batch_size: 16}
      """)
    #expect(try Checkpoint.read("\(run)/best.h5").imageSizing == .keras)
  }

  @Test func everyTaskAnswersInItsWay() throws {
    let folder = try Folder()
    let run = try folder.run(
      """
      method: mtl_split
      data:
        name: shapes
        samples: 40
        test_samples: 8
        size: 16
        validation_fraction: 0.3
        annotations: [mask]
      network: {architecture: resnet8, cut: layer1, input: {scale: 255}}
      mtl_split:
        tasks: [{name: shape, kind: classification}, {name: mask, kind: segmentation}]
      train: {epochs: 1, batch_size: 16, monitor: quality}
      """)
    try folder.writeImages(try shapes())
    let found = try predict(run: run, ["\(folder.path)/images/100.png"], .init(most: 2))
    #expect(found[0].answers.map(\.task) == ["shape", "mask"])
    #expect(found[0].answers[0].classes?.count == 2)
    let shares = try #require(found[0].answers[1].shares).map(\.value)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
    #expect(shares == shares.sorted(by: >))
  }

  @Test func imagesThatCannotBeReadAreNamedAndPassedOverOrEndIt() throws {
    let folder = try Folder()
    var network = try ResNet.narrow(depth: 8, classes: 4, inputShape: [16, 16, 1])
    network.initializeParameters(seed: 1)
    let checkpoint = Checkpoint(network: network)
    try folder.writeImages(try shapes())
    let broken = "\(folder.path)/broken.png"
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: broken))
    var found: [ImagePrediction] = []
    let images = [broken, "\(folder.path)/images/100.png"]
    try Experiment.predict(
      checkpoint, name: "n", images: images, inputTransform: nil, observer: SilentObserver()
    ) {
      found.append($0)
    }
    #expect(found[0].error?.contains(broken) == true && found[0].answers.isEmpty)
    // Colours become grey where the network takes that.
    #expect(found[1].error == nil && found[1].answers[0].classes?.count == 3)
    #expect(found[1].answers[0].classes?.allSatisfy { $0.name.hasPrefix("class ") } == true)
    #expect(throws: DatasetError.self) {
      try Experiment.predict(
        checkpoint, name: "n", images: images, .init(stopsAtErrors: true), inputTransform: nil,
        observer: SilentObserver()
      ) { _ in }
    }
    #expect(throws: ExperimentError.noImageFiles("\(folder.path)/nothing")) {
      try Experiment.predict(
        checkpoint, name: "n", images: ["\(folder.path)/nothing"], inputTransform: nil,
        observer: SilentObserver()
      ) { _ in }
    }
  }
}
