import Datasets
import Foundation
import Tensors
import Testing

@Suite struct CIFARFilesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// One image whose red plane counts from 0, whose green is 100 and whose blue is 200.
  static let planes =
    (0..<1024).map { UInt8(truncatingIfNeeded: $0) } + [UInt8](repeating: 100, count: 1024)
    + [UInt8](repeating: 200, count: 1024)

  @Test func planesBecomeChannelsLast() throws {
    try folder.write([7] + Self.planes, "test_batch.bin")
    let dataset = try CIFARFiles.cifar10(folder: folder.path, part: .test)
    #expect(dataset.imageShape == [32, 32, 3])
    #expect(dataset.labels == [7])
    #expect(dataset.classNames[7] == "horse")
    #expect(Array(try dataset.bytes(at: [0])[..<9]) == [0, 100, 200, 1, 100, 200, 2, 100, 200])
  }

  @Test func everyTrainingBatchThereIsIsReadInOrder() throws {
    for (file, label) in [(10, 3), (2, 2), (1, 1)] {
      try folder.write([UInt8(label)] + Self.planes, "data_batch_\(file).bin")
    }
    #expect(try CIFARFiles.cifar10(folder: folder.path, part: .train).labels == [1, 2, 3])
  }

  @Test func classNamesComeFromTheMetadata() throws {
    try folder.write([0] + Self.planes, "test_batch.bin")
    let names = (0..<10).map { "class\($0)" }
    try folder.write(Array((names.joined(separator: "\n") + "\n\n").utf8), "batches.meta.txt")
    #expect(try CIFARFiles.cifar10(folder: folder.path, part: .test).classNames == names)
    try folder.write(Array("one\ntwo\n".utf8), "batches.meta.txt")
    #expect(throws: DatasetError.self) { try CIFARFiles.cifar10(folder: folder.path, part: .test) }
  }

  @Test(arguments: [0, 1, 3072, 3074, 6145]) func partsOfRecordsAreRefused(size: Int) throws {
    try folder.write([UInt8](repeating: 0, count: size), "test_batch.bin")
    let error = #expect(throws: DatasetError.self) {
      try CIFARFiles.cifar10(folder: folder.path, part: .test)
    }
    #expect(
      "\(try #require(error))".contains("test_batch.bin: size: expected records of 3073 bytes"))
  }

  @Test func aLabelOutOfRangeIsRefused() throws {
    let file = try folder.write([9] + Self.planes + [10] + Self.planes, "test_batch.bin")
    #expect(
      throws: DatasetError.labelOutOfRange(file: file, sample: 1, label: 10, classCount: 10)
    ) { try CIFARFiles.cifar10(folder: folder.path, part: .test) }
  }

  @Test func aMissingFileIsNamed() throws {
    let error = #expect(throws: DatasetError.self) {
      try CIFARFiles.cifar10(folder: folder.path, part: .train)
    }
    #expect("\(try #require(error))".contains("data_batch_1.bin: no such file"))
  }

  @Test func cifar100HasFineAndCoarseLabels() throws {
    let fine = (0..<100).map { "fine\($0)" }
    let coarse = (0..<20).map { "coarse\($0)" }
    try folder.write(Array(fine.joined(separator: "\n").utf8), "fine_label_names.txt")
    try folder.write(Array(coarse.joined(separator: "\n").utf8), "coarse_label_names.txt")
    try folder.write([19, 99] + Self.planes, "train.bin")
    var specification = DatasetSpecification(name: "cifar100", path: folder.path)
    let dataset = try specification.load(.train)
    #expect(dataset.labels == [99])
    #expect(dataset.classNames.count == 100)
    specification.label = "coarse"
    #expect(try specification.load(.train).labels == [19])
    try folder.write([20, 99] + Self.planes, "train.bin")
    #expect(throws: DatasetError.self) { try specification.load(.train) }
  }

  @Test func trainingBatchesThatAreMissingAreSaid() throws {
    for file in 1...5 { try folder.write([1] + Self.planes, "data_batch_\(file).bin") }
    #expect(try CIFARFiles.cifar10(folder: folder.path, part: .train).remarks.isEmpty)
    try FileManager.default.removeItem(atPath: folder.path + "/data_batch_3.bin")
    let remarks = try CIFARFiles.cifar10(folder: folder.path, part: .train).remarks
    #expect(remarks.count == 1)
    #expect(remarks[0].contains("data_batch_1.bin, data_batch_2.bin, data_batch_4.bin"))
  }
}
