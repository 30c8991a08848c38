import Export
import Foundation
import Networks
import ONNXSchema
import SwiftProtobuf
import Tensors
import Testing

@Suite struct BundleTests {
  private func bundle() throws -> ExportBundle {
    let network = try SampleNetworks.resnet(inputShape: [8, 8, 3])
    let (head, tail) = try network.cut(at: "layer1")
    var random = RandomSource(seed: 2)
    return ExportBundle(
      head: head, tail: tail, inputTransform: try InputTransform(scale: 255, mean: [0.5]),
      classNames: (0..<10).map { "class \($0)" }, calibration: [random.normal([4, 8, 8, 3])],
      producerVersion: "1.2.3", provenance: ["recipe": "test"])
  }

  private func entries(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
  }

  @Test func theManifestDescribesTheFilesBesideIt() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "a/export").path
      let bundle = try bundle()
      let written = try bundle.write(to: path)
      #expect(try entries(path) == ExportBundle.fileNames.sorted())
      let manifest = try ExportManifest(directory: path)
      #expect(manifest == written)
      #expect(manifest.format == "cleave-export")
      let tail = try #require(manifest.tail)
      #expect(manifest.head.input.shape == [3, 8, 8] && manifest.head.input.layout == "NCHW")
      #expect(manifest.head.outputs.map(\.shape) == [[16, 8, 8]])
      #expect(tail.input.name == "latent")
      #expect(tail.outputs.map(\.layout) == ["NC"])
      #expect(manifest.head.macs == bundle.head.cost.macs)
      #expect(tail.parameters == bundle.tail?.cost.parameters)
      #expect(manifest.classNames.count == 10)
      #expect(manifest.inputTransform.scale == 255)
      #expect(manifest.provenance == ["recipe": "test"])
      for file in [
        manifest.head.float, manifest.head.integer, tail.float, tail.integer,
      ] {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file.name)"))
        #expect(data.count == file.bytes)
        #expect(try sha256(of: "\(path)/\(file.name)") == file.sha256)
        let model = try ONNXModelProto(serializedBytes: [UInt8](data))
        #expect(model.producerVersion == "1.2.3")
        try expectWellFormed(model.graph)
      }
    }
  }

  @Test func headAndTailAgreeOnTheBytesAtTheCut() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "export").path
      let manifest = try bundle().write(to: path)
      func constants(_ file: String) throws -> [String: ONNXTensorProto] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)")))
        return try Dictionary(
          uniqueKeysWithValues: ONNXModelProto(serializedBytes: bytes).graph.initializer
            .map { ($0.name, $0) })
      }
      let cut = manifest.head.outputs[0].name
      let quantization = try #require(manifest.cutQuantization)
      for (file, value) in [("head.int8.onnx", cut), ("tail.int8.onnx", "latent")] {
        let constants = try constants(file)
        #expect(
          constants["\(value)/quantization_scale"]?.floats?.scalars == [quantization.scale])
        #expect(
          constants["\(value)/quantization_zero_point"]?.integers(UInt8.self)
            == [quantization.zeroPoint])
      }
    }
  }

  @Test func anEarlierExportIsReplacedAndNothingIsLeftBeside() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "export").path
      var bundle = try bundle()
      try bundle.write(to: path)
      bundle.classNames = []
      try bundle.write(to: path)
      #expect(try ExportManifest(directory: path).classNames == [])
      #expect(try entries(directory.path) == ["export"])
    }
  }

  @Test func tablesLieBesideTheModelsAndAreHeldToTheirHash() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "export").path
      var bundle = try bundle()
      bundle.codecTables = [1, 2, 3]
      try bundle.write(to: path)
      #expect(try entries(path) == (ExportBundle.fileNames + ["codec.tables"]).sorted())
      let manifest = try ExportManifest(directory: path)
      #expect(manifest.codecTables?.name == "codec.tables" && manifest.codecTables?.bytes == 3)
      #expect(try manifest.readCodecTables(in: path) == [1, 2, 3])
      for content in [[1, 2, 4], [1, 2], []] as [[UInt8]] {
        try Data(content).write(to: URL(fileURLWithPath: path + "/codec.tables"))
        #expect(throws: ExportError.self) { try manifest.readCodecTables(in: path) }
      }
      try FileManager.default.removeItem(atPath: path + "/codec.tables")
      #expect(throws: ExportError.self) { try manifest.readCodecTables(in: path) }
      // An export without tables takes the place of one with them.
      try bundle.write(to: path)
      bundle.codecTables = nil
      try bundle.write(to: path)
      #expect(try entries(path) == ExportBundle.fileNames.sorted())
      #expect(try ExportManifest(directory: path).readCodecTables(in: path) == nil)
    }
  }

  @Test func everyTaskIsAlsoWrittenAlone() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "export").path
      var bundle = try bundle()
      let network = try SampleNetworks.resnet(inputShape: [8, 8, 3])
        .with(outputs: ["layer2.0.relu2", "linear"])
      bundle.tail = try network.cut(at: "layer1").tail
      bundle.classNames = []
      bundle.tasks = try [("features", "layer2.0.relu2"), ("classes", "linear")].map {
        name, output in
        ExportBundle.Task(
          name: name, kind: "classification", classNames: ["a", "b"],
          settings: ["score_threshold": 0.5],
          tail: try #require(bundle.tail).with(outputs: [output]))
      }
      try bundle.write(to: path)
      let files = ["features", "classes"].flatMap { ["tail.\($0).onnx", "tail.\($0).int8.onnx"] }
      #expect(try entries(path) == (ExportBundle.fileNames + files).sorted())
      let manifest = try ExportManifest(directory: path)
      let tasks = try #require(manifest.tasks)
      #expect(tasks.map(\.name) == ["features", "classes"])
      #expect(tasks[0].settings == ["score_threshold": 0.5])
      #expect(manifest.tail?.outputs == tasks.flatMap(\.part.outputs))
      // A task alone needs no more of the tail than itself.
      #expect(tasks[0].part.macs < tasks[1].part.macs && tasks[1].part.macs == manifest.tail?.macs)
      for task in tasks {
        for file in [task.part.float, task.part.integer] {
          #expect(try sha256(of: "\(path)/\(file.name)") == file.sha256)
        }
      }
      // Another export takes its place.
      bundle.tasks = []
      try bundle.write(to: path)
      #expect(try entries(path) == ExportBundle.fileNames.sorted())
    }
  }

  @Test func equalBundlesGiveEqualBytes() throws {
    try withTemporaryDirectory { directory in
      let paths = ["a", "b"].map { directory.appending(path: $0).path }
      for path in paths { try bundle().write(to: path) }
      for name in ExportBundle.fileNames {
        let contents = paths.map { FileManager.default.contents(atPath: "\($0)/\(name)") }
        #expect(contents[0] != nil && contents[0] == contents[1])
      }
    }
  }

  @Test(arguments: ["notes.txt", "head.onnx", "manifest.json"])
  func aDirectoryOfSomethingElseIsNotTouched(name: String) throws {
    try withTemporaryDirectory { directory in
      let file = directory.appending(path: name)
      try Data("mine".utf8).write(to: file)
      #expect(throws: ExportError.directoryInUse(path: directory.path, entry: name)) {
        try bundle().write(to: directory.path)
      }
      #expect(try Data(contentsOf: file) == Data("mine".utf8))
      #expect(try entries(directory.path) == [name])
    }
  }

  @Test func aForeignFileInAnExportProtectsIt() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "export").path
      try bundle().write(to: path)
      try Data("mine".utf8).write(to: URL(fileURLWithPath: path + "/notes.txt"))
      #expect(throws: ExportError.directoryInUse(path: path, entry: "notes.txt")) {
        try bundle().write(to: path)
      }
    }
  }

  @Test func aFileInThePlaceOfTheDirectoryIsAnError() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "export").path
      try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: ExportError.self) { try bundle().write(to: path) }
      #expect(throws: ExportError.self) { try bundle().write(to: path + "/below") }
      #expect(try entries(directory.path) == ["export"])
    }
  }

  @Test func partsThatDoNotFitAreRefusedBeforeAnythingIsWritten() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "export").path
      var swapped = try bundle()
      swapped.tail = swapped.head
      #expect(throws: ExportError.partsDoNotFit(head: [8, 8, 16], tail: [8, 8, 3])) {
        try swapped.write(to: path)
      }
      var named = try bundle()
      named.classNames = (0...10).map { "class \($0)" }
      #expect(throws: ExportError.classNames(expected: 10, found: 11)) {
        try named.write(to: path)
      }
      var grey = try bundle()
      grey.inputTransform = try InputTransform(mean: [0, 1])
      #expect(throws: ExportError.self) { try grey.write(to: path) }
      #expect(try entries(directory.path) == [])
    }
  }

  /// The hash by the tool every Debian has.
  private func sha256(of path: String) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
    process.arguments = [path]
    process.standardOutput = pipe
    try process.run()
    process.waitUntilExit()
    let data = pipe.fileHandleForReading.availableData
    return String(decoding: data.prefix(64), as: UTF8.self)
  }
}
