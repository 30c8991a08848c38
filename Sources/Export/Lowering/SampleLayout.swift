package import Tensors

/// How the axes of a value for one sample are ordered in ONNX, where a batch axis stands in front.
///
/// A value of rank 3 is an image: channels last in the engine, `N×C×H×W` in ONNX.
package struct SampleLayout: Hashable, Sendable {
  /// The shape in the engine's order.
  package let shape: Shape

  package init(_ shape: Shape) { self.shape = shape }

  /// Whether the value is an image.
  package var isImage: Bool { shape.rank == 3 }

  /// For each ONNX axis after the batch, the axis of the sample that stands there.
  package var order: [Int] { isImage ? [2, 0, 1] : Array(0..<shape.rank) }

  /// The extents in ONNX's order, without the batch.
  package var dimensions: [Int] { order.map { shape[$0] } }

  /// The ONNX axis of an axis of the sample, which may count from the end.
  package func axis(_ sampleAxis: Int) -> Int {
    (order.firstIndex(of: shape.resolve(sampleAxis)) ?? 0) + 1
  }

  /// The ONNX axis of the channels.
  package var channelAxis: Int { axis(-1) }

  /// The number of channels.
  package var channels: Int { shape[-1] }

  /// Whether elements stand in the same order in both layouts.
  package var keepsOrder: Bool { !isImage || shape[2] == 1 || shape[0] * shape[1] == 1 }

  /// A shape for one constant a channel that broadcasts against the value.
  package var channelBroadcast: Shape { isImage ? [channels, 1, 1] : [channels] }

  /// Values given for each axis of the sample, in ONNX's order without the batch.
  package func reordered<Element>(_ elements: [Element]) -> [Element] { order.map { elements[$0] } }

  /// From ONNX's order to the engine's.
  package static let imageToEngine = [0, 2, 3, 1]
  /// From the engine's order to ONNX's.
  package static let engineToImage = [0, 3, 1, 2]
}
