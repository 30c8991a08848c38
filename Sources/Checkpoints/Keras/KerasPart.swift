internal import Networks
internal import Tensors

/// A node a Keras layer becomes; the parts of a layer follow each other.
struct KerasPart {
  /// What is added to the layer's name, after a dot; empty for the name itself.
  let suffix: String
  let layer: any Layer
  /// Where the node's parameters come from.
  let weights: [KerasWeight]

  init(_ layer: any Layer, suffix: String = "", weights: [KerasWeight] = []) {
    self.layer = layer
    self.suffix = suffix
    self.weights = weights
  }
}

/// Where one parameter of a node comes from.
///
/// Keras lays out weights channels-last as the engine does; only the grouping of axes differs.
struct KerasWeight {
  /// The parameter under the node, such as `weight`.
  let parameter: String
  /// What versions of Keras call the weight.
  let names: [String]
  /// The shape in the file; `nil` if the weight is not there and its elements are ``constant``.
  let fileShape: Shape?
  let constant: Float

  /// A weight of the file.
  init(_ parameter: String, _ names: String..., shape: Shape) {
    self.parameter = parameter
    self.names = names
    fileShape = shape
    constant = 0
  }

  /// A parameter the Keras layer does without.
  init(_ parameter: String, constant: Float) {
    self.parameter = parameter
    names = []
    fileShape = nil
    self.constant = constant
  }
}
