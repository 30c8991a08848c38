import Datasets
import Foundation
import HDF5
import Testing

@Suite struct DatasetSpecificationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func decode(_ json: String) throws -> DatasetSpecification {
    try JSONDecoder().decode(DatasetSpecification.self, from: Data(json.utf8))
  }

  private func writeIDX(_ folderName: String, trainLabels: [UInt8] = [0, 1]) throws {
    let pixels: [UInt8] = [1, 2, 3, 4]
    try folder.write(idx([2, 1, 2], pixels), folderName + "/train-images-idx3-ubyte")
    try folder.write(idx([2], trainLabels), folderName + "/train-labels-idx1-ubyte")
    try folder.write(
      gzipped(idx([1, 1, 2], [9, 8])), folderName + "/t10k-images-idx3-ubyte.gz")
    try folder.write(gzipped(idx([1], [2])), folderName + "/t10k-labels-idx1-ubyte.gz")
  }

  @Test(arguments: ["idx", "hdf5", "image-folder", "coco", "cifar10", "text"])
  func aPathThatLeadsToAnotherSortOfThingIsSaid(name: String) throws {
    let folder = try TemporaryFolder()
    let archive = try folder.write([0x50, 0x4B, 3, 4, 0, 0, 0, 0], "data.bin")
    var specification = DatasetSpecification(name: name)
    if name == "hdf5" { (specification.images, specification.labels) = ("images", "labels") }
    func message() -> String {
      do throws(DatasetError) { _ = try specification.load(.test) } catch { return "\(error)" }
      return ""
    }
    if name == "hdf5" || name == "text" {
      specification.path = folder.path
      #expect(message() == "path: expected the file of \(name), found \(folder.path), a folder")
    } else {
      specification.path = archive
      #expect(
        message() == "path: expected the folder of \(name), found \(archive), a zip archive")
    }
    if name == "hdf5" {
      specification.path = archive
      #expect(message() == "\(archive): expected an HDF5 file, found a zip archive")
    }
  }

  @Test func keysAreSnakeCase() throws {
    let specification = try decode(
      #"{"name": "hdf5", "path": "a.h5", "test_images": "x", "test_fraction": 0.5}"#)
    #expect(specification.testImages == "x")
    #expect(specification.testFraction == 0.5)
    let again = try JSONDecoder().decode(
      DatasetSpecification.self, from: JSONEncoder().encode(specification))
    #expect(again == specification)
  }

  @Test(arguments: [
    (#"{"name": "fashon-mnist"}"#, ["name"]),
    (#"{"name": "idx"}"#, ["path"]),
    (#"{"name": "cifar10", "size": 32, "samples": 5}"#, ["size", "samples"]),
    (#"{"name": "hdf5", "path": "a", "images": "x"}"#, ["labels"]),
    (
      #"{"name": "hdf5", "path": "a", "images": "x", "labels": "y", "test_images": "z"}"#,
      ["test_labels"]
    ),
    (
      #"{"name": "image-folder", "path": "a", "test_fraction": 1.5, "size": 2}"#,
      [
        "test_fraction", "size",
      ]
    ),
    (
      #"{"name": "shapes", "samples": 0, "test_samples": -1, "label": "shapes"}"#,
      [
        "samples", "test_samples", "label",
      ]
    ),
    (#"{"name": "idx", "path": "a", "class_names": ["x", "x"]}"#, ["class_names"]),
  ])
  func everyProblemIsFoundWithoutLookingAtFiles(json: String, keys: [String]) throws {
    let specification = try decode(json)
    #expect(specification.problems().map(\.key.rawValue) == keys)
    #expect(throws: DatasetError.self) { try specification.load(.test) }
  }

  @Test func anUnknownNameIsAnsweredWithTheNearest() throws {
    let error = #expect(throws: DatasetError.self) { try DatasetKind.named("fashion_mnist") }
    #expect("\(try #require(error))".contains("did you mean 'fashion-mnist'?"))
    let far = #expect(throws: DatasetError.self) { try DatasetKind.named("zzz") }
    #expect("\(try #require(far))".contains("known are fashion-mnist, cifar10"))
  }

  @Test func fashionMNISTIsLookedForInItsPlacesInOrder() throws {
    let directory = DataDirectory(environment: ["CLEAVE_DATA": folder.path])
    let packaged = folder.path + "/packaged"
    func find(_ path: String? = nil) throws -> String {
      try FashionMNIST.folder(path: path, directory: directory, packaged: packaged)
    }
    let error = #expect(throws: DatasetError.self) { try find() }
    let message = "\(try #require(error))"
    #expect(message.contains("apt-get install dataset-fashion-mnist"))
    #expect(message.contains("cleave data fetch fashion-mnist"))
    #expect(message.contains(packaged))
    try writeIDX("packaged")
    #expect(try find() == packaged)
    try writeIDX("fashion-mnist")
    #expect(try find() == folder.path + "/fashion-mnist")
    try writeIDX("own")
    #expect(try find(folder.path + "/own") == folder.path + "/own")
    // A path that was given is the only place.
    #expect(throws: DatasetError.self) { try find(folder.path + "/nowhere") }
  }

  @Test func fashionMNISTIsReadFromItsFolder() throws {
    try writeIDX("fashion-mnist")
    let specification = DatasetSpecification(name: "fashion-mnist")
    let directory = DataDirectory(root: folder.path)
    let train = try specification.load(.train, directory: directory)
    #expect(train.name == "fashion-mnist/train")
    #expect(train.classNames[9] == "Ankle boot")
    let test = try specification.load(.test, directory: directory)
    #expect(try test.bytes(at: [0]) == [9, 8])
  }

  @Test func idxPartsAgreeInTheirClasses() throws {
    try writeIDX("own")
    // Training has the labels 0 and 1, testing has 2.
    let specification = DatasetSpecification(name: "idx", path: folder.path + "/own")
    #expect(try specification.load(.train).classNames == ["0", "1", "2"])
    #expect(try specification.load(.test).classNames == ["0", "1", "2"])
  }

  @Test func cifarIsFoundBelowItsFolder() throws {
    try folder.write(
      [3] + CIFARFilesTests.planes, "cifar10/cifar-10-batches-bin/test_batch.bin")
    let specification = DatasetSpecification(name: "cifar10")
    #expect(try specification.load(.test, directory: DataDirectory(root: folder.path)).count == 1)
    let error = #expect(throws: DatasetError.self) {
      try specification.load(.test, directory: DataDirectory(root: folder.path + "/none"))
    }
    #expect("\(try #require(error))".contains("cleave data fetch cifar10"))
  }

  @Test func dataWithoutATestPartAreDividedIfAFractionIsGiven() throws {
    let path = try folder.file("one.h5")
    let file = try HDF5File(creating: path)
    try file.write((0..<40).map { UInt8($0) }, to: "x", shape: [10, 2, 2])
    try file.write((0..<10).map { Int32($0 % 2) }, to: "y", shape: [10])
    try file.close()
    var specification = DatasetSpecification(name: "hdf5", path: path)
    specification.images = "x"
    specification.labels = "y"
    #expect(try specification.load(.test).count == 10)
    #expect(throws: DatasetError.self) { try specification.load(.train) }
    specification.testFraction = 0.4
    let train = try specification.load(.train)
    let test = try specification.load(.test)
    #expect(train.classCounts == [3, 3] && test.classCounts == [2, 2])
    let all = try train.bytes(at: Array(0..<6)) + test.bytes(at: Array(0..<4))
    #expect(Set(all).count == 40)
  }

  @Test func imageFoldersHaveTrainingAndTestFolders() throws {
    for (value, name) in [(1, "train/a/1.png"), (2, "train/b/1.png"), (3, "val/b/1.png")] {
      let bytes = [UInt8](repeating: UInt8(value), count: 8 * 8 * 3)
      let image = PixelImage(height: 8, width: 8, channels: 3, bytes: bytes)
      try ImageFile.write(image, to: folder.file("pets/" + name))
    }
    let specification = DatasetSpecification(name: "image-folder", path: folder.path + "/pets")
    #expect(try specification.load(.train).labels == [0, 1])
    let test = try specification.load(.test)
    // The class keeps the index it has in training.
    #expect(test.labels == [1] && test.classNames == ["a", "b"])
  }

  @Test func shapesNeedNoFiles() throws {
    let specification = try decode(
      #"{"name": "shapes", "samples": 12, "test_samples": 3, "size": 16, "label": "scale"}"#)
    #expect(try specification.load(.train).count == 12)
    let test = try specification.load(.test)
    #expect(test.count == 3 && test.classNames.count == 8 && test.annotations.count >= 6)
  }
}
