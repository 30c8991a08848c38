/// Figures of a trained subject on one or several data sets.
public struct RunEvaluation: Codable, Sendable {
  /// The data that something was trained on.
  public struct TrainedOn: Codable, Sendable {
    /// The name of the data set and of its part, the number of images and a digest, if they are known.
    public var dataset: String?
    /// The classes that the network answers with, in the order of its logits.
    public var classes: [String]
    /// The classes of the user whose images these were, if it was one.
    public var userClasses: [String]?

    /// Creates the facts.
    public init(dataset: String?, classes: [String], userClasses: [String]?) {
      self.dataset = dataset
      self.classes = classes
      self.userClasses = userClasses
    }

    private enum CodingKeys: String, CodingKey {
      case dataset, classes
      case userClasses = "user_classes"
    }
  }

  /// The data that it was measured on.
  public struct MeasuredOn: Codable, Sendable {
    /// The name of the data set and of its part.
    public var dataset: String
    /// The path of its files, if it was given.
    public var path: String?
    /// The part of it.
    public var part: MeasuredPart
    /// The number of images.
    public var samples: Int
    /// Indicates whether it is what was trained on, with the same settings.
    public var isOwn: Bool
    /// Indicates whether the classes, or the annotations of the tasks, are known.
    public var isLabelled: Bool
    /// The classes of its user, if it is one's.
    public var userClasses: [String]?
    /// Remarks on how its classes were matched to those of the network, and on what else a
    /// person should know of it.
    public var remarks: [String]

    /// Creates the facts.
    public init(
      dataset: String, path: String?, part: MeasuredPart, samples: Int, isOwn: Bool,
      isLabelled: Bool, userClasses: [String]?, remarks: [String]
    ) {
      self.dataset = dataset
      self.path = path
      self.part = part
      self.samples = samples
      self.isOwn = isOwn
      self.isLabelled = isLabelled
      self.userClasses = userClasses
      self.remarks = remarks
    }

    private enum CodingKeys: String, CodingKey {
      case dataset, path, part, samples, remarks
      case isOwn = "is_own"
      case isLabelled = "is_labelled"
      case userClasses = "user_classes"
    }
  }

  /// Figures on one data set.
  public struct Row: Codable, Sendable {
    /// Name in tables, another for each row.
    public var name: String
    /// The data.
    public var measuredOn: MeasuredOn
    /// Quality and costs; nil without labels.
    public var report: EvaluationReport?
    /// Fidelity of the answers to those of the uncut network, where there are no labels.
    public var fidelity: FidelityReport?

    /// Creates a row.
    public init(
      name: String, measuredOn: MeasuredOn, report: EvaluationReport?, fidelity: FidelityReport?
    ) {
      self.name = name
      self.measuredOn = measuredOn
      self.report = report
      self.fidelity = fidelity
    }

    private enum CodingKeys: String, CodingKey {
      case name, report, fidelity
      case measuredOn = "measured_on"
    }
  }

  /// The folder of a run, or the files of a network.
  public var subject: String
  /// The data that it was trained on; nil if it does not say.
  public var trainedOn: TrainedOn?
  /// Each data set.
  public var rows: [Row]

  /// Creates a result.
  public init(subject: String, trainedOn: TrainedOn?, rows: [Row]) {
    self.subject = subject
    self.trainedOn = trainedOn
    self.rows = rows
  }

  private enum CodingKeys: String, CodingKey {
    case subject, rows
    case trainedOn = "trained_on"
  }
}
