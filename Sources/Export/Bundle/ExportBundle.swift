internal import Foundation
public import Networks
public import Tensors

/// A cut network as files for device and server: head and tail in single precision and as 8-bit
/// integers, and a manifest.
public struct ExportBundle: Sendable {
  /// The part for the device.
  public var head: Network
  /// The part for the server, which takes what the head gives.
  public var tail: Network
  /// What is done to pixels before the head.
  public var inputTransform: InputTransform
  /// The classes in the order of the tail's outputs, or empty.
  public var classNames: [String]
  /// Transformed images `[samples, height, width, channels]` to choose the ranges of integers by.
  public var calibration: [Tensor<Float>]
  /// How numbers become integers.
  public var quantization: QuantizationOptions
  /// The version of what writes the bundle.
  public var producerVersion: String
  /// The calibrated tables of the codec both parts share, as the codec writes them, if there are.
  public var codecTables: [UInt8]?
  /// Where the network comes from.
  public var provenance: [String: String]

  /// Creates a bundle.
  public init(
    head: Network, tail: Network, inputTransform: InputTransform,
    classNames: [String] = [], calibration: [Tensor<Float>],
    quantization: QuantizationOptions = QuantizationOptions(), producerVersion: String,
    codecTables: [UInt8]? = nil, provenance: [String: String] = [:]
  ) {
    self.head = head
    self.tail = tail
    self.inputTransform = inputTransform
    self.classNames = classNames
    self.calibration = calibration
    self.quantization = quantization
    self.producerVersion = producerVersion
    self.codecTables = codecTables
    self.provenance = provenance
  }

  /// The name of the file with the codec's tables.
  public static let tablesName = "codec.tables"

  /// The names of the files of every bundle.
  public static let fileNames = [
    "head.onnx", "head.int8.onnx", "tail.onnx", "tail.int8.onnx", ExportManifest.fileName,
  ]

  /// Writes the bundle, whole or not at all, in place of an earlier one.
  ///
  /// - Returns: what the manifest says.
  /// - Throws: ``ExportError`` if the parts cannot be exported, the directory cannot be written, or
  ///   it holds something that is not an export.
  @discardableResult
  public func write(to directory: String) throws(ExportError) -> ExportManifest {
    try ExportDirectory.check(directory)
    let (manifest, files) = try contents()
    try ExportDirectory.write(files, to: directory)
    return manifest
  }

  /// All files by name, and the manifest among them.
  func contents() throws(ExportError) -> (manifest: ExportManifest, files: [(String, [UInt8])]) {
    try check()
    let integerHead = try QuantizedONNXModel(
      head, calibration: calibration, options: quantization, quantizesOutput: true)
    let integerTail = try QuantizedONNXModel(
      tail, calibration: integerHead.calibrationOutputs, options: quantization,
      input: integerHead.output)
    let models = [
      ("head.onnx", try ONNXModel(head.folded())), ("head.int8.onnx", integerHead.model),
      ("tail.onnx", try ONNXModel(tail.folded())), ("tail.int8.onnx", integerTail.model),
    ]
    var files: [(String, [UInt8])] = []
    for (name, var model) in models {
      model.producerVersion = producerVersion
      files.append((name, try model.bytes()))
    }
    if let codecTables { files.append((ExportBundle.tablesName, codecTables)) }
    let described = files.map { ExportManifest.File(name: $0, content: $1) }
    let manifest = ExportManifest(
      producerVersion: producerVersion,
      head: part(head, described[0], described[1]), tail: part(tail, described[2], described[3]),
      inputTransform: inputTransform, classNames: classNames,
      cutQuantization: integerHead.output ?? QuantizationParameters(scale: 1, zeroPoint: 0),
      codecTables: codecTables == nil ? nil : described[4], provenance: provenance)
    files.append((ExportManifest.fileName, try ExportDirectory.encode(manifest)))
    return (manifest, files)
  }

  private func check() throws(ExportError) {
    do {
      try inputTransform.validate(channels: head.inputs.first?.shape.dimensions.last ?? 0)
    } catch {
      throw .invalidOption(name: error.name, value: error.value, expected: error.expected)
    }
    for network in [head, tail] where network.inputs.count != 1 {
      throw .inputCount(network: network.name, expected: 1, found: network.inputs.count)
    }
    guard head.outputShape == tail.inputs[0].shape else {
      throw .partsDoNotFit(head: head.outputShape, tail: tail.inputs[0].shape)
    }
    guard classNames.isEmpty || classNames.count == tail.outputShape[-1] else {
      throw .classNames(expected: tail.outputShape[-1], found: classNames.count)
    }
  }

  private func part(
    _ network: Network, _ float: ExportManifest.File, _ integer: ExportManifest.File
  ) -> ExportManifest.Part {
    func value(_ name: String) -> ExportManifest.Value {
      ExportManifest.Value(name, network.shapes[name] ?? [])
    }
    let cost = network.cost
    return ExportManifest.Part(
      input: value(network.inputs[0].name), outputs: network.outputs.map(value),
      macs: cost.macs, parameters: cost.parameters, float: float, integer: integer)
  }
}
