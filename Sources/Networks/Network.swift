public import Tensors

/// A neural network as a value: named layers, the values they read, and their parameters.
///
/// Everything the toolkit does with a network (cut, freeze, fold, count, train, export) is a
/// function of this value. Shapes are per sample, channels last.
public struct Network: Sendable {
  /// A value the network is given.
  public struct Input: Hashable, Codable, Sendable {
    /// The name nodes refer to it by.
    public var name: String
    /// The shape of one sample.
    public var shape: Shape

    /// Creates an input.
    public init(_ name: String, _ shape: Shape) {
      self.name = name
      self.shape = shape
    }
  }

  /// What the network is called, such as `resnet20`.
  public var name: String

  /// The values the network is given.
  public private(set) var inputs: [Input]

  /// The layers, each after all it reads.
  public private(set) var nodes: [Node]

  /// The nodes (or inputs) whose values are the network's results.
  public private(set) var outputs: [String]

  /// The parameters and statistics by path, such as `layer1.0.conv1.weight`.
  public private(set) var parameters: [String: Tensor<Float>]

  /// The shape of every value for one sample, by the name of the input or node.
  public let shapes: [String: Shape]

  /// Creates a network and checks it.
  ///
  /// - Parameter parameters: a tensor for every parameter path of the nodes, and no other; `nil`
  ///   for zeros, to be set by ``initializeParameters(seed:)`` or a checkpoint.
  /// - Throws: ``NetworkError`` if names repeat or are unknown, if a node precedes what it reads,
  ///   if shapes do not fit, or if parameters are missing, left over or of another shape.
  public init(
    name: String, inputs: [Input], nodes: [Node], outputs: [String],
    parameters: [String: Tensor<Float>]? = nil
  ) throws(NetworkError) {
    self.name = name
    self.inputs = inputs
    self.nodes = nodes
    self.outputs = outputs
    shapes = try Network.inferShapes(inputs: inputs, nodes: nodes, outputs: outputs)
    let specifications = Network.specifications(of: nodes)
    if let parameters {
      try Network.check(parameters, against: specifications)
      self.parameters = parameters
    } else {
      self.parameters = specifications.mapValues { Tensor($0.shape, repeating: 0) }
    }
  }

  /// What every parameter path has to hold.
  public var specifications: [String: ParameterSpecification] {
    Network.specifications(of: nodes)
  }

  /// The parameter paths in the order of the nodes.
  public var parameterPaths: [String] { nodes.flatMap(\.parameterPaths) }

  /// How many numbers the parameters hold, statistics included.
  public var parameterCount: Int { parameters.values.reduce(0) { $0 + $1.count } }

  /// The shape of the first output for one sample.
  public var outputShape: Shape { shapes[outputs[0]] ?? [] }

  /// The node of a name.
  public func node(named name: String) -> Node? { nodes.first { $0.name == name } }

  /// Sets all parameters to their layers' beginnings, the same for the same seed.
  public mutating func initializeParameters(seed: UInt64) {
    for node in nodes {
      for specification in node.layer.parameters {
        let path = "\(node.name).\(specification.name)"
        var random = RandomSource(seed: seed, purpose: path)
        parameters[path] = specification.initializer.tensor(specification.shape, using: &random)
      }
    }
  }

  /// Replaces one parameter.
  ///
  /// - Throws: ``NetworkError`` if the path is unknown or the shape is another.
  public mutating func setParameter(
    _ path: String, to value: Tensor<Float>
  ) throws(NetworkError) {
    guard let current = parameters[path] else {
      throw .unknownParameter(path: path, known: parameters.keys.sorted())
    }
    guard current.shape == value.shape else {
      throw .parameterShape(path: path, expected: current.shape, found: value.shape)
    }
    parameters[path] = value
  }

  /// Replaces several parameters; those not named keep their values.
  ///
  /// - Throws: ``NetworkError`` if a path is unknown or a shape is another.
  public mutating func setParameters(
    _ values: [String: Tensor<Float>]
  ) throws(NetworkError) {
    for (path, value) in values { try setParameter(path, to: value) }
  }

