import Checkpoints
import Foundation
import HDF5
import Networks
import Tensors
import Testing

@Suite struct NativeTests {
  @Test func whatIsWrittenIsRead() throws {
    let directory = try TemporaryDirectory()
    let checkpoint = try fullCheckpoint()
    try checkpoint.write(to: directory.file())
    #expect(try Checkpoint.read(directory.file()) == checkpoint)
    #expect(try directory.contents == ["file.h5"])
    let bare = Checkpoint(network: try smallNetwork())
    try bare.write(to: directory.file())
    #expect(try Checkpoint.read(directory.file()) == bare)
  }

  @Test(arguments: Architecture.all.filter { $0.inputShape == [32, 32, 3] }.map(\.name))
  func architecturesSurviveTheirFile(name: String) throws {
    guard !name.hasPrefix("resnet34"), !name.hasPrefix("resnet50") else { return }
    let directory = try TemporaryDirectory()
    var network = try Architecture.named(name).network(classes: 4)
    network.initializeParameters(seed: 1)
    try Checkpoint(network: network).write(to: directory.file())
    #expect(try Checkpoint.read(directory.file()).network == network)
  }

  @Test func equalCheckpointsGiveEqualBytes() throws {
    let directory = try TemporaryDirectory()
    try fullCheckpoint().write(to: directory.file("a.h5"))
    try fullCheckpoint().write(to: directory.file("b.h5"))
    #expect(try bytes(of: directory.file("a.h5")) == bytes(of: directory.file("b.h5")))
    var other = try fullCheckpoint()
    other.network = try smallNetwork(seed: 6)
    try other.write(to: directory.file("b.h5"))
    #expect(try bytes(of: directory.file("a.h5")) != bytes(of: directory.file("b.h5")))
  }

