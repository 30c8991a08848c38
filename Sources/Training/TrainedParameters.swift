package import Autodiff
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
  /// For each parameter that a run takes, its position among all.
  private let positions: [Int]

  /// Creates the parameters of a network as it is.
  ///
  /// - Parameter outputs: the values that a run computes, all outputs if nil; what they do not need
  ///   is neither run nor trained.
  /// - Throws: `NetworkError` for a value that does not exist.
  package init(
    _ network: Network, freezing: Freezing, optimizer: OptimizerConfiguration,
    outputs: [String]? = nil
  ) throws(NetworkError) {
    self.network = network
    paths = network.parameterPaths
    executor = NetworkExecutor(try outputs.map(network.with(outputs:)) ?? network)
    let places = Dictionary(uniqueKeysWithValues: paths.enumerated().map { ($1, $0) })
    positions = executor.parameterPaths.compactMap { places[$0] }
    frozenNodes = freezing.nodes
    let specifications = network.specifications
    let isRun = Set(executor.parameterPaths)
    var parameters: [Optimizer.Parameter] = []
    var trained: [Int?] = []
    for path in paths {
      guard let specification = specifications[path], !freezing.parameters.contains(path),
        isRun.contains(path)
      else {
        trained.append(nil)
        continue
      }
      trained.append(parameters.count)
      parameters.append(
        Optimizer.Parameter(specification.shape, isWeight: specification.role == .weight))
    }
    self.trained = trained
    self.optimizer = Optimizer(optimizer, for: parameters)
    values = paths.compactMap { network.parameters[$0] }
  }

  /// The paths of the parameters.
  package let paths: [String]

  /// A run of the network with the parameters as they are now.
  ///
  /// It holds the parameters, so it has to be gone before they are updated in place.
  ///
  /// - Parameters:
  ///   - reduction: the rest of the batch, if its statistics are wanted and other processes have it.
  ///   - received: is given every gradient as soon as it is there, and its parameter among those of a
  ///     run.
  package func pass(
    epoch: Int, stage: Int = 0, seed: UInt64, isWatched: Bool = false,
    reduction: (any BatchReduction)? = nil, received: ((Int, Tensor<Float>) -> Void)? = nil
  ) -> TrainingPass {
    let parameters = positions.enumerated().map { place, position in
      Variable(
        values[position], requiresGradient: trained[position] != nil,
        received: received.map { received in { received(place, $0) } })
    }
    return TrainingPass(
      executor, parameters: parameters, frozenNodes: frozenNodes, epoch: epoch, stage: stage,
      seed: seed, isWatched: isWatched, reduction: reduction)
  }

  /// The shapes of a run's gradients, by parameter of a run; nil for those that have none.
  package var gradientShapes: [Shape?] {
    positions.map { trained[$0] != nil ? values[$0].shape : nil }
  }

  /// Makes statistics the means of those that several processes have, and checks that they have the same
  /// parameters; whether they do.
  package mutating func agree(_ processes: any ProcessGroup) -> Bool {
    guard processes.count > 1 else { return true }
    var check: UInt32 = 0
    for (index, path) in paths.enumerated() {
      if network.specifications[path]?.role == .statistic {
        let sums = processes.sum(values[index].scalars.map(Double.init))
        let count = Double(processes.count)
        values[index] = Tensor(values[index].shape, sums.map { Float($0 / count) })
      } else {
        for scalar in values[index].scalars { check = check &* 31 &+ scalar.bitPattern }
      }
    }
    let isMean = processes.sum([Double(check)])[0] == Double(processes.count) * Double(check)
    // All say the same of it, as all have to end or go on.
    return processes.sum([isMean ? 0 : 1])[0] == 0
  }

  /// Moves the parameters that are trained, and takes over new statistics.
  ///
  /// - Parameters:
  ///   - gradients: one for each parameter of a run, `nil` for none.
  ///   - statistics: by the position among the parameters of a run.
  package mutating func update(
    _ gradients: [Tensor<Float>?], _ statistics: [(parameter: Int, value: Tensor<Float>)],
    learningRate: Double
  ) {
    optimizer.beginStep()
    for (place, gradient) in gradients.enumerated() {
      let index = positions[place]
      guard let position = trained[index], let gradient else { continue }
      optimizer.update(
        position, parameter: &values[index], gradient: gradient, learningRate: learningRate)
    }
    for (parameter, value) in statistics { values[positions[parameter]] = value }
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
