public import Networks
package import ONNXSchema
internal import SwiftProtobuf

/// A network as an ONNX model.
///
/// Images are `N×C×H×W` with a batch axis whose extent is free; all other values keep the engine's
/// order of axes. Inputs and outputs have the network's names. Equal networks give equal bytes.
public struct ONNXModel: Sendable {
  /// The version of ONNX's operators the model is written in.
  public static let operatorSet = 20

  /// The version of ONNX's file format, the lowest that knows ``operatorSet``.
  package static let formatVersion = 9

  /// What the file says wrote it.
  public static let producer = "cleave"

  /// The version of the producer, as the file says; none unless it is set.
  public var producerVersion: String {
    get { proto.producerVersion }
    set { proto.producerVersion = newValue }
  }

  package var proto: ONNXModelProto

  /// Lowers a network in single precision; batch norms stay as they are.
  ///
  /// Pass `network.folded()` for a model without them.
  ///
  /// - Throws: ``ExportError/unsupportedLayer(node:kind:)``.
  public init(_ network: Network) throws(ExportError) {
    self.init(graph: try GraphLowering.lower(network))
  }

  package init(graph: ONNXGraphProto) {
    var operators = ONNXOperatorSetIdProto()
    operators.domain = ""
    operators.version = Int64(ONNXModel.operatorSet)
    proto = ONNXModelProto()
    proto.irVersion = Int64(ONNXModel.formatVersion)
    proto.producerName = ONNXModel.producer
    proto.opsetImport = [operators]
    proto.graph = graph
  }

  /// The model as the bytes of an `.onnx` file.
  ///
  /// - Throws: ``ExportError/modelTooLarge(network:)`` beyond the 2 GiB that one protobuf message
  ///   can have.
  public func bytes() throws(ExportError) -> [UInt8] {
    do {
      return try proto.serializedBytes()
    } catch {
      throw .modelTooLarge(network: proto.graph.name)
    }
  }
}