  @Test func aFailedWriteLeavesWhatWasThere() throws {
    let directory = try TemporaryDirectory()
    let checkpoint = try fullCheckpoint()
    try checkpoint.write(to: directory.file())
    var broken = checkpoint
    broken.documents = ["a": "\u{0}"]
    let path = directory.file()
    let error = thrown { () throws(CheckpointError) in try broken.write(to: path) }
    #expect(
      error
        == .unwritable(file: path, object: "document 'a'", reason: "it has a zero character"))
    #expect(try Checkpoint.read(path) == checkpoint)
    let missing = directory.file("none/file.h5")
    guard
      case .storage(.unwritableFile(missing, _)) = thrown({ () throws(CheckpointError) in
        try checkpoint.write(to: missing)
      })
    else {
      Issue.record("a missing directory was not reported")
      return
    }
  }

  /// Changes a file that was written, keeping its checks of other objects.
  func changed(
    _ path: String,
    _ body: (borrowing HDF5File, borrowing HDF5File.Copying) throws(HDF5Error) -> Void
  ) throws {
    try fullCheckpoint().write(to: path + ".original")
    let original = try HDF5File(reading: path + ".original")
    let file = try HDF5File(creating: path)
    try body(file, HDF5File.Copying(original: original))
    try file.close()
  }

  @Test func aLaterVersionIsRefusedAndNamed() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    try changed(path) { (file, copying) throws(HDF5Error) in
      try copying.copy(to: file)
      try file.setAttribute("cleave_checkpoint", to: 3)
    }
    #expect(readError(path) == .newerVersion(file: path, found: 3, supported: 2))
  }

  /// A reader of version 1 refuses what it would not know; files without bytes stay of version 1.
  @Test func bytesAreKeptInAFileOfVersion2() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    var checkpoint = try fullCheckpoint()
    func version() throws -> Int {
      try HDF5File(reading: path).number(attribute: "cleave_checkpoint", as: Int.self)
    }
    try checkpoint.write(to: path)
    #expect(try version() == 1)
    checkpoint.files = ["codec/tables": [0, 255, 7, 0], "empty": []]
    try checkpoint.write(to: path)
    #expect(try version() == 2)
    let read = try Checkpoint.read(path)
    #expect(read.files == checkpoint.files)
    #expect(read == checkpoint)
    checkpoint.files = ["": [1]]
    #expect(
      throws: CheckpointError.unwritable(
        file: path, object: "a file", reason: "it has no name")
    ) { try checkpoint.write(to: path) }
    #expect(try Checkpoint.read(path).files == read.files)
  }

  @Test func changedBytesAreRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    var checkpoint = Checkpoint(network: try smallNetwork())
    checkpoint.files = ["t": Array(0..<200)]
    try checkpoint.write(to: path)
    var content = try bytes(of: path)
    let start = try #require(
      content.indices.first { content[$0...].starts(with: [UInt8](0..<200)) })
    content[start + 100] ^= 1
    try Data(content).write(to: URL(fileURLWithPath: path))
    #expect(
      readError(path)
        == .damaged(
          file: path, object: "/files/t", reason: "the checksum of its content is not its own"))
  }

  @Test func missingLeftOverAndChangedDatasetsAreRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    try changed(path) { (file, copying) throws(HDF5Error) in
      try copying.copy(to: file) { $0 != "parameters/up.bias" }
    }
    #expect(readError(path) == .missingParameters(file: path, [.init("up.bias", nearest: nil)]))

    try changed(path) { (file, copying) throws(HDF5Error) in
      try copying.copy(to: file) { $0 != "tensors/step" }
    }
    guard case .damaged(path, "/", _) = readError(path) else {
      Issue.record("\(String(describing: readError(path)))")
      return
    }

    try changed(path) { (file, copying) throws(HDF5Error) in
      try copying.copy(to: file)
      try file.write([Float(1)], to: "extra", shape: [1])
    }
    #expect(
      readError(path) == .unexpectedParameters(file: path, [.init("extra", nearest: nil)]))

    try changed(path) { (file, copying) throws(HDF5Error) in
      try copying.copy(to: file) { $0 != "parameters/up.bias" }
      try file.write([Double](repeating: 0, count: 3), to: "parameters/up.bias", shape: [3])
    }
    #expect(
      readError(path)
        == .elementType(
          file: path, object: "/parameters/up.bias", expected: "float32", found: "float64"))

    try changed(path) { (file, copying) throws(HDF5Error) in
      try copying.copy(to: file) { $0 != "parameters/up.bias" }
      try file.write([Float](repeating: 0, count: 3), to: "parameters/up.bias", shape: [3])
      try file.dataset("parameters/up.bias").setAttribute("crc32c", to: UInt32(1))
    }
    guard case .damaged(path, "/parameters/up.bias", _) = readError(path) else {
      Issue.record("\(String(describing: readError(path)))")
      return
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func parametersThatAreNotFiniteAreNamed(value: Float) throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    var checkpoint = try fullCheckpoint()
    let weight = try #require(checkpoint.network.parameters["head.fc1.weight"])
    var values = weight.scalars
    values[values.count - 1] = value
    try checkpoint.network.setParameter("head.fc1.weight", to: Tensor(weight.shape, values))
    try checkpoint.write(to: path)
    let error = readError(path)
    guard case .notFinite(path, let parameters) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(parameters.map(\.name) == ["head.fc1.weight"] && parameters.map(\.count) == [1])
  }

  @Test func otherFilesAreToldApart() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    #expect(readError(path) == .storage(.missingFile(path)))
    try write([], to: path)
    #expect(readError(path) == .storage(.emptyFile(path)))
    try write(Array("hello, world".utf8), to: path)
    guard case .foreign(path, let message) = readError(path),
      message == "\(path) is text starting 'hello, world', expected a checkpoint in HDF5 "
        + "or a .keras file"
    else {
      Issue.record("\(String(describing: readError(path)))")
      return
    }
    let file = try HDF5File(creating: path)
    try file.write([1, 2, 3], to: "images", shape: [3])
    try file.close()
    #expect(readError(path) == .unknownLayout(file: path, found: ["images"]))
  }

  @Test func aTruncatedFileIsRefusedAtEveryLength() throws {
    let directory = try TemporaryDirectory()
    try fullCheckpoint().write(to: directory.file("whole.h5"))
    let whole = try bytes(of: directory.file("whole.h5"))
    for length in stride(from: 0, to: whole.count, by: 499) {
      try write(Array(whole[..<length]), to: directory.file())
      #expect(readError(directory.file()) != nil, "\(length) of \(whole.count) bytes")
    }
  }

  @Test func aFlippedBitIsRefusedOrChangesNothing() throws {
    let directory = try TemporaryDirectory()
    let checkpoint = try fullCheckpoint()
    try checkpoint.write(to: directory.file("whole.h5"))
    let whole = try bytes(of: directory.file("whole.h5"))
    var refused = 0
    var tried = 0
    for position in stride(from: 0, to: whole.count, by: 53) {
      var damaged = whole
      damaged[position] ^= 1 << (position / 53 % 8)
      try write(damaged, to: directory.file())
      tried += 1
      do {
        let read = try Checkpoint.read(directory.file())
        #expect(read == checkpoint, "a flip at \(position) went unnoticed")
      } catch {
        refused += 1
        #expect(!"\(error)".isEmpty)
      }
    }
    // The rest is space the format leaves unused.
    #expect(refused > tried / 3)
  }

  @Test func implausibleNumbersInAGraphAreRefusedBeforeTheyAreUsed() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    for (old, new) in [
      ("\"output_channels\":4", "\"output_channels\":-4"),
      ("\"output_channels\":4", "\"output_channels\":4611686018427387904"),
      ("\"height\":3", "\"height\":4611686018427387904"), ("\"groups\":2", "\"groups\":-2"),
      ("\"shape\":[4,3,2]", "\"shape\":[60000000,60000000,60000000]"),
      ("\"shape\":[4,3,2]", "\"shape\":[]"), ("\"kind\":\"linear\"", "\"kind\":\"lineal\""),
      ("\"kind\":\"conv2d\"", "\"kind\":4"), ("{", "["),
    ] {
      try changed(path) { (file, copying) throws(HDF5Error) in
        try copying.copy(to: file) { $0 != "network" }
        let text = try copying.original.dataset("network").readString()
          .replacing(old, with: new, maxReplacements: 1)
        try file.write(text: text, to: "network")
        var check = ReferenceCRC32C()
        check.update("network")
        check.update(text)
        try file.dataset("network").setAttribute("crc32c", to: check.value)
      }
      switch readError(path) {
      case .description(path, "/network", _), .network(path, _), .shape(path, _, _, _),
        .damaged(path, "/", _):
        continue
      case let other: Issue.record("\(new): \(String(describing: other))")
      }
    }
  }
}

