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
  /// A softmax or sigmoid is recognized also behind layers that change nothing but the shape, and in
  /// averages. A vector of two or more numbers that neither computes is taken for logits.
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
    if let mixture = mixture(name), abs(mixture.weight - 1) < 1e-6 {
      let meaning: OutputMeaning? =
        switch mixture.function {
        case .softmax where mixture.classes == shape.dimensions.last: .probabilities
        case .sigmoid where shape.rank == 1: .independentProbabilities
        case .softmax, .sigmoid: nil
        }
      if let meaning {
        return OutputEnding(function: nil, meaning: meaning, nodes: [], isFused: false)
      }
    }
    let last = node(named: name)?.layer
    let isLogits = shape.rank == 1 && shape[0] > 1 && !(last is ActivationLayer)
    return OutputEnding(
      function: nil, meaning: isLogits ? .logits : .values, nodes: [], isFused: false)
  }
}

extension Network {
  /// A weighted sum of probabilities, such as an ensemble's average: the function that makes them, the
  /// sum of the weights, and the number of classes a softmax tells.
  private func mixture(
    _ name: String
  ) -> (function: OutputEnding.Function, weight: Double, classes: Int)? {
    guard let node = node(named: name) else { return nil }
    if let function = OutputEnding.Function(node.layer) {
      return (function, 1, shapes[name]?.dimensions.last ?? 0)
    }
    let parts = node.inputs.map { mixture($0) }
    guard let first = parts.first ?? nil else { return nil }
    switch node.layer {
    case let layer as ScaleShiftLayer where layer.shift == 0:
      return (first.function, first.weight * layer.scale, first.classes)
    case let layer as AddLayer where layer.activation == nil:
      var sum = first
      for part in parts.dropFirst() {
        guard let part, part.function == sum.function, part.classes == sum.classes else {
          return nil
        }
        sum.weight += part.weight
      }
      return sum
    case is GlobalAveragePoolLayer where first.function == .softmax: return first
    case let layer where layer.onlyPasses: return first
    default: return nil
    }
  }

  /// The network with the value in front of a final sigmoid as its first output; nil without one.
  ///
  /// - Throws: ``NetworkError`` if names of nodes are taken.
  package func beforeSigmoid() throws(NetworkError) -> Network? {
    guard ending(of: outputs[0]).function == .sigmoid else { return nil }
    let separated = try separatingFunctions()
    guard let source = separated.ending(of: outputs[0]).nodes.first?.inputs.first,
      separated.shapes[source] == shapes[outputs[0]]
    else { return nil }
    return try separated.with(outputs: [source] + outputs.dropFirst())
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
