import Autodiff
import Checkpoints
import Foundation
import HDF5
import Networks
import Tensors
import Testing

/// The path of a file that `Fixtures/make_fixtures.py` wrote.
func fixture(_ name: String) -> String { Bundle.module.bundlePath + "/Fixtures/" + name }

/// Reads a dataset of a fixture.
func tensor(_ object: String, of name: String) throws -> Tensor<Float> {
  let dataset = try HDF5File(reading: fixture(name)).dataset(object)
  return Tensor(Shape(dataset.shape), try dataset.read(as: Float.self))
}

@Suite struct KerasTests {
  @Test(arguments: [
    ("keras2-functional", "keras2-functional.h5", 2),
    ("keras2-sequential", "keras2-sequential.h5", 1),
    ("keras3", "keras3.weights.h5", 1),
  ])
  func outputsAreThoseOfTheReference(name: String, file: String, outputs: Int) throws {
    let network = try Checkpoint.read(fixture(file)).network
    let input = try tensor("input", of: name + ".expected.h5")
    let run = NetworkExecutor(network)
      .run([.init(input)], parameters: network.constants(Float.self))
    #expect(run.outputs.count == outputs)
    for (index, output) in run.outputs.enumerated() {
      let expected = try tensor("output\(index)", of: name + ".expected.h5")
      #expect(relativeDifference(expected, output.value) < 2e-6)
    }
  }

