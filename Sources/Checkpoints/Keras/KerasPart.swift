internal import Networks
internal import Tensors

/// A node a Keras layer becomes.
struct KerasPart {
  /// A value that a part reads.
  enum Source {
    /// One of the values that the layer reads.
    case input(Int)
    /// The value of an earlier part.
    case part(Int)
  }

  /// What is added to the layer's name, after a dot; empty for the name itself.
  let suffix: String
  let layer: any Layer
  /// Where the node's parameters come from.
  let weights: [KerasWeight]
  /// What the part reads; the value of the part before it unless given, and all that the layer
  /// reads if it is the first.
  let sources: [Source]?

  init(
    _ layer: any Layer, suffix: String = "", weights: [KerasWeight] = [],
    sources: [Source]? = nil
  ) {
    self.layer = layer
    self.suffix = suffix
    self.weights = weights
    self.sources = sources
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
  /// The shape in the file.
  let fileShape: Shape
  /// Whether the file counts in whole numbers.
  let isWhole: Bool

  /// A weight of the file.
  init(_ parameter: String, _ names: String..., shape: Shape, isWhole: Bool = false) {
    self.parameter = parameter
    self.names = names
    fileShape = shape
    self.isWhole = isWhole
  }

  /// Indicates whether the weight may have a name in a file: one of ``names``, or that of a weight
  /// without a name of its own with the number Keras gives it, such as `variable_3`.
  func isNamed(_ name: String) -> Bool {
    if names.contains(name) { return true }
    guard let match = name.wholeMatch(of: /([Vv]ariable)_[0-9]+/) else { return false }
    return names.contains(String(match.1))
  }
}
