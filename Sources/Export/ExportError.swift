public import Tensors

/// Why a network cannot be exported.
public enum ExportError: Error, Equatable {
  /// No lowering is known for a kind of layer.
  case unsupportedLayer(node: String, kind: String)
  /// A layer, or a whole network, has no form in integers for a small device.
  case noIntegers(node: String, kind: String, reason: String)
  /// The file would be larger than the 2 GiB of one protobuf message.
  case modelTooLarge(network: String)
  /// Quantisation was given no samples to see the ranges of values on.
  case noCalibrationSamples
  /// A calibration batch does not have the shape of the network's input.
  case calibrationShape(expected: Shape, found: Shape)
  /// A value became infinite or not a number while the network was calibrated.
  case calibrationNotFinite(node: String)
  /// The network takes another number of inputs than the artefact allows.
  case inputCount(network: String, expected: Int, found: Int)
  /// An option has a value it cannot have.
  case invalidOption(name: String, value: String, expected: String)
  /// The head gives another shape than the tail takes.
  case partsDoNotFit(head: Shape, tail: Shape)
  /// The number of class names is not that of the tail's outputs.
  case classNames(expected: Int, found: Int)
  /// The directory holds something that is not an export.
  case directoryInUse(path: String, entry: String)
  /// A file or directory cannot be read or written.
  case inaccessible(path: String, reason: String)
}

extension ExportError: CustomStringConvertible {
  /// What is wrong, where, and what was expected.
  public var description: String {
    switch self {
    case .unsupportedLayer(let node, let kind):
      "layer \(node) is of kind '\(kind)', which has no ONNX form"
    case .noIntegers(let node, let kind, let reason):
      "\(node) (\(kind)) cannot run on the device in integers: \(reason)"
    case .modelTooLarge(let network):
      "network \(network) is larger than the 2 GiB an ONNX file can have"
    case .noCalibrationSamples:
      "int8 needs at least one calibration sample to see the ranges of values on"
    case .calibrationShape(let expected, let found):
      "a calibration batch has shape \(found), expected a batch of \(expected)"
    case .calibrationNotFinite(let node):
      "the value of \(node) is infinite or not a number on the calibration samples"
    case .inputCount(let network, let expected, let found):
      "network \(network) takes \(found) inputs, expected \(expected)"
    case .invalidOption(let name, let value, let expected):
      "\(name) is \(value), expected \(expected)"
    case .partsDoNotFit(let head, let tail):
      "the head gives \(head), the tail takes \(tail)"
    case .classNames(let expected, let found):
      "\(found) class names for \(expected) outputs, expected at most one each"
    case .directoryInUse(let path, let entry):
      "\(path) holds '\(entry)', which is no part of an export; nothing was written"
    case .inaccessible(let path, let reason):
      "\(path): \(reason)"
    }
  }
}
