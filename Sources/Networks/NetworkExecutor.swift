public import Autodiff
public import Tensors

/// A network made ready to run: names resolved to positions once, values released after their
/// last use.
public struct NetworkExecutor: Sendable {
  /// How a pass treats batch statistics and dropout.
  public enum Mode: Sendable {
    /// Every layer uses its stored statistics and drops nothing.
    case evaluation
    /// As evaluation, and models of latents say how many bits these take.
    case measuringBits
    /// Layers behave as in training, except those named, which are frozen.
    ///
    /// `reduction` is the rest of the batch, if other processes hold it and its statistics are wanted.
    case training(
      seed: UInt64, frozenNodes: Set<String> = [], reduction: (any BatchReduction)? = nil)
  }

  /// What a pass yields.
  public struct Run<Scalar: TensorScalar> {
    /// The outputs, each `[batch] + shape`.
    public let outputs: [Variable<Scalar>]
    /// New values of statistics, by the position in ``NetworkExecutor/parameterPaths``.
    public let statistics: [(parameter: Int, value: Tensor<Scalar>)]
    /// The bits of all latents by the network's own models of them, `[batch]`, if it has any and
    /// the pass measures them.
    public let bits: Variable<Scalar>?
  }

  private struct Step: Sendable {
    let layer: any Layer
    let name: String
    let seedIndex: Int
    let inputs: [Int]
    let parameters: [Int]
    /// Values nobody reads after this step.
    let released: [Int]
    /// Where a frozen convolution keeps forms of its weight.
    let frozen: FrozenKernels?
  }

  /// The paths whose tensors ``run(_:parameters:mode:)`` takes, in order.
  public let parameterPaths: [String]

  private let inputCount: Int
  private let steps: [Step]
  private let outputs: [Int]

  /// Prepares a network.
  ///
  /// - Parameter isFrozen: whether every run is given the same parameters, so that what is made of
  ///   them may be kept.
  public init(_ network: Network, isFrozen: Bool = false) {
    var slots: [String: Int] = [:]
    for input in network.inputs { slots[input.name] = slots.count }
    for node in network.nodes { slots[node.name] = slots.count }
    let kept = Set(network.outputs)
    var lastReader: [String: Int] = [:]
    for (index, node) in network.nodes.enumerated() {
      for input in node.inputs { lastReader[input] = index }
    }
    parameterPaths = network.parameterPaths
    let parameterIndex = Dictionary(
      uniqueKeysWithValues: parameterPaths.enumerated().map { ($1, $0) })
    inputCount = network.inputs.count
    steps = network.nodes.enumerated().map { index, node in
      Step(
        layer: node.layer, name: node.name, seedIndex: index,
        inputs: node.inputs.compactMap { slots[$0] },
        parameters: node.parameterPaths.compactMap { parameterIndex[$0] },
        released: Set(node.inputs).filter { lastReader[$0] == index && !kept.contains($0) }
          .compactMap { slots[$0] },
        frozen: isFrozen && node.layer is ConvolutionLayer ? FrozenKernels() : nil)
    }
    outputs = network.outputs.compactMap { slots[$0] }
  }

  /// Runs a batch through the network.
  ///
  /// - Parameters:
  ///   - inputs: one `[batch] + shape` for each of the network's inputs.
  ///   - parameters: a tensor for each of ``parameterPaths``.
  ///   - mode: evaluation unless said otherwise.
  public func run<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>], mode: Mode = .evaluation
  ) -> Run<Scalar> {
    run(inputs, parameters: parameters, mode: mode) { _, _ in }
  }

  /// Runs a batch through the network and shows every node's value, as it is computed, to an
  /// observer.
  package func run<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>], mode: Mode = .evaluation,
    observer: (_ node: String, _ value: Tensor<Scalar>) -> Void
  ) -> Run<Scalar> {
    precondition(
      inputs.count == inputCount && parameters.count == parameterPaths.count,
      "network: \(inputs.count) inputs and \(parameters.count) parameters, "
        + "expected \(inputCount) and \(parameterPaths.count)")
    var values: [Variable<Scalar>?] = inputs
    values.reserveCapacity(inputs.count + steps.count)
    var statistics: [(parameter: Int, value: Tensor<Scalar>)] = []
    var bits: Variable<Scalar>?
    for step in steps {
      var context: LayerContext<Scalar>
      switch mode {
      case .evaluation: context = LayerContext(isTraining: false, seed: 0)
      case .measuringBits:
        context = LayerContext(isTraining: false, seed: 0, measuresBits: true)
      case .training(let seed, let frozen, let reduction):
        context = LayerContext(
          isTraining: !frozen.contains(step.name),
          seed: seed &+ UInt64(step.seedIndex) &* 0x9e37_79b9_7f4a_7c15)
        context.reduction = reduction
      }
      context.frozen = step.frozen
      let value = step.layer.evaluate(
        step.inputs.compactMap { values[$0] }, parameters: step.parameters.map { parameters[$0] },
        context: &context)
      values.append(value)
      observer(step.name, value.value)
      for (index, value) in context.statistics {
        statistics.append((step.parameters[index], value))
      }
      if let more = context.bits { bits = bits.map { $0 + more } ?? more }
      for slot in step.released { values[slot] = nil }
    }
    return Run(outputs: outputs.compactMap { values[$0] }, statistics: statistics, bits: bits)
  }
}

extension Network {
  /// The parameters as constants, in the order an executor takes them.
  public func constants<Scalar: TensorScalar>(_ type: Scalar.Type) -> [Variable<Scalar>] {
    parameterPaths.compactMap { path in
      parameters[path].map { value in
        Variable((value as? Tensor<Scalar>) ?? value.converted(to: Scalar.self))
      }
    }
  }

  /// The first output for a batch, in evaluation mode: `[batch] + input` to `[batch] + output`.
  ///
  /// - Precondition: the network has one input of that shape.
  public func predict(_ input: Tensor<Float>) -> Tensor<Float> {
    NetworkExecutor(self).run([Variable(input)], parameters: constants(Float.self))
      .outputs[0].value
  }
}
