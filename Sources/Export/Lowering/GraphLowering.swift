package import Networks
package import ONNXSchema
package import Tensors

/// An ONNX graph under construction: a network's nodes become operators, one layer after another.
package struct GraphLowering {
  /// The name of the batch axis, whose extent is known only at run time.
  package static let batchAxis = "batch"

  private(set) var graph = ONNXGraphProto()
  private var names: Set<String>

  /// Lowers a network.
  ///
  /// - Throws: ``ExportError/unsupportedLayer(node:kind:)``.
  package static func lower(_ network: Network) throws(ExportError) -> ONNXGraphProto {
    var lowering = GraphLowering(network)
    var values = Dictionary(uniqueKeysWithValues: network.inputs.map { ($0.name, $0.name) })
    for node in network.nodes {
      guard let layer = node.layer as? any ONNXLowerable else {
        throw .unsupportedLayer(node: node.name, kind: node.kind)
      }
      let site = LoweringSite(
        name: node.name, inputs: node.inputs.map { values[$0] ?? $0 },
        inputShapes: node.inputs.map { network.shapes[$0] ?? [] },
        outputShape: network.shapes[node.name] ?? [],
        parameters: node.parameterPaths.compactMap { network.parameters[$0] })
      values[node.name] = layer.lower(site, into: &lowering)
    }
    // An output that no operator computes, such as an identity's, still needs its name.
    for output in network.outputs {
      let value = values[output] ?? output
      if value != output { lowering.add("Identity", [value], output: output) }
    }
    return lowering.graph
  }

  private init(_ network: Network) {
    names = Set(network.inputs.map(\.name) + network.nodes.map(\.name))
    graph.name = network.name
    graph.input = network.inputs.map { GraphLowering.valueInfo($0.name, $0.shape) }
    graph.output = network.outputs.map {
      GraphLowering.valueInfo($0, network.shapes[$0] ?? [])
    }
  }

  private static func valueInfo(_ name: String, _ shape: Shape) -> ONNXValueInfoProto {
    var batch = ONNXTensorShapeProto.Dimension()
    batch.dimParam = batchAxis
    var info = ONNXValueInfoProto()
    info.name = name
    info.type.tensorType.elemType = Int32(ONNXTensorProto.DataType.float.rawValue)
    info.type.tensorType.shape.dim =
      [batch]
      + SampleLayout(shape).dimensions.map {
        var dimension = ONNXTensorShapeProto.Dimension()
        dimension.dimValue = Int64($0)
        return dimension
      }
    return info
  }

  /// Appends an operator with one output, which also names it.
  ///
  /// - Returns: the name of its output.
  @discardableResult
  package mutating func add(
    _ operation: String, _ inputs: [String], output: String,
    _ attributes: KeyValuePairs<String, ONNXAttribute> = [:]
  ) -> String {
    var node = ONNXNodeProto(operation, inputs, output: output, attributes)
    node.name = output
    graph.node.append(node)
    return output
  }

  /// Appends an operator inside a node.
  ///
  /// - Returns: the name of its output.
  package mutating func step(
    _ operation: String, _ inputs: [String], _ site: LoweringSite, _ part: String,
    _ attributes: KeyValuePairs<String, ONNXAttribute> = [:]
  ) -> String {
    add(operation, inputs, output: unique(site.inner(part)), attributes)
  }

  /// Appends an operator inside a node whose first output is of no use.
  ///
  /// - Returns: the name of its second output.
  package mutating func second(
    _ operation: String, _ inputs: [String], _ site: LoweringSite, _ part: String,
    _ attributes: KeyValuePairs<String, ONNXAttribute> = [:]
  ) -> String {
    let name = unique(site.inner(part))
    let second = unique(site.inner("\(part)_second"))
    var node = ONNXNodeProto(operation, inputs, output: name, attributes)
    node.name = name
    node.output.append(second)
    graph.node.append(node)
    return second
  }

  /// Says that the network takes one sample at a time.
  package mutating func fixBatch() {
    func fixed(_ value: ONNXValueInfoProto) -> ONNXValueInfoProto {
      var value = value
      if !value.type.tensorType.shape.dim.isEmpty {
        value.type.tensorType.shape.dim[0].dimValue = 1
      }
      return value
    }
    graph.input = graph.input.map(fixed)
    graph.output = graph.output.map(fixed)
  }

  /// A name like the one asked for that nothing else in the graph has.
  package mutating func unique(_ name: String) -> String {
    var candidate = name
    var count = 1
    while !names.insert(candidate).inserted {
      count += 1
      candidate = "\(name)#\(count)"
    }
    return candidate
  }

  /// Appends a constant of numbers.
  ///
  /// - Returns: its name.
  package mutating func constant(_ name: String, _ value: Tensor<Float>) -> String {
    let name = unique(name)
    graph.initializer.append(ONNXTensorProto(name, value))
    return name
  }

  /// Appends a constant of integers: a shape, axes, indices.
  ///
  /// - Returns: its name.
  package mutating func constant(_ name: String, _ integers: [Int]) -> String {
    let name = unique(name)
    graph.initializer.append(
      ONNXTensorProto(name, integers: integers.map(Int64.init), shape: [integers.count]))
    return name
  }
}
