/// Why training ends before its end.
public enum TrainingError: Error, CustomStringConvertible {
  /// The loss or a gradient is not a number any more.
  case notFinite(
    what: String, value: Double, step: Int, epoch: Int, batch: Int, samples: [Int],
    lastGood: String?)
  /// Someone asked to stop; the state is saved.
  case interrupted(saved: String)
  /// A checkpoint of a run does not belong to this recipe.
  case incompatibleState(file: String, reason: String)
  /// The data set is not the one that a run was begun with.
  case otherData(file: String, differences: [String])
  /// A method keeps a state besides its parameters, of which several processes would each have their own.
  case notShared
  /// Processes that train together have come to different parameters.
  case processesDisagree(step: Int)
  /// Another process could not begin, and says why.
  case endedElsewhere
  /// The monitored metric is not among those of the method.
  case unknownMetric(name: String, known: [String])
  /// The monitored metric is not defined on the validation images, for a reason that may be known.
  case undefinedMetric(name: String, reason: String?, defined: [String])

  /// What happened, where, and what to do.
  public var description: String {
    switch self {
    case .notFinite(let what, let value, let step, let epoch, let batch, let samples, let good):
      let first =
        samples.prefix(4).map(String.init).joined(separator: ", ")
        + (samples.count > 4 ? ", … (\(samples.count))" : "")
      let saved =
        good.map { "the last good checkpoint is \($0)" } ?? "no checkpoint had been saved"
      return "\(what) became \(value) at step \(step) (epoch \(epoch), batch \(batch), samples "
        + "\(first)); \(saved). A lower learning rate or train.clip_norm may help"
    case .interrupted(let saved):
      return "interrupted; the state is saved in \(saved)"
    case .incompatibleState(let file, let reason):
      return "\(file) cannot be resumed: \(reason)"
    case .otherData(let file, let differences):
      return "\(file) cannot be resumed, as the data are others than it was trained with ("
        + differences.joined(separator: "; ")
        + "); restore them, train anew with another --output, or go on with --allow-changes"
    case .notShared:
      return "this method trains in one process: what it learns besides its parameters cannot be "
        + "shared"
    case .processesDisagree(let step):
      return "at step \(step) the processes have come to different parameters; "
        + "the last good checkpoint is untouched"
    case .endedElsewhere: return "another process could not begin"
    case .unknownMetric(let name, let known):
      return "the monitored metric '\(name)' is not measured; "
        + "expected one of \(known.sorted().joined(separator: ", "))"
    case .undefinedMetric(let name, let reason, let defined):
      return "train.monitor: \(name) is not defined on the validation images"
        + (reason.map { " (\($0))" } ?? "") + "; "
        + (defined.isEmpty
          ? "other validation images are needed"
          : "choose \(defined.joined(separator: " or ")), or other validation images")
    }
  }
}
