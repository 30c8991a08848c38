internal import Tensors

/// What a layer or network costs for one sample.
public struct Cost: Hashable, Codable, Sendable {
  /// Multiply-accumulate operations of convolutions and matrix products.
  public var macs: Int
  /// Numbers in the parameters, statistics included.
  public var parameters: Int
  /// Bytes that say where parameters belong, such as the places of a sparse matrix's entries.
  public var structureBytes: Int

  /// Creates a cost.
  public init(macs: Int = 0, parameters: Int = 0, structureBytes: Int = 0) {
    self.macs = macs
    self.parameters = parameters
    self.structureBytes = structureBytes
  }

  /// The bytes of the parameters as 32-bit floats, and of where they belong.
  public var parameterBytes: Int { parameters * 4 + structureBytes }
}

extension Network {
  /// What one node costs for one sample.
  public func cost(of node: Node) -> Cost {
    Cost(
      macs: node.layer.multiplyAccumulates(
        inputs: node.inputs.map { shapes[$0] ?? [] }, output: shapes[node.name] ?? []),
      parameters: node.layer.parameters.reduce(0) { $0 + $1.shape.elementCount },
      structureBytes: node.layer.structureBytes)
  }

  /// What the whole network costs for one sample.
  public var cost: Cost {
    nodes.reduce(into: Cost()) { sum, node in
      let cost = cost(of: node)
      sum.macs += cost.macs
      sum.parameters += cost.parameters
      sum.structureBytes += cost.structureBytes
    }
  }
}
