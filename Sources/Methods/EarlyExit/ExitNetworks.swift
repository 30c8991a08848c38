internal import Networks
internal import Tensors

/// The layers of an exit.
enum ExitNetworks {
  /// The name of the value that holds an exit's logits, within it.
  static let logits = "linear"
  /// The name of the value that holds what its learned unit says.
  static let gate = "gate"

  /// Layers from a value to the logits of classes, and to what a learned unit says of them.
  ///
  /// - Parameters:
  ///   - edge: the shape of the value.
  ///   - learns: whether there is a unit that learns when the exit is right.
  ///   - seed: what a sparse layer is drawn with.
  /// - Throws: ``EarlyExitError/edgeShape(edge:found:)``, or `SparsityError`.
  static func network(
    _ exit: EarlyExitConfiguration.Exit, edge: Shape, classes: Int, learns: Bool, seed: UInt64
  ) throws -> Network {
    guard edge.rank == 1 || edge.rank == 3 else {
      throw EarlyExitError.edgeShape(edge: exit.at, found: edge)
    }
    var builder = NetworkBuilder(input: "edge", shape: edge)
    var value = "edge"
    var features = edge.elementCount
    if edge.rank == 3 {
      let head = exit.head ?? .pooled
      var channels = edge[2]
      if head == .convolutional {
        let hidden = exit.hidden ?? 2 * channels
        value = builder.add(
          "conv",
          ConvolutionLayer(
            channels, hidden, kernel: 3, stride: 2, padding: .all(1), hasBias: false),
          after: value)
        value = builder.add("bn", BatchNormalizationLayer(hidden), after: value)
        value = builder.add("relu", ActivationLayer(.relu), after: value)
        channels = hidden
      }
      if head == .linear {
        value = builder.add("flatten", FlattenLayer(), after: value)
      } else {
        value = builder.add("pool", GlobalAveragePoolLayer(), after: value)
        features = channels
      }
    }
    let output = builder.add(logits, LinearLayer(features, classes), after: value)
    var outputs = [output]
    if learns {
      outputs.append(builder.add(gate, LinearLayer(features, 1), after: value))
    }
    let network = try builder.network(name: "exit", outputs: outputs)
    guard exit.outDegree != nil || exit.density != nil else { return network }
    return try network.sparsified(
      [
        SparsityRule(
          layers: logits, outDegree: exit.outDegree, density: exit.density,
          pattern: exit.pattern)
      ], seed: seed)
  }
}
