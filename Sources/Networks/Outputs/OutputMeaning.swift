internal import Autodiff
package import Tensors

/// Meaning of the numbers in an output of a network.
public enum OutputMeaning: String, CaseIterable, Codable, Hashable, Sendable {
  /// Logits of classes, of which a softmax makes probabilities.
  case logits
  /// Probabilities of classes that sum to one, as a softmax gives them.
  case probabilities
  /// Probabilities of classes each for itself, as a sigmoid gives them; a single one is that of the
  /// second of two classes.
  case independentProbabilities = "independent_probabilities"
  /// Values that belong to no classes, such as features or measured quantities.
  case values
}

extension OutputMeaning {
  /// Least probability whose logarithm is taken: that of the smallest normal number.
  private static let leastProbability = Double(Float.leastNormalMagnitude)

  /// The meaning in words, as in "the network gives probabilities".
  public var words: String {
    switch self {
    case .logits: "logits"
    case .probabilities: "probabilities"
    case .independentProbabilities: "independent probabilities"
    case .values: "values"
    }
  }

  /// The number of classes that a vector of a length tells apart.
  public func classCount(ofLength length: Int) -> Int {
    self == .independentProbabilities && length == 1 ? 2 : length
  }

  /// Logits with the same most probable class and the same cross-entropy as answers of this meaning.
  ///
  /// The cross-entropy of independent probabilities is that of their normalized values, as Keras
  /// has it.
  ///
  /// - Parameter answers: `[batch, length]`.
  /// - Returns: `[batch, classes]`.
  package func logits(of answers: Tensor<Float>) -> Tensor<Float> {
    switch self {
    case .logits, .values: return answers
    case .independentProbabilities where answers.shape[-1] == 1:
      let pairs = Tensor([answers.count, 2], answers.scalars.flatMap { [1 - $0, $0] })
      return OutputMeaning.logarithm(pairs)
    case .probabilities, .independentProbabilities: return OutputMeaning.logarithm(answers)
    }
  }

  private static func logarithm(_ probabilities: Tensor<Float>) -> Tensor<Float> {
    let bounded = Clamp(lower: leastProbability)
      .evaluate([probabilities], requiring: [false]).value
    return Logarithm().evaluate([bounded], requiring: [false]).value
  }
}
