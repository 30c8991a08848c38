internal import Autodiff
package import Networks
package import Tensors

/// The parameters of a network under training and what moves them.
package struct TrainedParameters {
  /// The network, with the parameters it began with.
  package let network: Network
  /// Moves the parameters.
  package var optimizer: Optimizer
  /// The parameters and statistics as they are now, in the order of ``paths``.
  package private(set) var values: [Tensor<Float>]

  private let executor: NetworkExecutor
  private let frozenNodes: Set<String>
  /// For each parameter, its position among the optimizer's, if it is trained.
  private let trained: [Int?]

  package init(_ network: Network, freezing: Freezing, optimizer: OptimizerConfiguration) {
    self.network = network
    executor = NetworkExecutor(network)
    frozenNodes = freezing.nodes
    let specifications = network.specifications
    var parameters: [Optimizer.Parameter] = []
    var trained: [Int?] = []
    for path in executor.parameterPaths {
      guard let specification = specifications[path], !freezing.parameters.contains(path) else {
        trained.append(nil)
        continue
      }
      trained.append(parameters.count)
      parameters.append(
        Optimizer.Parameter(specification.shape, isWeight: specification.role == .weight))
    }
    self.trained = trained
    self.optimizer = Optimizer(optimizer, for: parameters)
    values = executor.parameterPaths.compactMap { network.parameters[$0] }
  }

  /// The paths of the parameters.
  package var paths: [String] { executor.parameterPaths }

  /// A run of the network with the parameters as they are now.
  ///
  /// It holds the parameters, so it has to be gone before they are updated in place.
  package func pass(epoch: Int, stage: Int = 0, seed: UInt64) -> TrainingPass {
    TrainingPass(
      executor,
      parameters: zip(values, trained).map { Variable($0, requiresGradient: $1 != nil) },
      frozenNodes: frozenNodes, epoch: epoch, stage: stage, seed: seed)
  }

  /// Moves the parameters that are trained, and takes over new statistics.
  ///
  /// - Parameter gradients: one for each parameter, `nil` for none.
  package mutating func update(
    _ gradients: [Tensor<Float>?], _ statistics: [(parameter: Int, value: Tensor<Float>)],
    learningRate: Double
  ) {
    optimizer.beginStep()
    for (index, gradient) in gradients.enumerated() {
      guard let position = trained[index], let gradient else { continue }
      optimizer.update(
        position, parameter: &values[index], gradient: gradient, learningRate: learningRate)
    }
    for (parameter, value) in statistics { values[parameter] = value }
  }

  /// The network with the parameters as they are now.
  package func currentNetwork() throws(NetworkError) -> Network {
    var current = network
    for (path, value) in zip(paths, values) { try current.setParameter(path, to: value) }
    return current
  }

  /// Takes over the parameters of a network of the same graph.
  package mutating func restore(_ saved: Network) {
    values = paths.compactMap { saved.parameters[$0] }
  }

  /// The first parameter or statistic that is not finite.
  package func notFinite() -> (path: String, norm: Double)? {
    for (path, value) in zip(paths, values) {
      let norm = GradientClipping.norm(of: [value])
      if !norm.isFinite { return (path, norm) }
    }
    return nil
  }
}
