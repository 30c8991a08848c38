package import Tensors

/// Where a layer stands in a network that is being lowered.
package struct LoweringSite {
  /// The name of the node, which its value is to have.
  package let name: String
  /// The ONNX names of the values the layer reads.
  package let inputs: [String]
  /// The shapes of the inputs for one sample, in the engine's layout.
  package let inputShapes: [Shape]
  /// The shape of the output for one sample, in the engine's layout.
  package let outputShape: Shape
  /// The layer's parameters, in its order.
  package let parameters: [Tensor<Float>]

  /// The only input, or the first.
  package var input: String { inputs[0] }
  /// The layout of the first input.
  package var inputLayout: SampleLayout { SampleLayout(inputShapes[0]) }
  /// The layout of the output.
  package var outputLayout: SampleLayout { SampleLayout(outputShape) }

  /// The name of a value or constant inside the node.
  package func inner(_ part: String) -> String { "\(name)/\(part)" }
}
