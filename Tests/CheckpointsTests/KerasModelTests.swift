import Checkpoints
import Foundation
import HDF5
import Networks
import Tensors
import Testing

/// Models as Keras 2 and Keras 3 save them, written by `Fixtures/make_keras_models.py`.
@Suite struct KerasModelTests {
  private static let files = [
    "keras2-arithmetic.h5", "keras3-arithmetic.h5", "keras3-packed.keras",
    "keras2-normalization.h5", "keras2-packed.keras", "keras3-normalization.keras",
    "keras2-nested.h5", "keras3-stored.keras", "keras2-scaled.h5", "keras3-scaled.h5",
  ]

  private func expected(_ object: String, of file: String) throws -> Tensor<Float> {
    try tensor(object, of: String(file.prefix { $0 != "." }) + ".expected.h5")
  }

  @Test(arguments: files)
  func predictionsAreThoseOfKeras(file: String) throws {
    let network = try Checkpoint.read(fixture(file)).network
    let output = try expected("output0", of: file)
    let input = try expected("input", of: file)
    #expect(relativeDifference(output, network.predict(input)) < 1e-5)
    #expect(relativeDifference(output, network.folded().predict(input)) < 1e-5)
  }

  @Test(arguments: files)
  func parametersAreCountedAsKerasCountsThem(file: String) throws {
    let network = try Checkpoint.read(fixture(file)).network
    #expect(Float(network.cost.parameters) == (try expected("parameters", of: file).scalars[0]))
  }

  @Test(arguments: files)
  func theNetworkSurvivesTheNativeLayout(file: String) throws {
    let directory = try TemporaryDirectory()
    let checkpoint = try Checkpoint.read(fixture(file))
    try checkpoint.write(to: directory.file())
    #expect(try Checkpoint.read(directory.file()) == checkpoint)
  }

  @Test func namesThatEndAlikeHaveWeightsOfTheirOwn() throws {
    let network = try Checkpoint.read(fixture("keras2-nested.h5")).network
    let file = try HDF5File(reading: fixture("keras2-nested.h5"))
    for (node, path) in [
      ("backbone.conv", "backbone/conv"), ("backbone.block1/conv", "backbone/block1/conv"),
      ("top.conv", "top/conv"),
    ] {
      let written = try file.dataset("model_weights/\(path)/kernel:0").read(as: Float.self)
      #expect(network.parameters["\(node).weight"]?.scalars == written)
    }
  }

  @Test func layersForTrainingAloneAreTheIdentity() throws {
    let network = try Checkpoint.read(fixture("keras3-packed.keras")).network
    for name in ["flip", "noise", "channels"] {
      #expect(network.node(named: name)?.layer is IdentityLayer, "\(name)")
    }
  }

  @Test func absentScalesAndShiftsAreNoParameters() throws {
    let network = try Checkpoint.read(fixture("keras2-normalization.h5")).network
    let statistics = ["running_mean", "running_var"]
    for (name, parameters) in [
      ("no_scale", ["bias"] + statistics), ("no_shift", ["weight"] + statistics),
      ("frozen", statistics), ("groups", ["weight"]), ("layer", ["bias"]),
      ("pixels", ["mean", "variance", "count"]),
    ] {
      #expect(network.node(named: name)?.layer.parameters.map(\.name) == parameters, "\(name)")
    }
  }

  /// Reads a fixture with one place of its configuration changed.
  private func read(_ file: String, _ old: String, _ new: String) throws -> Checkpoint {
    let text = try HDF5File(reading: fixture(file)).string(attribute: "model_config")
    let change = text.replacing(old, with: new, maxReplacements: 1)
    #expect(change != text, "\(old) is not in \(file)")
    let directory = try TemporaryDirectory()
    let json = directory.file("model.json")
    try change.write(toFile: json, atomically: false, encoding: .utf8)
    return try Checkpoint.read(fixture(file), configuration: json)
  }

  private static let intoNorm = #""inbound_nodes": [[["conv", 0, 0, {"#
  private static let intoBackbone = #""inbound_nodes": [[["image", 0, 0, {"training": "#
  private static let constants = #""y": 127.5"#

