package import Tensors

/// An answer of a network that holds a NaN or an infinity, of which nothing can be measured.
public struct NonFiniteAnswer: Error, Equatable, CustomStringConvertible {
  /// The data set, or the file of the image.
  public let dataset: String
  /// The number of the image in the data set; nil for one of a file.
  public let sample: Int?
  /// The number, as text.
  public let value: String

  /// Creates an error.
  public init(dataset: String, sample: Int?, value: String) {
    self.dataset = dataset
    self.sample = sample
    self.value = value
  }

  /// What is wrong, where, and what to look at.
  public var description: String {
    "the answer to \(sample.map { "image \($0) of " } ?? "")\(dataset) is \(value), no finite number: the network diverges on "
      + "it, as with the wrong input transform (network.input) or after training with too high a "
      + "learning rate"
  }

  /// Refuses answers of which one is not finite.
  ///
  /// - Parameters:
  ///   - answers: `[samples, …]`.
  ///   - samples: the numbers of the images; none for one of a file.
  package static func check(
    _ answers: Tensor<Float>, samples: [Int], of dataset: String
  ) throws(NonFiniteAnswer) {
    let found = answers.withUnsafeBufferPointer { values in
      values.firstIndex { !$0.isFinite }.map { (place: $0, value: values[$0]) }
    }
    guard let found else { return }
    let row = found.place / max(1, answers.count / max(1, samples.count))
    throw NonFiniteAnswer(
      dataset: dataset, sample: samples.isEmpty ? nil : row < samples.count ? samples[row] : row,
      value: found.value.isNaN ? "NaN" : "\(found.value)")
  }
}
