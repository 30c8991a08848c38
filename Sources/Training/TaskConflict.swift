/// How two tasks pull at the value they share: the cosine between the gradients of their losses
/// there, sample by sample.
///
/// Below 0 what makes one better makes the other worse: Yu and others 2020,
/// https://arxiv.org/abs/2001.06782, section 2.
public struct TaskConflict: Codable, Hashable, Sendable {
  /// One task.
  public var first: String
  /// The other.
  public var second: String
  /// The mean cosine over samples, −1 to 1.
  public var meanCosine: Double
  /// The share of samples with a cosine below 0.
  public var conflictingShare: Double
  /// Over how many samples.
  public var samples: Int

  /// Summarises cosines.
  ///
  /// - Precondition: there is one.
  public init(_ first: String, _ second: String, cosines: [Double]) {
    precondition(!cosines.isEmpty, "TaskConflict: no cosines")
    self.first = first
    self.second = second
    meanCosine = cosines.reduce(0, +) / Double(cosines.count)
    conflictingShare = Double(cosines.count { $0 < 0 }) / Double(cosines.count)
    samples = cosines.count
  }

  private enum CodingKeys: String, CodingKey {
    case first, second, samples
    case meanCosine = "mean_cosine"
    case conflictingShare = "conflicting_share"
  }
}
