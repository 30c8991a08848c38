public import Autodiff
package import Networks
public import Tensors

/// One run of the network under training, with the parameters of this step.
public final class TrainingPass {
  /// The epoch, counted from 0.
  public let epoch: Int

  /// The stage of training, counted from 0.
  public let stage: Int

  /// Random bits that belong to this step.
  public let seed: UInt64

  private let executor: NetworkExecutor
  private let frozenNodes: Set<String>
  private let reduction: (any BatchReduction)?
  package let parameters: [Variable<Float>]
  package private(set) var statistics: [(parameter: Int, value: Tensor<Float>)] = []

  package init(
    _ executor: NetworkExecutor, parameters: [Variable<Float>], frozenNodes: Set<String>,
    epoch: Int, stage: Int, seed: UInt64, isWatched: Bool = false,
    reduction: (any BatchReduction)? = nil
  ) {
    self.isWatched = isWatched
    self.reduction = reduction
    self.executor = executor
    self.parameters = parameters
    self.frozenNodes = frozenNodes
    self.epoch = epoch
    self.stage = stage
    self.seed = seed
  }

  /// Whether what is watched in this step is written to the run's event file.
  public let isWatched: Bool

  /// What was watched, by name.
  package private(set) var watched: [(name: String, values: Tensor<Float>)] = []

  /// Shows values of this step, such as a gradient at the cut, in the run's event file; costs nothing in
  /// steps that are not watched.
  ///
  /// - Parameter name: such as `cut/gradient`.
  public func watch(_ name: String, _ values: @autoclosure () -> Tensor<Float>) {
    if isWatched { watched.append((name, values())) }
  }

  /// The bits of the last batch's latents by the network's own models of them, `[batch]`; `nil` if
  /// it has none that are trained.
  public private(set) var bits: Variable<Float>?

  /// The gradients that have flowed back so far, one for each parameter, `nil` for none.
  package var gradients: [Tensor<Float>?] { parameters.map(\.gradient) }

  /// The parameters of a part of the network, in the order its executor takes them.
  ///
  /// Gradients that flow to them count as those of a run of the whole.
  package func variables(of part: NetworkExecutor) -> [Variable<Float>] {
    part.parameterPaths.compactMap { path in places[path].map { parameters[$0] } }
  }

  /// The parameter of a path; nil if there is none.
  package func variable(at path: String) -> Variable<Float>? {
    places[path].map { parameters[$0] }
  }

  /// Where each path is among the parameters.
  private lazy var places = Dictionary(
    uniqueKeysWithValues: executor.parameterPaths.enumerated().map { ($1, $0) })

  /// Runs a batch through the network in training mode; all its outputs.
  public func callAsFunction(_ inputs: Tensor<Float>...) -> [Variable<Float>] {
    let run = executor.run(
      inputs.map { Variable($0) }, parameters: parameters,
      mode: .training(seed: seed, frozenNodes: frozenNodes, reduction: reduction))
    statistics += run.statistics
    bits = run.bits
    return run.outputs
  }
}
