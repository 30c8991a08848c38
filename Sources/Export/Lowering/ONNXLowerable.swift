package import Networks

/// A layer that can be written as ONNX operators.
///
/// Values of rank 3 are images and are exported as `N×C×H×W`, all others as they are; see
/// ``SampleLayout``. A new layer conforms in a file of its own beside this one; a test holds
/// ``LayerRegistry`` to that.
package protocol ONNXLowerable: Layer {
  /// Appends the layer's operators.
  ///
  /// - Returns: the name of the value they compute: ``LoweringSite/name``, or that of an input
  ///   where the layer does nothing in inference.
  func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String

  /// Whether its operators and what they compute stay in single precision in a model of integers:
  /// coordinates of boxes need more than 256 places.
  var isExact: Bool { get }
}

extension ONNXLowerable {
  /// False.
  package var isExact: Bool { false }
}