  /// Changes one parameter in place, without copying it.
  package mutating func updateParameter(_ path: String, _ body: (inout Tensor<Float>) -> Void) {
    guard var value = parameters.removeValue(forKey: path) else { return }
    body(&value)
    parameters[path] = value
  }

  private static func specifications(of nodes: [Node]) -> [String: ParameterSpecification] {
    var result: [String: ParameterSpecification] = [:]
    for node in nodes {
      for specification in node.layer.parameters {
        result["\(node.name).\(specification.name)"] = specification
      }
    }
    return result
  }

  private static func check(
    _ parameters: [String: Tensor<Float>], against specifications: [String: ParameterSpecification]
  ) throws(NetworkError) {
    for (path, specification) in specifications.sorted(by: { $0.key < $1.key }) {
      guard let value = parameters[path] else {
        throw .missingParameter(path: path, shape: specification.shape)
      }
      guard value.shape == specification.shape else {
        throw .parameterShape(path: path, expected: specification.shape, found: value.shape)
      }
    }
    for path in parameters.keys.sorted() where specifications[path] == nil {
      throw .unknownParameter(path: path, known: specifications.keys.sorted())
    }
  }

  private static func inferShapes(
    inputs: [Input], nodes: [Node], outputs: [String]
  ) throws(NetworkError) -> [String: Shape] {
    var shapes: [String: Shape] = [:]
    for input in inputs {
      guard shapes.updateValue(input.shape, forKey: input.name) == nil else {
        throw .duplicateName(input.name)
      }
    }
    for node in nodes {
      var inputShapes: [Shape] = []
      for name in node.inputs {
        guard let shape = shapes[name] else {
          throw .unknownValue(name: name, reader: node.name, known: shapes.keys.sorted())
        }
        inputShapes.append(shape)
      }
      do {
        guard node.layer.inputCount.contains(inputShapes.count) else {
          throw LayerError.inputCount(
            expected: node.layer.inputCount, found: inputShapes.count)
        }
        let shape = try node.layer.outputShape(inputShapes)
        guard shapes.updateValue(shape, forKey: node.name) == nil else {
          throw NetworkError.duplicateName(node.name)
        }
      } catch let error as LayerError {
        throw .layer(node: node.name, kind: node.kind, error)
      } catch let error as NetworkError {
        throw error
      } catch {
        throw .layer(
          node: node.name, kind: node.kind, .shape(expected: "\(error)", found: inputShapes))
      }
    }
    guard !outputs.isEmpty else { throw .noOutputs }
    for output in outputs where shapes[output] == nil {
      throw .unknownValue(name: output, reader: "the outputs", known: shapes.keys.sorted())
    }
    return shapes
  }
}

extension Network: Equatable {
  /// Whether graphs and all parameters are equal.
  public static func == (left: Network, right: Network) -> Bool {
    left.name == right.name && left.inputs == right.inputs && left.nodes == right.nodes
      && left.outputs == right.outputs && left.parameters == right.parameters
  }
}

/// A network without its parameters, as it is written to files.
public struct NetworkGraph: Codable, Equatable, Sendable {
  /// What the network is called.
  public var name: String
  /// The values the network is given.
  public var inputs: [Network.Input]
  /// The layers, each after all it reads.
  public var nodes: [Node]
  /// The nodes whose values are the results.
  public var outputs: [String]
}

extension Network {
  /// The network without its parameters.
  public var graph: NetworkGraph {
    NetworkGraph(name: name, inputs: inputs, nodes: nodes, outputs: outputs)
  }

  /// Creates a network from a graph and its parameters.
  ///
  /// - Throws: ``NetworkError`` as ``init(name:inputs:nodes:outputs:parameters:)``.
  public init(
    _ graph: NetworkGraph, parameters: [String: Tensor<Float>]? = nil
  ) throws(NetworkError) {
    try self.init(
      name: graph.name, inputs: graph.inputs, nodes: graph.nodes, outputs: graph.outputs,
      parameters: parameters)
  }
}
