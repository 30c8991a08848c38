import Foundation
import HDF5
import Testing

/// A Keras model for images of any size, in commands and recipes.
@Suite struct KerasCommandTests {
  /// The model: the mean of each colour over all pixels, and one class for each colour.
  private static let description = """
    {"class_name": "Sequential", "config": {"name": "colours", "layers": [
      {"class_name": "InputLayer", "config": {"batch_shape": [null, null, null, 3],
        "dtype": "float32", "name": "image"}},
      {"class_name": "GlobalAveragePooling2D", "config": {"name": "mean", "trainable": true,
        "dtype": "float32", "data_format": "channels_last", "keepdims": false}},
      {"class_name": "Dense", "config": {"name": "label", "trainable": true, "dtype": "float32",
        "units": 3, "activation": "linear", "use_bias": false}}]}}
    """

  /// A folder with the model as `net.h5` and nine images of 6×5 pixels, each of one colour.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let file = try HDF5File(creating: "\(folder.path)/net.h5")
    try file.setAttribute("model_config", to: KerasCommandTests.description)
    try file.setAttribute("keras_version", to: "3.15.1")
    let identity: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
    try file.write(identity, to: "model_weights/label/label/kernel", shape: [3, 3])
    try file.group("model_weights/label").setAttribute("weight_names", to: ["label/kernel"])
    try file.close()
    let labels = (0..<9).map { UInt8($0 % 3) }
    var images: [UInt8] = []
    for label in labels {
      for pixel in UInt8(0)..<30 {
        for channel in UInt8(0)..<3 { images.append(channel == label ? 100 + pixel : 20) }
      }
    }
    for part in ["train", "t10k"] {
      try folder.write(
        [0, 0, 8, 4, 0, 0, 0, 9, 0, 0, 0, 6, 0, 0, 0, 5, 0, 0, 0, 3] + images,
        to: "\(part)-images-idx4-ubyte".replacing("idx4", with: "idx3"))
      try folder.write([0, 0, 8, 1, 0, 0, 0, 9] + labels, to: "\(part)-labels-idx1-ubyte")
    }
    return folder
  }

  @Test func anOpenSizeIsAskedForByName() throws {
    let folder = try folder()
    let result = try folder.cleave("inspect net.h5")
    #expect(result.status == 1)
    #expect(
      result.errors.contains("the shape of input 'image' is open, ?×?×3; give it as --input-shape"))
    let inspection = try folder.cleave("inspect net.h5 --input-shape 8x4x3 --json").object()
    let inputs = try #require(inspection["inputs"] as? [[String: Any]])
    #expect(inputs.first?["shape"] as? [Int] == [8, 4, 3])
    let other = try folder.cleave("inspect net.h5 --input-shape 8x4x1")
    #expect(other.status == 1)
    #expect(other.errors.contains("kernel: expected shape 1×3"), "\(other.errors)")
  }

  @Test func theSizeOfTheImagesIsTakenWhereItIsOpen() throws {
    let folder = try folder()
    let report = try folder.cleave("evaluate net.h5 --dataset idx --data-path . --json").object()
    #expect(report["accuracy"] as? Double == 1)
    for adapts in ["", ", adapt_size: true"] {
      let recipe = """
        method: supervised
        seed: 1
        data: {name: idx, path: ., validation_fraction: 0.34}
        network: {checkpoint: net.h5\(adapts)}
        """
      try folder.write(recipe.utf8, to: "recipe.yaml")
      let result = try folder.cleave("evaluate recipe.yaml --json")
      #expect(result.status == 0, "\(result.testDescription)")
      #expect(try result.object()["accuracy"] as? Double == 1)
    }
  }

  @Test func halvesOfANetworkForAnySizeFitAnImageOfThatSize() throws {
    let folder = try folder()
    let split = try folder.cleave(
      "split net.h5 --input-shape 6x5x3 --at mean --head head.h5 --tail tail.h5 --json")
    #expect(split.status == 0, "\(split.testDescription)")
    #expect(try split.object()["shape"] as? [Int] == [3])
    let head = try folder.cleave("inspect head.h5 --json").object()
    #expect((head["inputs"] as? [[String: Any]])?.first?["shape"] as? [Int] == [6, 5, 3])
  }
}
