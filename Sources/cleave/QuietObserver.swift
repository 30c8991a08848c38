import Training

/// Shows nothing, in processes that leave that to the first.
struct QuietObserver: TrainingObserver {
  func progressed(_ task: String, unit: String, done: Int, of total: Int) {}

  func stepped(_ progress: StepProgress) { Interruption.savesFirst() }

  func finishedEpoch(_ record: EpochRecord) {}

  func noted(_ message: String) {}
}
