public import Autodiff
public import Datasets
public import Networks
public import Tasks
public import Tensors

/// What a method that trains tasks does with a batch: the targets follow the changes of their
/// images, and the losses become one.
public struct TaskObjective: Sendable {
  /// The tasks.
  public let tasks: TaskSet

  /// The places of each task's answers among the outputs of the trained network.
  public let ranges: [Range<Int>]

  private let annotations: TaskAnnotations
  private let augmentation: Augmentation
  private let seed: UInt64

  /// Creates an objective.
  ///
  /// - Parameters:
  ///   - tasks: what is trained.
  ///   - network: the network the tasks were put on.
  ///   - dataset: the training images.
  ///   - augmentation: how they are changed.
  ///   - seed: what changes are drawn with, the batches' own.
  /// - Throws: `DatasetError` if it lacks an annotation, `TaskError.nothingAnnotated` if no sample
  ///   of it is annotated for a task.
  public init(
    _ tasks: TaskSet, on network: Network, dataset: ImageDataset, augmentation: Augmentation,
    seed: UInt64
  ) throws {
    self.tasks = tasks
    ranges = tasks.outputRanges(in: network)
    annotations = try tasks.annotations(of: dataset)
    self.augmentation = augmentation
    self.seed = seed
    for (task, count) in zip(tasks.tasks, annotations.knownCounts) where count == 0 {
      throw TaskError.nothingAnnotated(task: task.name, dataset: dataset.name)
    }
  }

  /// The joint loss of a batch; nil if none of its samples is annotated for any task.
  ///
  /// - Parameter outputs: those of the whole trained network, its own further outputs behind the
  ///   tasks'.
  public func loss(
    _ outputs: [Variable<Float>], samples: [Int], epoch: Int
  ) -> Variable<Float>? {
    let draws =
      augmentation == .none
      ? nil : samples.map { augmentation.draw(seed: seed, epoch: epoch, sample: $0) }
    let losses = tasks.losses(
      outputs, ranges, annotations.targets(samples: samples, draws: draws))
    return tasks.joint(losses, outputs: outputs)
  }
}
