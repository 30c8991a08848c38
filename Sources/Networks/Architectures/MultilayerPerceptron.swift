public import Tensors

/// Linear layers with ReLUs between them.
public enum MultilayerPerceptron {
  /// A network of the name `mlp-` and the widths of its hidden layers, such as `mlp-40-40`; nil for
  /// another name.
  ///
  /// Layers are `fc1`, `fc2` and on; what is behind one is `relu1` and on.
  static func architecture(named name: String) -> Architecture? {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    let widths = parts.dropFirst().compactMap { Int($0) }.filter { (1...1 << 20).contains($0) }
    guard parts.first == "mlp", parts.count >= 2, widths.count == parts.count - 1 else {
      return nil
    }
    return Architecture(name, [28, 28, 1]) { (classes, shape) throws(NetworkError) in
      try network(hidden: widths, classes: classes, inputShape: shape)
    }
  }

  /// A network with hidden layers of given widths.
  ///
  /// - Throws: ``NetworkError`` if the sizes do not fit.
  public static func network(
    hidden: [Int], classes: Int, inputShape: Shape
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(shape: inputShape)
    var value = builder.add("flatten", FlattenLayer(), after: "input")
    var features = inputShape.elementCount
    for (index, width) in hidden.enumerated() {
      value = builder.add("fc\(index + 1)", LinearLayer(features, width), after: value)
      value = builder.add("relu\(index + 1)", ActivationLayer(.relu), after: value)
      features = width
    }
    value = builder.add("fc\(hidden.count + 1)", LinearLayer(features, classes), after: value)
    return try builder.network(name: "mlp", outputs: [value])
  }
}
