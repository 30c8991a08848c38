internal import Suggestions

/// The output of a network that answers a classification, and the meaning of its numbers, as far
/// as they are not to be recognized by the layers: the `network.outputs` node of a recipe.
public struct OutputChoice: Hashable, Codable, Sendable {
  /// The name of the output; unless given, the first one whose length is the number of classes, or
  /// else the first one.
  public var measured: String?
  /// The meaning of its numbers; recognized by the layers that compute it unless given.
  public var meaning: OutputMeaning?

  package enum CodingKeys: String, CodingKey, CaseIterable { case measured, meaning }

  /// Creates a choice.
  public init(measured: String? = nil, meaning: OutputMeaning? = nil) {
    self.measured = measured
    self.meaning = meaning
  }
}

/// Why no classes can be read from a network's outputs.
public enum OutputError: Error, Hashable, Sendable {
  /// The network has no output of this name.
  case unknownOutput(name: String, known: [String])
  /// The output is said to hold values that belong to no classes.
  case noClasses(output: String)
  /// A single number cannot be one of several probabilities that sum to one.
  case singleProbability(output: String)
}

extension OutputError: CustomStringConvertible {
  /// What is wrong, what was expected, and the nearest valid name.
  public var description: String {
    switch self {
    case .unknownOutput(let name, let known):
      "the network has no output '\(name)'"
        + (NearestName.of(name, among: known).map { " (did you mean '\($0)'?)" } ?? "")
        + "; its outputs are \(known.joined(separator: ", "))"
    case .noClasses(let output):
      "output \(output) is said to hold values that belong to no classes, expected logits, "
        + "probabilities or independent_probabilities"
    case .singleProbability(let output):
      "output \(output) is a single number, which is no distribution over classes; "
        + "if it is the probability of the second of two, its meaning is independent_probabilities"
    }
  }
}
