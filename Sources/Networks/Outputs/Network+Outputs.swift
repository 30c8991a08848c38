public import Tensors

/// An output of a network and the meaning of its numbers, as far as its layers show it.
public struct OutputDescription: Hashable, Codable, Sendable {
  /// The name.
  public var name: String
  /// The shape for one sample.
  public var shape: Shape
  /// The meaning that its last layers show.
  public var meaning: OutputMeaning
  /// The function that makes probabilities of logits, `softmax` or `sigmoid`, if there is one.
  public var function: String?

  private enum CodingKeys: String, CodingKey {
    case name, shape, meaning, function
  }
}

extension Network {
  /// Every output with its meaning, in order.
  ///
  /// A softmax or sigmoid is recognized also behind layers that change nothing but the shape. A
  /// vector of two or more numbers that neither computes is taken for logits.
  public var outputDescriptions: [OutputDescription] {
    outputs.map { output in
      let ending = ending(of: output)
      return OutputDescription(
        name: output, shape: shapes[output] ?? [], meaning: ending.meaning,
        function: ending.function?.rawValue)
    }
  }

  /// The last layers of an output, from the softmax or sigmoid on.
  func ending(of output: String) -> OutputEnding {
    let shape = shapes[output] ?? []
    var nodes: [Node] = []
    var name = output
    while let node = node(named: name), node.inputs.count == 1 {
      if let function = OutputEnding.Function(node.layer) {
        return OutputEnding(
          function: function,
          meaning: function.meaning(before: shapes[name] ?? [], after: shape),
          nodes: [node] + nodes,
          isFused: !(node.layer is SoftmaxLayer || node.layer is ActivationLayer))
      }
      guard node.layer.onlyPasses else { break }
      nodes.insert(node, at: 0)
      name = node.inputs[0]
    }
    let last = node(named: name)?.layer
    let isLogits = shape.rank == 1 && shape[0] > 1 && !(last is ActivationLayer)
    return OutputEnding(
      function: nil, meaning: isLogits ? .logits : .values, nodes: [], isFused: false)
  }
}

/// The last layers of an output, from a softmax or sigmoid on.
struct OutputEnding {
  /// What makes probabilities of logits.
  enum Function: String {
    case softmax
    case sigmoid

    init?(_ layer: any Layer) {
      if layer is SoftmaxLayer {
        self = .softmax
      } else if (layer as? ActivationLayer)?.activation == .sigmoid
        || (layer as? any ActivatedLayer)?.activation == .sigmoid
      {
        self = .sigmoid
      } else {
        return nil
      }
    }

    /// The meaning of its values once they have another shape.
    func meaning(before: Shape, after: Shape) -> OutputMeaning {
      switch self {
      // Of every row: rows that are joined are no distribution any more.
      case .softmax: before.rank > 0 && before[-1] == after[-1] ? .probabilities : .values
      // A map from 0 to 1 may as well hold distances.
      case .sigmoid: after.rank == 1 ? .independentProbabilities : .values
      }
    }
  }

  let function: Function?
  let meaning: OutputMeaning
  /// From the layer of the function to the output, in order; empty if there is no function.
  let nodes: [Node]
  /// Whether the function is part of a layer with parameters.
  let isFused: Bool
}

extension Layer {
  /// Whether the layer changes nothing but the shape, in inference.
  fileprivate var onlyPasses: Bool {
    self is IdentityLayer || self is DropoutLayer || self is FlattenLayer || self is ReshapeLayer
  }
}
