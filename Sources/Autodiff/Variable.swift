public import Tensors

/// A tensor in a computation whose gradient can be taken.
///
/// Only values that a gradient flows through are connected: an operation on inputs that require
/// none yields a plain value. And only what the gradient needs is kept: the history of a value
/// holds the pullbacks with what they captured, and not the values in between.
public final class Variable<Scalar: TensorScalar> {
  /// The value.
  public let value: Tensor<Scalar>

  /// Where gradients arrive, `nil` if none is wanted.
  private let node: GradientNode<Scalar>?

  /// Whether ``backward(from:)`` computes a gradient for this variable.
  public var requiresGradient: Bool { node != nil }

  /// The gradient that backward passes have accumulated, for leaves that require one.
  public var gradient: Tensor<Scalar>? { node?.gradient }

  /// Creates a leaf.
  ///
  /// - Parameter received: is given what each backward pass adds to the gradient, as soon as all of that
  ///   is there and while the pass goes on.
  public init(
    _ value: Tensor<Scalar>, requiresGradient: Bool = false,
    received: ((Tensor<Scalar>) -> Void)? = nil
  ) {
    self.value = value
    node = requiresGradient ? GradientNode(value.shape, received: received) : nil
  }

  private init(_ value: Tensor<Scalar>, _ node: GradientNode<Scalar>) {
    self.value = value
    self.node = node
  }

  /// The shape of the value.
  public var shape: Shape { value.shape }

  /// The result of an operation on variables.
  public static func apply(_ operation: some Operation, _ inputs: [Variable]) -> Variable {
    applyWithAuxiliary(operation, inputs).result
  }

  /// The result of an operation on variables, and the values it computed on the way.
  public static func applyWithAuxiliary(
    _ operation: some Operation, _ inputs: [Variable]
  ) -> (result: Variable, auxiliary: [Tensor<Scalar>]) {
    let requiring = inputs.map { $0.requiresGradient }
    let evaluation = operation.evaluate(inputs.map { $0.value }, requiring: requiring)
    guard requiring.contains(true), let pullback = evaluation.pullback else {
      return (Variable(evaluation.value), evaluation.auxiliary)
    }
    let node = GradientNode(
      evaluation.value.shape, inputs: inputs.map { $0.node }, pullback: pullback)
    return (Variable(evaluation.value, node), evaluation.auxiliary)
  }

  /// The value without its history: no gradient flows back through it.
  public func detached() -> Variable { Variable(value) }

  /// Computes the gradients of all leaves that this value depends on and that require one, adding
  /// to what earlier passes left, and releases the history.
  ///
  /// - Parameter seed: the gradient of this value; ones if `nil`. Same shape as the value.
  public func backward(from seed: Tensor<Scalar>? = nil) {
    guard let node else { return }
    let seed = seed ?? Tensor(shape, repeating: 1)
    precondition(
      seed.shape == shape, "backward: a gradient of shape \(seed.shape) for a value \(shape)")
    node.backward(from: seed)
  }

  /// Forgets the accumulated gradient.
  public func clearGradient() { node?.gradient = nil }
}

/// A place in a computation that gradients flow through, without the value that was there.
private final class GradientNode<Scalar: TensorScalar> {
  /// The gradient that has been accumulated here, if this is a leaf.
  fileprivate(set) var gradient: Tensor<Scalar>?

  private let shape: Shape

  /// Is given what a pass adds, for a leaf that somebody waits for.
  private let received: ((Tensor<Scalar>) -> Void)?

  /// Where the value came from, and how to get back; `nil` for a leaf and after a backward pass.
  private var origin: Origin?

  /// One more than the largest depth among the inputs, so that a backward pass can order nodes.
  private let depth: Int

  private struct Origin {
    let inputs: [GradientNode?]
    let pullback: Pullback<Scalar>
  }

  /// Creates a leaf.
  init(_ shape: Shape, received: ((Tensor<Scalar>) -> Void)?) {
    self.shape = shape
    self.received = received
    depth = 0
  }

  /// Creates the result of an operation; inputs that no gradient is wanted for are `nil`.
  init(_ shape: Shape, inputs: [GradientNode?], pullback: @escaping Pullback<Scalar>) {
    self.shape = shape
    received = nil
    depth = 1 + (inputs.lazy.compactMap { $0?.depth }.max() ?? 0)
    origin = Origin(inputs: inputs, pullback: pullback)
  }

  func backward(from seed: Tensor<Scalar>) {
    var incoming: [ObjectIdentifier: Tensor<Scalar>] = [ObjectIdentifier(self): seed]
    let nodes = nodesByDescendingDepth()
    // How many more gradients may come to the leaves that are waited for.
    var awaited: [ObjectIdentifier: Int] = [:]
    for node in nodes {
      for case let input? in node.origin?.inputs ?? [] where input.received != nil {
        awaited[ObjectIdentifier(input), default: 0] += 1
      }
    }
    for node in nodes {
      let inputs = node.origin?.inputs ?? []
      guard let arrived = incoming.removeValue(forKey: ObjectIdentifier(node)) else {
        GradientNode.finish(inputs, &awaited, &incoming)
        continue
      }
      guard let origin = node.origin else {
        node.accumulate(arrived)
        continue
      }
      node.origin = nil
      for (input, gradient) in zip(origin.inputs, origin.pullback(arrived)) {
        guard let input, let gradient else { continue }
        precondition(
          gradient.shape == input.shape,
          "backward: a gradient of shape \(gradient.shape) for an input \(input.shape)")
        let key = ObjectIdentifier(input)
        if var sum = incoming.removeValue(forKey: key) {
          sum.add(gradient)
          incoming[key] = sum
        } else {
          incoming[key] = gradient
        }
      }
      GradientNode.finish(inputs, &awaited, &incoming)
    }
  }

  /// Gives leaves what they got, once the last node that gives them anything is done.
  private static func finish(
    _ inputs: [GradientNode?], _ awaited: inout [ObjectIdentifier: Int],
    _ incoming: inout [ObjectIdentifier: Tensor<Scalar>]
  ) {
    guard !awaited.isEmpty else { return }
    for case let input? in inputs where input.received != nil {
      let key = ObjectIdentifier(input)
      awaited[key, default: 0] -= 1
      guard awaited[key] == 0, let all = incoming.removeValue(forKey: key) else { continue }
      input.accumulate(all)
    }
  }

  private func accumulate(_ more: Tensor<Scalar>) {
    received?(more)
    if var sum = gradient {
      gradient = nil
      sum.add(more)
      gradient = sum
    } else {
      gradient = more
    }
  }

  /// Every node that a gradient reaches from here, each before its inputs.
  private func nodesByDescendingDepth() -> [GradientNode] {
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
    var found = [self]
    var next = 0
    while next < found.count {
      for case let input? in found[next].origin?.inputs ?? []
      where seen.insert(ObjectIdentifier(input)).inserted {
        found.append(input)
      }
      next += 1
    }
    return found.enumerated().sorted {
      ($1.element.depth, $0.offset) < ($0.element.depth, $1.offset)
    }.map { $0.element }
  }
}