  @Test(arguments: [
    // Arguments of calls.
    (
      "keras2-normalization.h5", intoNorm, intoNorm + #""training": true"#,
      "Keras layer 'no_scale' (BatchNormalization) is called with training=True"
    ),
    (
      "keras2-normalization.h5", intoNorm, intoNorm + #""training": 1"#,
      "'no_scale' (BatchNormalization) is called with training=True"
    ),
    (
      "keras2-normalization.h5", intoNorm, intoNorm + #""mask": ["image", 0, 0]"#,
      "'no_scale' (BatchNormalization) is called with a mask"
    ),
    (
      "keras2-normalization.h5", intoNorm, intoNorm + #""gain": 2"#,
      "'no_scale' (BatchNormalization) is called with gain = 2, which is not supported"
    ),
    (
      "keras3-arithmetic.h5", #""kwargs": {"training": false}"#,
      #""kwargs": {"training": true}"#,
      "is called with training=True and would draw random numbers"
    ),
    (
      "keras2-nested.h5", #"[["backbone", 1, 0, {}"#, #"[["backbone", 1, 0, {"training": true}"#,
      "(Dropout) is called with training=True and would draw random numbers"
    ),
    // Settings.
    (
      "keras2-normalization.h5", #""center": true"#, #""center": true, "renorm": true"#,
      "has renorm true, which is not supported, expected false"
    ),
    (
      "keras2-normalization.h5", #""center": true"#, #""center": true, "gain": 3"#,
      "has gain 3, which is not supported"
    ),
    (
      "keras2-arithmetic.h5", #""threshold": 0.0"#, #""threshold": 0.5"#,
      "has threshold 0.5, which is not supported"
    ),
    (
      "keras2-arithmetic.h5", #""dtype": "float32", "filters""#,
      #""dtype": "mixed_float16", "filters""#,
      "'stem' (Conv2D) computes in mixed_float16; only float32 is supported"
    ),
    (
      "keras3-arithmetic.h5", #""class_name": "Conv2D""#,
      #""registered_name": "Own>Conv2D", "module": "own", "class_name": "Conv2D""#,
      "'stem' (Conv2D) is not Keras's own but of the module 'own'"
    ),
    // Operations.
    (
      "keras2-arithmetic.h5", #""function": "nn.bias_add""#, #""function": "math.erf""#,
      ": the operation 'tf.math.erf' of layer 'tf.nn.bias_add' is not supported"
    ),
    (
      "keras3-arithmetic.h5", #""class_name": "Negative""#, #""class_name": "Erf""#,
      ": the operation 'Erf' of layer 'negative' is not supported"
    ),
    (
      "keras2-arithmetic.h5", constants, #""y": [1.0, 2.0]"#,
      "has 2 constants for a value of 6×5×3, expected one, or one a channel"
    ),
    (
      "keras2-arithmetic.h5", constants, #""y": "much""#, "has y 'much', expected numbers"
    ),
    (
      "keras2-arithmetic.h5", #""step": -1"#, #""step": -2"#,
      "takes part an object of a value of 6×5×3"
    ),
    (
      "keras2-arithmetic.h5", #""start": 1, "stop": 5, "step": 2"#,
      #""start": 5, "stop": 1, "step": 2"#, "of layer 'tf.__operators__.getitem"
    ),
  ])
  func whatWouldBeDroppedIsRefused(
    file: String, old: String, new: String, message: String
  ) throws {
    let error = #expect(throws: CheckpointError.self) { try read(file, old, new) }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains(message), "\(text)")
  }

  @Test(arguments: [
    ("keras2-normalization.h5", intoNorm, intoNorm + #""training": false"#),
    ("keras2-normalization.h5", #""center": true"#, #""center": true, "gain": null"#),
    (
      "keras2-arithmetic.h5", #""activity_regularizer": null"#,
      #""activity_regularizer": {"class_name": "L2", "config": {"l2": 0.01}}"#
    ),
    // The statistics of a frozen batch norm are used in any case.
    ("keras2-nested.h5", intoBackbone + "false", intoBackbone + "true"),
    ("keras3-arithmetic.h5", #""kwargs": {}"#, #""kwargs": {"mask": null}"#),
  ])
  func whatDoesNothingInInferenceIsTaken(file: String, old: String, new: String) throws {
    let network = try read(file, old, new).network
    #expect(network == (try Checkpoint.read(fixture(file)).network))
  }
}
