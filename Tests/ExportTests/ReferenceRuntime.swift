import Export
import Foundation
import Networks
import Tensors
import TestSupport
import Testing

/// onnxruntime through `Reference/check_onnx.py`, where a Python with onnx and onnxruntime is found.
enum ReferenceRuntime {
  /// Whether the interpreter can import what the script needs.
  static let isAvailable = Python.canImport("numpy, onnx, onnxruntime")

  /// Whether onnxruntime multiplies bytes exactly here: x86 processors without VNNI add pairs of
  /// products of eight bits in sixteen, which overflow; that is what weights of seven bits are for.
  static let multipliesBytesExactly: Bool = {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return false
    }
    return !text.contains("avx2") || text.contains("vnni")
  }()

  /// A model, what it is given and what it should answer, in the engine's layout.
  struct Case {
    var name: String
    var model: ONNXModel
    var inputs: [(name: String, value: Tensor<Float>)]
    var outputs: [(name: String, value: Tensor<Float>)]
  }

  /// What the script says of a case.
  struct Finding: Decodable {
    var difference: Double
    var agreement: Double
    var relativeError: Double
    var operators: [String: Int]
    var optimizedOperators: [String: Int]
  }

  private struct Manifest: Encodable {
    struct Value: Encodable {
      var name: String
      var shape: [Int]
      var file: String
    }
    var name: String
    var model: String
    var inputs: [Value]
    var outputs: [Value]
  }

  /// Runs all cases in one process.
  static func check(_ cases: [Case]) throws -> [String: Finding] {
    let script = try #require(
      Bundle.module.url(forResource: "Reference/check_onnx", withExtension: "py"))
    return try withTemporaryDirectory { directory in
      let manifests = try cases.enumerated().map { index, item in
        let model = "\(index).onnx"
        try Data(item.model.bytes()).write(to: directory.appending(path: model))
        func write(_ values: [(name: String, value: Tensor<Float>)], _ kind: String) throws
          -> [Manifest.Value]
        {
          try values.enumerated().map { position, value in
            let file = "\(index).\(kind)\(position)"
            let exported = exportLayout(value.value)
            try exported.scalars.withUnsafeBytes { Data($0) }
              .write(to: directory.appending(path: file))
            return Manifest.Value(
              name: value.name, shape: exported.shape.dimensions, file: file)
          }
        }
        return Manifest(
          name: item.name, model: model, inputs: try write(item.inputs, "input"),
          outputs: try write(item.outputs, "output"))
      }
      try JSONEncoder().encode(manifests).write(to: directory.appending(path: "cases.json"))
      let result = try Python.run([script.path, directory.path])
      try #require(result.status == 0, "\(String(decoding: result.errors, as: UTF8.self))")
      return try JSONDecoder().decode([String: Finding].self, from: result.output)
    }
  }

  /// A batch with images in ONNX's layout.
  private static func exportLayout(_ batch: Tensor<Float>) -> Tensor<Float> {
    batch.shape.rank == 4 ? batch.transposed([0, 3, 1, 2]) : batch
  }
}

/// Runs a closure with a directory of its own, which is removed afterwards.
func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let directory = FileManager.default.temporaryDirectory
    .appending(path: "cleave-export-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}
