import Checkpoints
import Codecs
import Datasets
import Export
import Foundation
import Methods
import Networks
import Recipes
import Splitting
import Tensors
import Testing
import Training

/// A codec of indices as it is exported.
@Suite struct SemanticNNExportTests {
  private func trained(
    _ folder: TemporaryFolder, _ section: String = ""
  ) throws -> String {
    let checkpoint = folder.file("network.h5")
    let bench = try Workbench()
    try Checkpoint(network: bench.base, inputTransform: bench.transform).write(to: checkpoint)
    let text = """
      method: semanticnn
      data: {name: shapes, size: 16, samples: 60, test_samples: 1000, validation_fraction: 0.4}
      network: {checkpoint: \(checkpoint), cut: layer2}
      semanticnn: {channels: 6, decoder: [8, 8, 8, 8], bit_error_rates: [0], draws: 1\(section)}
      train:
        batch_size: 16
        optimizer: {name: adam}
        stages: [{epochs: 0}, {epochs: 1}]
      """
    let file = folder.file("recipe.yaml")
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    let run = folder.file("run")
    _ = try Experiment.train(
      Recipe(RecipeDocument(contentsOf: file)), in: run, resumes: false,
      observer: SilentObserver())
    return run
  }

  /// The C file compiles without a warning and gives the program's indices on every image to the last bit.
  @Test func theProgramInCGivesTheSameIndices() throws {
    let folder = try TemporaryFolder()
    let run = try trained(folder)
    let exported = folder.file("exported")
    let manifest = try Experiment.export(
      run: run, to: exported, testVectors: 1000, observer: SilentObserver())
    #expect(try ExportManifest(directory: exported) == manifest)
    let encoder = try #require(manifest.encoder)
    #expect(encoder.testVectors == 1000)
    // 8×8×32 features become 2×2×6 indices of 3 bits: 9 bytes.
    #expect(encoder.indices == 24 && encoder.bits == 3 && encoder.bytes == 9)
    #expect(encoder.excess == nil)
    #expect(encoder.flashBytes > 5000 && encoder.flashBytes < encoder.flashBudget)
    // At least the image and the largest value of the head lie in memory at once.
    #expect(encoder.ramBytes > 16 * 16 * 16 && encoder.ramBytes < encoder.ramBudget)
    let inputs = try bytes(of: "\(exported)/encoder.inputs.bin")
    let indices = try bytes(of: "\(exported)/encoder.indices.bin")
    #expect(inputs.count == 1000 * 16 * 16 * 3 && indices.count == 1000 * 9)
    #expect(Set(indices).count > 8, "the images differ")

    let program = folder.file("encoder")
    try execute(
      "/usr/bin/env",
      [
        "cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-DENCODER_MAIN", "-O2", "-o", program,
        "\(exported)/encoder.c",
      ])
    let found = folder.file("found.bin")
    try execute(program, [], input: "\(exported)/encoder.inputs.bin", output: found)
    #expect(try bytes(of: found) == indices)
  }

  /// The encoder in C would send other bytes than the report is of.
  @Test(arguments: ["hamming_7_4", "repetition_3"])
  func aCodeThatTheDeviceDoesNotWriteIsRefused(code: String) throws {
    let folder = try TemporaryFolder()
    let run = try trained(folder, ", code: \(code)")
    #expect {
      try Experiment.export(run: run, to: folder.file("exported"), observer: SilentObserver())
    } throws: {
      "\($0)".contains("this run has semanticnn.code: \(code)")
    }
  }

  /// Most indices of the integers are those of single precision, and the others neighbours.
  @Test func integersGiveNearlyTheIndicesOfSinglePrecision() throws {
    let folder = try TemporaryFolder()
    let run = try trained(folder)
    let opened = try Experiment.open(run: run, observer: SilentObserver())
    let sent = try opened.method.indexCoding(opened.network)
    let coding = try #require(sent)
    let exported = folder.file("exported")
    let manifest = try Experiment.export(
      run: run, to: exported, testVectors: 100, observer: SilentObserver())
    let encoder = try #require(manifest.encoder)
    let levels = try [Int8](
      bytes(of: "\(exported)/encoder.inputs.bin").map { Int8(bitPattern: $0) })
    let images = Tensor<Float>(
      [100, 16, 16, 3],
      levels.map { encoder.inputScale * Float(Int($0) - encoder.inputZeroPoint) })
    let device = try opened.method.parts(opened.network).device
    let expected = try coding.quantizer.codes(of: Head(device)(images))
    let packed = try [UInt8](bytes(of: "\(exported)/encoder.indices.bin"))
    let found = (0..<100).flatMap { row in
      IndexFrame.unpacked(
        Array(packed[row * encoder.bytes..<(row + 1) * encoder.bytes]), count: encoder.indices,
        bits: encoder.bits)
    }
    let distances = zip(found, expected).map { abs(Int($0) - Int($1)) }
    #expect(Double(distances.count { $0 == 0 }) / Double(distances.count) > 0.8)
    #expect(Double(distances.count { $0 <= 1 }) / Double(distances.count) > 0.98)
  }

  /// What the server is told of the channel is an input of the tail, in integers too.
  @Test func theTailTakesTheStateOfTheChannel() throws {
    let folder = try TemporaryFolder()
    let aware = try Experiment.export(
      run: trained(folder), to: folder.file("aware"), observer: SilentObserver())
    #expect(aware.tail?.input.shape == [6, 2, 2])
    #expect(aware.tail?.sideInputs?.map(\.name) == ["snr"])
    let other = try TemporaryFolder()
    let unaware = try Experiment.export(
      run: trained(other, ", aware: false"), to: other.file("unaware"), observer: SilentObserver())
    #expect(unaware.tail?.sideInputs == nil)
  }

  @Test func whatHasNoProgramInCIsRefused() throws {
    let folder = try TemporaryFolder()
    let run = try trained(folder, ", mapping: gray")
    #expect(throws: ExperimentError.mapping("gray")) {
      try Experiment.export(run: run, to: folder.file("exported"), observer: SilentObserver())
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("exported")))
  }

  private func execute(
    _ path: String, _ arguments: [String], input: String? = nil, output: String? = nil
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let input { process.standardInput = FileHandle(forReadingAtPath: input) }
    if let output {
      try Data().write(to: URL(fileURLWithPath: output))
      process.standardOutput = FileHandle(forWritingAtPath: output)
    }
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(path) \(arguments)")
  }
}
