public import Networks

/// A method that moves no parameter: it chooses settings on the validation images instead.
///
/// The trainer runs no epoch for it; what it chooses in `choose(for:)` is kept with the run.
public protocol TrainingFreeMethod: Method {}

extension TrainingFreeMethod {
  /// False.
  public static var trains: Bool { false }

  /// Everything.
  public var freezing: Freezing { .everything(network) }

  /// Nothing asks for batches.
  public func trainingBatches() throws -> any BatchSource {
    preconditionFailure("\(Self.name) trains nothing")
  }

  /// Nothing takes a step.
  public func step(_ batch: TrainingBatch, _ pass: TrainingPass) throws -> Double {
    preconditionFailure("\(Self.name) trains nothing")
  }

  /// No metrics, as there are no epochs.
  public func validate(_ network: Network) throws -> ValidationMetrics { [:] }
}
