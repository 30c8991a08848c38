internal import Boxes
internal import Datasets
internal import Foundation
internal import Tasks
internal import Tensors

/// The answers to one image.
public struct ImagePrediction: Codable, Sendable {
  /// A class and the probability that the network gives it.
  public struct ClassProbability: Codable, Sendable {
    /// The name of the class; `class` and its number if it has none.
    public let name: String
    /// The probability, 0 to 1.
    public let probability: Double
  }

  /// A number with a name: a value, or the share of the pixels that are of a class.
  public struct NamedValue: Codable, Sendable {
    /// The name.
    public let name: String
    /// The number.
    public let value: Double
  }

  /// An object.
  public struct Object: Codable, Sendable {
    /// The category, and how sure the answer is.
    public let text: String
    /// Left, top, width and height in pixels of the file's picture.
    public let box: [Double]
  }

  /// The answer to one task.
  public struct Answer: Codable, Sendable {
    /// The task; nil for a plain classifier.
    public var task: String?
    /// The most probable classes, best first.
    public var classes: [ClassProbability]?
    /// The classes that are there.
    public var labels: [String]?
    /// The values.
    public var values: [NamedValue]?
    /// The objects.
    public var objects: [Object]?
    /// The share of each class of a class map, the largest first.
    public var shares: [NamedValue]?
    /// The least, the median and the greatest distance.
    public var distances: [NamedValue]?
  }

  /// The file.
  public let image: String
  /// The bytes sent to the server; nil if nothing is cut.
  public var bytesSent: Int?
  /// Indicates whether the device has answered itself, if something is cut.
  public var isAnsweredByDevice: Bool?
  /// The answers, one a task.
  public var answers: [Answer]
  /// The reason why there are none.
  public var error: String?

  private enum CodingKeys: String, CodingKey {
    case image, answers, error
    case bytesSent = "bytes_sent"
    case isAnsweredByDevice = "is_answered_by_device"
  }
}

extension ImagePrediction.Answer {
  /// The answer of a classifier.
  ///
  /// - Parameters:
  ///   - logits: of one image.
  ///   - classNames: in the order of the logits.
  ///   - most: the most classes that are kept.
  ///   - areIndependent: whether each class has a probability of its own, whose logarithm its logit is.
  init(
    task: String?, logits: [Float], classNames: [String], most: Int, areIndependent: Bool = false
  ) {
    let largest = areIndependent ? 0 : Double(logits.max() ?? 0)
    let weights = logits.map { exp(Double($0) - largest) }
    let sum = areIndependent ? 1 : weights.reduce(0, +)
    self.init(task: task)
    classes = weights.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }.prefix(most).map {
      ImagePrediction.ClassProbability(
        name: classNames.indices.contains($0) ? classNames[$0] : "class \($0)",
        probability: weights[$0] / sum)
    }
  }

  /// The answer to a task.
  ///
  /// - Parameters:
  ///   - outputs: the deployed ones of a batch of one.
  ///   - placement: where the file's picture lies in what the network has taken.
  init(
    _ task: any LearningTask, _ outputs: [Tensor<Float>], most: Int, _ placement: ImagePlacement
  ) {
    switch task.kind {
    case .classification:
      self.init(
        task: task.name, logits: outputs[0].scalars, classNames: task.classNames, most: most)
      return
    case .regression:
      self.init(task: task.name)
      values = zip(task.classNames, outputs[0].scalars).map {
        ImagePrediction.NamedValue(name: $0, value: Double($1))
      }
      return
    case .multiLabel, .segmentation, .depth, .detection: self.init(task: task.name)
    }
    switch task.answer(outputs) {
    case .words(let words): labels = words
    case .places(let places):
      objects = places.map { place in
        let box = placement.original(of: place.box)
        return ImagePrediction.Object(
          text: place.text, box: [box.left, box.top, box.width, box.height].map(Double.init))
      }
    case .classMap(let map, _, _):
      shares = Dictionary(grouping: map) { $0 }.sorted {
        ($1.value.count, $0.key) < ($0.value.count, $1.key)
      }.map { category, pixels in
        ImagePrediction.NamedValue(
          name: task.classNames.indices.contains(Int(category))
            ? task.classNames[Int(category)] : "none",
          value: Double(pixels.count) / Double(map.count))
      }
    case .distances(let map, _, _):
      let sorted = map.sorted()
      guard let least = sorted.first, let greatest = sorted.last else { return }
      distances = [("least", least), ("median", sorted[sorted.count / 2]), ("greatest", greatest)]
        .map { ImagePrediction.NamedValue(name: $0, value: Double($1)) }
    }
  }

  /// The answer in one line.
  public var line: String {
    let parts: [String] =
      if let classes {
        classes.map { "\($0.name) \(Self.percent($0.probability))" }
      } else if let labels {
        labels.isEmpty ? ["none"] : labels
      } else if let objects {
        objects.isEmpty
          ? ["none"]
          : objects.map { object in
            "\(object.text) at \(object.box.map { Self.short($0) }.joined(separator: " "))"
          }
      } else if let shares {
        shares.map { "\($0.name) \(Self.percent($0.value))" }
      } else {
        (values ?? distances ?? []).map { "\($0.name) \(Self.short($0.value))" }
      }
    return parts.joined(separator: ", ")
  }

  private static func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }

  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