  @Test func nodesHaveTheNamesOfTheLayers() throws {
    let network = try Checkpoint.read(fixture("keras2-functional.h5")).network
    #expect(network.name == "two_heads")
    #expect(network.inputs == [.init("image", [9, 8, 3])])
    #expect(network.outputs == ["label.softmax", "size.sigmoid"])
    #expect(
      network.nodes.map(\.name) == [
        "conv", "conv.relu", "norm", "deep", "deep.hard_sigmoid.scale", "deep.hard_sigmoid.clip",
        "deep.hard_sigmoid", "separable.depthwise", "separable.pointwise", "join", "clip", "pool",
        "mean", "drop", "features", "label", "label.softmax", "size", "size.sigmoid",
      ])
    let norm = network.node(named: "norm")?.layer as? BatchNormalizationLayer
    // Keras keeps 0.9 of the old statistics, so a new batch weighs 0.1.
    #expect(abs((norm?.momentum ?? 0) - 0.1) < 1e-12)
    #expect(norm?.hasScale == false)
    let nested = try Checkpoint.read(fixture("keras3.weights.h5")).network
    #expect(nested.nodes.map(\.name).contains("block.mix"))
    #expect(nested.outputs == ["logits"])
  }

  @Test func anImportedNetworkSurvivesTheNativeLayout() throws {
    let directory = try TemporaryDirectory()
    let checkpoint = try Checkpoint.read(fixture("keras2-functional.h5"))
    try checkpoint.write(to: directory.file())
    #expect(try Checkpoint.read(directory.file()) == checkpoint)
  }

  @Test func theConfigurationIsFoundBesideOrNamed() throws {
    let directory = try TemporaryDirectory()
    let weights = directory.file("model.weights.h5")
    try FileManager.default.copyItem(atPath: fixture("keras3.weights.h5"), toPath: weights)
    #expect(
      readError(weights)
        == .configurationNeeded(
          file: weights, searched: [directory.file("model.json"), directory.file("config.json")]))
    let named = try Checkpoint.read(weights, configuration: fixture("keras3.json"))
    try FileManager.default.copyItem(
      atPath: fixture("keras3.json"), toPath: directory.file("config.json"))
    #expect(try Checkpoint.read(weights) == named)
  }

  @Test func anInputLeftOpenIsGiven() throws {
    let directory = try TemporaryDirectory()
    let json = directory.file("model.json")
    try changed(
      "keras3.json", to: json, "\"batch_shape\": [null, 6,", "\"batch_shape\": [null, null,")
    let error = keras3Error(json)
    guard case .layer(json, "image", "InputLayer", _, nil) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let read = try Checkpoint.read(
      fixture("keras3.weights.h5"), inputShape: [6, 5, 2], configuration: json)
    #expect(read.network == (try Checkpoint.read(fixture("keras3.weights.h5")).network))
  }

  /// Writes a fixture's text with one place changed; spaces are not compared.
  func changed(
    _ name: String, to path: String, _ old: String, _ new: String
  ) throws {
    func compact(_ text: String) -> String { text.filter { !$0.isWhitespace } }
    let text = compact(try String(contentsOfFile: fixture(name), encoding: .utf8))
    let change = text.replacing(compact(old), with: compact(new), maxReplacements: 1)
    #expect(change != text, "\(old) is not in \(name)")
    try change.write(toFile: path, atomically: false, encoding: .utf8)
  }

  func keras3Error(_ configuration: String) -> CheckpointError? {
    let weights = fixture("keras3.weights.h5")
    return thrown { () throws(CheckpointError) in
      _ = try Checkpoint.read(weights, configuration: configuration)
    }
  }

  @Test(arguments: [
    (
      #""class_name": "Rescaling""#, #""class_name": "Rescalling""#,
      "Keras layer 'rescaling' (Rescalling) is of a class this toolkit does not know "
        + "(did you mean Rescaling?)"
    ),
    (
      #""class_name": "Rescaling""#, #""class_name": "Lambda""#,
      "(Lambda) would run code of the file, which loading never does"
    ),
    (
      #""activation": "silu""#, #""activation": "silv""#,
      "(Conv2D) has the unknown activation 'silv' (did you mean 'silu'?)"
    ),
    (
      #""padding": "same""#, #""padding": "same", "data_format": "channels_first""#,
      "data_format 'channels_first'; only 'channels_last'"
    ),
    (#""padding": "same""#, #""padding": "causal""#, "expected 'same' or 'valid'"),
    (#""filters": 4"#, #""filters": -4"#, "has filters -4, expected 1 to"),
    (#""filters": 4"#, #""filters": 99999999999"#, "has filters 99999999999, expected 1 to"),
    (#""units": 3"#, #""units": 4"#, "expected shape 4×4, found 4×3"),
    (
      #""strides": [1, 1]"#, #""strides": [0, 1]"#,
      "has strides [0, 1], expected two numbers from 1 to"
    ),
    (#""epsilon": 0.001"#, #""epsilon": "small""#, "has epsilon 'small', expected one number"),
    (#""axis": -1"#, #""axis": 1"#, "has axis 1, expected the last, 3"),
    (#"["stem", 0, 0]"#, #"["steam", 0, 0]"#, "(BatchNormalization) reads 'steam'"),
    (#"["stem", 0, 0]"#, #"["bn", 0, 0]"#, "reads a value that is computed from its own"),
    (
      #""output_layers": ["logits", 0, 0]"#, #""output_layers": ["logit", 0, 0]"#,
      "no output 'logit'"
    ),
    (#""output_layers": ["logits", 0, 0]"#, #""output_layers": 3"#, "output_layers is 3"),
    (#""class_name": "Functional""#, #""class_name": "Custom""#, "of class 'Custom'"),
    (#""use_bias": true"#, #""use_bias": 7"#, "has use_bias 7, expected true or false"),
    ("{", "", "JSON"),
  ])
  func whatCannotBeExpressedIsNamed(old: String, new: String, message: String) throws {
    let directory = try TemporaryDirectory()
    let json = directory.file("model.json")
    try changed("keras3.json", to: json, old, new)
    let error = try #require(keras3Error(json))
    #expect("\(error)".contains(message), "\(error)")
  }

  @Test func aSharedLayerIsRefusedByName() throws {
    let directory = try TemporaryDirectory()
    let json = directory.file("model.json")
    let call =
      #"{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null], "#
      + #""dtype": "float32", "keras_history": ["image", 0, 0]}}], "kwargs": {}}"#
    try changed("keras3.json", to: json, "[\(call)]", "[\(call), \(call)]")
    #expect(
      keras3Error(json)
        == .layer(
          file: json, name: "rescaling", className: "Rescaling",
          reason: "is used 2 times; shared layers are not supported"))
  }

  @Test func weightsThatAreMissingOrLeftOverAreRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    let original = try HDF5File(reading: fixture("keras3.weights.h5"))
    for (skipped, added) in [("layers/conv2d/vars/1", nil), ("", "layers/conv2d/vars/2")] {
      let file = try HDF5File(creating: path)
      for object in try original.datasetPaths() where object != skipped {
        let dataset = try original.dataset(object)
        try file.write(try dataset.read(as: Float.self), to: object, shape: dataset.shape)
      }
      if let added { try file.write([Float(0)], to: added, shape: [1]) }
      try file.close()
      let error = thrown { () throws(CheckpointError) in
        _ = try Checkpoint.read(path, configuration: fixture("keras3.json"))
      }
      #expect(
        error
          == (added == nil
            ? .missingParameters(file: path, [.init("stem/bias", nearest: nil)])
            : .unexpectedParameters(
              file: path, [.init("layers/conv2d/vars/2", nearest: nil)])))
    }
  }

  @Test(arguments: ["keras2-functional.h5", "keras2-sequential.h5", "keras3.weights.h5"])
  func truncatedFilesAreRefused(name: String) throws {
    let directory = try TemporaryDirectory()
    let whole = try bytes(of: fixture(name))
    for length in stride(from: 0, to: whole.count, by: 1009) {
      try write(Array(whole[..<length]), to: directory.file())
      #expect(readError(directory.file()) != nil, "\(length) of \(whole.count) bytes")
    }
  }

  @Test(arguments: ["keras2-functional.h5", "keras3.weights.h5"])
  func flippedBytesGiveAnErrorOrANetwork(name: String) throws {
    let directory = try TemporaryDirectory()
    let whole = try bytes(of: fixture(name))
    var refused = 0
    for position in stride(from: 0, to: whole.count, by: 149) {
      var damaged = whole
      damaged[position] ^= position % 2 == 0 ? 0xFF : 1 << (position / 149 % 8)
      try write(damaged, to: directory.file())
      do {
        _ = try Checkpoint.read(directory.file(), configuration: configuration(of: name))
      } catch {
        refused += 1
        #expect(!"\(error)".isEmpty)
      }
    }
    #expect(refused > 10)
  }

  /// The bytes of a model's JSON are as easily damaged as others.
  @Test func flippedCharactersOfTheConfigurationGiveAnErrorOrANetwork() throws {
    let directory = try TemporaryDirectory()
    let json = directory.file("model.json")
    let whole = try bytes(of: fixture("keras3.json"))
      .filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }
    var refused = 0
    for position in stride(from: 0, to: whole.count, by: 19) {
      var damaged = whole
      damaged[position] = Array("-9\"[".utf8)[position / 19 % 4]
      try write(damaged, to: json)
      if keras3Error(json) != nil { refused += 1 }
    }
    #expect(refused > 30)
  }

  private func configuration(of name: String) -> String? {
    name == "keras3.weights.h5" ? fixture("keras3.json") : nil
  }
}
