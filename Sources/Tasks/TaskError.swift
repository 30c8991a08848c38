internal import Suggestions
public import Tensors

/// Why tasks cannot be put on a network or a data set.
public enum TaskError: Error, Equatable, CustomStringConvertible {
  /// Two tasks share a name.
  case duplicateName(String)
  /// The data set has no annotation a task could learn from.
  case unknownAnnotation(task: String, annotation: String, dataset: String, known: [String])
  /// A task cannot be learnt from an annotation of another kind.
  case annotationKind(task: String, kind: String, annotation: String, found: String)
  /// A task cannot read a value of such a shape.
  case edgeShape(task: String, edge: String, expected: String, found: Shape)
  /// A detector would have no anchors, or far too many.
  case anchors(task: String)
  /// A task reads a value that the network does not have.
  case unknownEdge(task: String, edge: String, reason: String)
  /// A list names a task that is not there.
  case unknownTask(String, known: [String])
  /// Tasks take an output of probabilities for classes and for labels at once.
  case twoMeanings(output: String)
  /// No sample of a data set is annotated for a task.
  case nothingAnnotated(task: String, dataset: String)

  /// What is wrong, where, what was expected, and the nearest valid name.
  public var description: String {
    switch self {
    case .duplicateName(let name): "two tasks are called '\(name)'"
    case .unknownAnnotation(let task, let annotation, let dataset, let known):
      "task '\(task)' learns from '\(annotation)', which \(dataset) does not annotate"
        + Self.hint(annotation, known)
    case .annotationKind(let task, let kind, let annotation, let found):
      "task '\(task)' of kind \(kind) cannot learn from '\(annotation)', which has \(found)"
    case .edgeShape(let task, let edge, let expected, let found):
      "task '\(task)' reads '\(edge)' of shape \(found), expected \(expected)"
    case .anchors(let task):
      "task '\(task)': expected one anchor to 16,777,216 on its feature maps; see its octaves and "
        + "ratios, and what it reads"
    case .unknownEdge(let task, let edge, let reason):
      "task '\(task)' reads '\(edge)': \(reason)"
    case .unknownTask(let name, let known):
      "there is no task '\(name)'" + Self.hint(name, known)
    case .twoMeanings(let output):
      "the network's output '\(output)' holds independent probabilities, of which one task makes classes and "
        + "another labels: give one of them a head of its own"
    case .nothingAnnotated(let task, let dataset):
      "no sample of \(dataset) is annotated for task '\(task)'"
    }
  }

  private static func hint(_ name: String, _ known: [String]) -> String {
    if let nearest = NearestName.of(name, among: known) {
      return " (did you mean '\(nearest)'?)"
    }
    return known.isEmpty ? "" : "; there are \(known.joined(separator: ", "))"
  }
}
