/// The labels of one task: what is asked of every sample, and its classes.
public struct LabelSet: Hashable, Sendable {
  /// The name of the task, such as `object_hue`.
  public let name: String
  /// The names of the classes.
  public let classNames: [String]
  /// The label of every sample, an index into ``classNames``.
  public let labels: [Int32]

  /// Creates a label set.
  ///
  /// - Precondition: every label is an index into `classNames`.
  public init(name: String, classNames: [String], labels: [Int32]) {
    precondition(
      labels.allSatisfy { $0 >= 0 && Int($0) < classNames.count }, "LabelSet \(name): label range")
    self.name = name
    self.classNames = classNames
    self.labels = labels
  }

  /// The labels of the samples at some indices.
  func subset(_ indices: [Int]) -> LabelSet {
    LabelSet(name: name, classNames: classNames, labels: indices.map { labels[$0] })
  }
}
