import Datasets
import Foundation
import Recipes
import Tasks
import Testing
import Training

/// Runs whose test images have nothing to be found in them, from training to the page.
@Suite struct UndefinedMetricRunTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "cleave-undefined-\(UUID().uuidString)"
    for part in ["train", "test"] {
      let path = "\(folder)/data/\(part)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for index in 0..<6 {
        let bytes = (0..<32 * 32 * 3).map { UInt8(($0 * (7 + index)) % 251) }
        try ImageFile.write(
          PixelImage(height: 32, width: 32, channels: 3, bytes: bytes),
          to: "\(path)/\(index).png")
      }
    }
  }

  private func write(_ part: String, _ annotations: (Int) -> String?) throws {
    let images = (0..<6).map { #"{"id": \#($0), "file_name": "\#($0).png"}"# }
    let found = (0..<6).compactMap { image in
      annotations(image).map {
        #"{"id": \#(image), "image_id": \#(image), "category_id": 1, \#($0)}"#
      }
    }
    let text = """
      {"images": [\(images.joined(separator: ", "))],
       "annotations": [\(found.joined(separator: ", "))],
       "categories": [{"id": 1, "name": "cell"}]}
      """
    try Data(text.utf8).write(
      to: URL(fileURLWithPath: "\(folder)/data/\(part)/_annotations.coco.json"))
  }

  private func recipe(_ more: [String] = []) throws -> Recipe {
    try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: mtl_split
          data: {name: coco, path: \(folder)/data, size: 32, validation_fraction: 0.34}
          network: {architecture: resnet8, cut: layer2, input: {scale: 255}}
          mtl_split: {tasks: [{name: boxes, kind: detection, reads: [layer3], hidden: 4}]}
          train: {epochs: 1, batch_size: 4, monitor: quality, optimizer: {name: adamw}}
          """, overrides: more))
  }

  private static let object = #""bbox": [4, 4, 20, 16]"#

  @Test(arguments: [nil, #""iscrowd": 1, "bbox": [4, 4, 20, 16]"#])
  func testImagesWithoutObjectsEndInAReport(annotation: String?) throws {
    try write("train") { _ in Self.object }
    try write("test") { _ in annotation }
    let path = "\(folder)/run"
    let report = try Experiment.train(
      recipe(), in: path, resumes: false, observer: SilentObserver())
    #expect(report.accuracy == nil && report.tasks?[0].quality == nil)
    let file = try String(contentsOfFile: "\(path)/report.json", encoding: .utf8)
    #expect(file.contains(#""accuracy" : null"#) && file.contains(#""value" : null"#))
    let page = try String(contentsOfFile: "\(path)/report.html", encoding: .utf8)
    #expect(page.contains("map not defined (no test image has an object"))
    let again = try Experiment.evaluate(run: path, observer: SilentObserver())
    #expect(again.tasks?[0].quality == nil)
    _ = try Experiment.train(recipe(), in: path, resumes: true, observer: SilentObserver())
  }

  /// The epoch cannot be chosen by what is not there; the message says so, and what else there is.
  @Test func validationImagesWithoutObjectsAreNamed() throws {
    try write("train") { _ in nil }
    try write("test") { _ in Self.object }
    #expect {
      try Experiment.train(
        recipe(), in: "\(folder)/run", resumes: false, observer: SilentObserver())
    } throws: {
      "\($0)" == "train.monitor: quality is not defined on the validation images (map of boxes is "
        + "not defined, as no validation image has an object); choose loss, or other validation "
        + "images"
    }
    let report = try Experiment.train(
      recipe(["train.monitor=loss"]), in: "\(folder)/other", resumes: false,
      observer: SilentObserver())
    #expect(report.training?.bestEpoch == 1 && report.tasks?[0].quality != nil)
  }
}
