public import Configurations
public import Networks
internal import Tensors

/// How the parameters of a new network begin, in place of what its layers say.
public struct ParameterBeginning: Hashable, Codable, Sendable {
  /// A distribution of weights.
  public enum Weights: String, Codable, CaseIterable, Sendable {
    /// Normal with variance 2 / fan-in.
    case heNormal = "he_normal"
    /// Uniform in ±1 / √fan-in, PyTorch's default for linear layers.
    case uniform
  }

  /// The distribution of weights; that of the layer unless given.
  public var weights: Weights?
  /// What biases are; those of the layer unless given.
  public var biases: Double?

  package enum CodingKeys: String, CodingKey, CaseIterable { case weights, biases }

  /// Sets the parameters of linear and convolutional layers, sparse or not.
  ///
  /// - Throws: `NetworkError`, which a network's own parameters do not give.
  func apply(to network: inout Network, seed: UInt64) throws(NetworkError) {
    for node in network.nodes {
      for specification in node.layer.parameters {
        let path = "\(node.name).\(specification.name)"
        switch (specification.role, specification.initializer) {
        case (.weight, .heNormal(let fan)), (.weight, .uniform(let fan)):
          guard let weights else { continue }
          var random = RandomSource(seed: seed, purpose: path)
          let initializer: Initializer =
            weights == .heNormal ? .heNormal(fan: fan) : .uniform(fan: fan)
          try network.setParameter(
            path, to: initializer.tensor(specification.shape, using: &random))
        case (.offset, .uniform):
          guard let biases else { continue }
          try network.setParameter(
            path, to: Tensor(specification.shape, repeating: Float(biases)))
        default: continue
        }
      }
    }
  }
}

extension ParameterBeginning: Validatable {
  /// Reports a bias that is no number.
  public func validate(_ report: inout ValidationReport) {
    if let biases, !biases.isFinite { report.add("expected a number", at: "biases") }
  }
}

extension SparsityRule: Validatable {
  /// Reports what is out of range or contradictory.
  public func validate(_ report: inout ValidationReport) {
    if (outDegree == nil) == (density == nil) {
      report.add("expected either out_degree or density", at: "layers")
    }
    if let outDegree { report.require(outDegree, isAtLeast: 1, at: "out_degree") }
    if let density, !(density > 0 && density <= 1) {
      report.add("expected a number above 0 up to 1, found \(density)", at: "density")
    }
    if let padInputs { report.require(padInputs, isAtLeast: 1, at: "pad_inputs") }
    if let memories { report.require(memories, isAtLeast: 1, at: "memories") }
    let isClashFree = (pattern ?? .structured).isClashFree
    if memories != nil, !isClashFree {
      report.add("goes with a clash-free pattern", at: "memories")
    }
    if dither == true, !isClashFree { report.add("goes with a clash-free pattern", at: "dither") }
  }
}