/// The check bit by bit, to hold the fast one to.
struct ReferenceCRC32C {
  private var state: UInt32 = 0xFFFF_FFFF

  var value: UInt32 { ~state }

  mutating func update(_ bytes: [UInt8]) {
    for byte in bytes {
      state ^= UInt32(byte)
      for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0x82F6_3B78 : state >> 1 }
    }
  }

  mutating func update(_ text: String) {
    update((0..<8).map { UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0)) })
    update(Array(text.utf8))
  }
}

extension HDF5File {
  /// Copies a checkpoint file object by object.
  struct Copying: ~Copyable {
    let original: HDF5File

    func copy(
      to file: borrowing HDF5File, where isKept: (String) -> Bool = { _ in true }
    ) throws(HDF5Error) {
      for path in try original.datasetPaths() where isKept(path) {
        let dataset = try original.dataset(path)
        if dataset.elementType == .float32 {
          try file.write(try dataset.read(as: Float.self), to: path, shape: dataset.shape)
        } else {
          try file.write(text: try dataset.readString(), to: path)
        }
        let copy = try file.dataset(path)
        for name in try dataset.attributeNames() where name == "crc32c" {
          try copy.setAttribute(name, to: try dataset.number(attribute: name, as: UInt32.self))
        }
      }
      try file.setAttribute("cleave_checkpoint", to: 1)
      try file.setAttribute(
        "contents_crc32c", to: try original.number(attribute: "contents_crc32c", as: UInt32.self))
    }
  }
}
