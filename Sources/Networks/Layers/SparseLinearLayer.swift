public import Autodiff
public import Tensors

/// An affine map of the last axis in which each output reads some inputs only, optionally with a bias
/// and a fused activation.
public struct SparseLinearLayer: ActivatedLayer {
  /// `sparse_linear`.
  public static let kind = "sparse_linear"

  /// Which inputs each output reads.
  public var connections: SparseConnections
  /// Whether there is a bias.
  public var hasBias: Bool
  /// Applied to the output, after the bias.
  public var activation: Activation?

  /// Creates a layer.
  public init(
    _ connections: SparseConnections, hasBias: Bool = true, activation: Activation? = nil
  ) {
    self.connections = connections
    self.hasBias = hasBias
    self.activation = activation
  }

  private var meanDegree: Int {
    max(1, connections.pattern.entryCount / max(connections.outputs, 1))
  }

  /// `weight` `[entries]`, by output and by input within one, and `bias` `[outputs]`.
  public var parameters: [ParameterSpecification] {
    let weight = ParameterSpecification(
      "weight", [connections.pattern.entryCount], .weight, .heNormal(fan: meanDegree))
    let bias = ParameterSpecification(
      "bias", [connections.outputs], .offset, .uniform(fan: meanDegree))
    return hasBias ? [weight, bias] : [weight]
  }

  /// What is stored of the pattern.
  public var structureBytes: Int { connections.storedBytes }

  /// The input's shape with the outputs as its last axis.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    var shape = inputs[0]
    guard shape.rank >= 1, shape[-1] == connections.inputs else {
      throw .shape(expected: "\(connections.inputs) features", found: inputs)
    }
    shape[-1] = connections.outputs
    return shape
  }

  /// One for each entry, and sample of the other axes.
  public func multiplyAccumulates(inputs: [Shape], output: Shape) -> Int {
    output.elementCount / max(connections.outputs, 1) * connections.pattern.entryCount
  }

  /// Multiplies and adds.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let value = Variable.apply(SparseLinear(connections.pattern), inputs + parameters)
    return activation.map { Variable.apply(Activate($0), [value]) } ?? value
  }
}

extension SparseLinearLayer {
  /// The same function with every entry of the matrix, zero where there was none.
  package var dense: LinearLayer {
    LinearLayer(
      connections.inputs, connections.outputs, hasBias: hasBias, activation: activation)
  }

  /// The dense layer's parameters.
  package func denseParameters(_ parameters: [Tensor<Float>]) -> [Tensor<Float>] {
    [connections.pattern.dense(parameters[0])] + parameters.dropFirst()
  }
}
