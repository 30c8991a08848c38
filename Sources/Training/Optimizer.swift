public import Tensors

/// Moves parameters against their gradients and holds what it remembers about them.
///
/// A value: a copy is a snapshot. The semantics are PyTorch's; each parameter counts its own
/// updates, so one that gets no gradient in some steps is corrected for its own age.
///
/// ```swift
/// optimizer.beginStep()
/// for index in parameters.indices {
///   optimizer.update(
///     index, parameter: &parameters[index], gradient: gradients[index], learningRate: rate)
/// }
/// ```
public struct Optimizer: Sendable {
  /// What the optimizer must know of a parameter.
  public struct Parameter: Hashable, Sendable {
    /// The shape.
    public var shape: Shape

    /// Whether it is a weight, as opposed to a bias or a parameter of a normalisation.
    public var isWeight: Bool

    /// Creates a description.
    public init(_ shape: Shape, isWeight: Bool) {
      self.shape = shape
      self.isWeight = isWeight
    }
  }

  /// How parameters are moved.
  public let configuration: OptimizerConfiguration

  /// The parameters, in the order of their indices.
  public let parameters: [Parameter]

  /// How many steps have begun.
  public private(set) var stepCount = 0

  private var updateCounts: [Int]
  /// The momentum buffer, or Adam's first moment; empty without momentum.
  private var first: [Tensor<Float>]
  /// Adam's second moment; empty for gradient descent.
  private var second: [Tensor<Float>]

  /// Creates an optimizer that remembers nothing yet.
  public init(_ configuration: OptimizerConfiguration, for parameters: [Parameter]) {
    self.configuration = configuration
    self.parameters = parameters
    updateCounts = Array(repeating: 0, count: parameters.count)
    let names = configuration.rule.stateNames
    first = names.first == nil ? [] : parameters.map { Tensor($0.shape, repeating: 0) }
    second = names.second == nil ? [] : parameters.map { Tensor($0.shape, repeating: 0) }
  }

  /// Begins a step, in which each parameter is updated at most once.
  public mutating func beginStep() { stepCount += 1 }

  /// Moves one parameter in place; nothing is allocated.
  ///
  /// - Parameters:
  ///   - index: which of ``parameters`` it is.
  ///   - parameter: the values, of the shape given at creation.
  ///   - gradient: the gradient of the loss, of the same shape.
  ///   - learningRate: the rate of this step, as the schedule gives it.
  /// - Precondition: both shapes are the one given at creation.
  public mutating func update(
    _ index: Int, parameter: inout Tensor<Float>, gradient: Tensor<Float>, learningRate: Double
  ) {
    let shape = parameters[index].shape
    precondition(
      parameter.shape == shape && gradient.shape == shape,
      "Optimizer.update: parameter \(index) is \(shape), "
        + "got \(parameter.shape) and a gradient \(gradient.shape)")
    updateCounts[index] += 1
    let decays = parameters[index].isWeight || configuration.decaysBiases
    let weightDecay = decays ? configuration.weightDecay : 0
    switch configuration.rule {
    case .sgd(let momentum, let nesterov):
      let kernel = GradientDescentKernel(
        learningRate: learningRate, momentum: momentum, nesterov: nesterov,
        weightDecay: weightDecay)
      if momentum == 0 {
        kernel.update(&parameter, gradient: gradient)
      } else {
        kernel.update(&parameter, gradient: gradient, buffer: &first[index])
      }
    case .adam(let betas, let epsilon), .adamW(let betas, let epsilon):
      let kernel = AdaptiveMomentsKernel(
        learningRate: learningRate, betas: (betas.first, betas.second), epsilon: epsilon,
        weightDecay: weightDecay, decoupled: configuration.rule.name == .adamW)
      kernel.update(
        &parameter, gradient: gradient, first: &first[index], second: &second[index],
        steps: updateCounts[index])
    }
  }
}

extension OptimizerConfiguration.Rule {
  /// What the tensors that are remembered for each parameter are called.
  fileprivate var stateNames: (first: String?, second: String?) {
    switch self {
    case .sgd(let momentum, _): (momentum == 0 ? nil : "momentum", nil)
    case .adam, .adamW: ("first_moment", "second_moment")
    }
  }
}

// MARK: - Saving and restoring

extension Optimizer {
  /// Everything that is remembered besides ``stepCount``, by name.
  ///
  /// `momentum/<index>`, or `first_moment/<index>` and `second_moment/<index>`, each of the shape
  /// of its parameter; and `update_counts`, how often each parameter was updated, `[parameters]`.
  /// Counts are exact up to 2²⁴, where every bias correction has long been 1.
  public var state: [String: Tensor<Float>] {
    var state = [Self.countsName: Tensor([parameters.count], updateCounts.map(Float.init))]
    for (name, tensors) in named {
      for (index, tensor) in tensors.enumerated() { state["\(name)/\(index)"] = tensor }
    }
    return state
  }

  private static let countsName = "update_counts"

  private var named: [(String, [Tensor<Float>])] {
    let names = configuration.rule.stateNames
    return [(names.first, first), (names.second, second)].compactMap { name, tensors in
      name.map { ($0, tensors) }
    }
  }

  /// Continues from a state that ``state`` gave; the next updates equal those of the optimizer it
  /// was taken from, bit for bit.
  ///
  /// - Throws: `OptimizerStateError` for a tensor that is missing, unexpected or of another shape,
  ///   or a negative step count; nothing has changed then.
  public mutating func restore(
    _ state: [String: Tensor<Float>], stepCount: Int
  ) throws(OptimizerStateError) {
    guard stepCount >= 0 else { throw .count(stepCount) }
    var rest = state
    func take(_ name: String, _ shape: Shape) throws(OptimizerStateError) -> Tensor<Float> {
      guard let tensor = rest.removeValue(forKey: name) else { throw .missing(name) }
      guard tensor.shape == shape else {
        throw .shape(name, expected: shape, found: tensor.shape)
      }
      return tensor
    }
    var counts: [Int] = []
    for value in try take(Self.countsName, [parameters.count]).scalars {
      guard let count = Int(exactly: value), count >= 0 else { throw .updateCount(value) }
      counts.append(count)
    }
    var restored: [[Tensor<Float>]] = []
    for (name, _) in named {
      var tensors: [Tensor<Float>] = []
      for (index, parameter) in parameters.enumerated() {
        tensors.append(try take("\(name)/\(index)", parameter.shape))
      }
      restored.append(tensors)
    }
    if let name = rest.keys.min() { throw .unexpected(name) }
    self.stepCount = stepCount
    updateCounts = counts
    first = restored.first ?? []
    second = restored.count > 1 ? restored[1] : []
  }
}
