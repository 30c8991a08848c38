internal import Suggestions
public import Tensors

/// Why a network cannot be built, cut or frozen as asked.
public enum NetworkError: Error, Equatable {
  /// Two inputs or nodes share a name.
  case duplicateName(String)
  /// A node or output refers to a value that does not exist before it.
  case unknownValue(name: String, reader: String, known: [String])
  /// A layer cannot take its inputs.
  case layer(node: String, kind: String, LayerError)
  /// There is nothing to compute.
  case noOutputs
  /// A parameter is not there.
  case missingParameter(path: String, shape: Shape)
  /// A parameter has another shape than its layer needs.
  case parameterShape(path: String, expected: Shape, found: Shape)
  /// A parameter belongs to no layer.
  case unknownParameter(path: String, known: [String])
  /// A file names a kind of layer that does not exist.
  case unknownLayerKind(node: String, kind: String, known: [String])
  /// A cut or an attachment names a node that does not exist.
  case unknownNode(name: String, known: [String])
  /// Values other than the one at the cut are needed on the far side.
  case invalidCut(name: String, crossing: [String], nearest: [String])
  /// A freezing pattern matches neither a node nor a parameter.
  case patternMatchesNothing(pattern: String, known: [String])
  /// Two parts do not fit together.
  case partsDoNotFit(expected: Shape, found: Shape)
  /// No architecture has this name.
  case unknownArchitecture(name: String, known: [String])
}

extension NetworkError: CustomStringConvertible {
  /// What is wrong, where, what was expected, and the nearest valid name.
  public var description: String {
    switch self {
    case .duplicateName(let name):
      return "two values of the network are called '\(name)'"
    case .unknownValue(let name, let reader, let known):
      return "\(reader) reads '\(name)', which is not computed before it"
        + suggestion(name, known)
    case .layer(let node, let kind, let error):
      return "layer \(node) (\(kind)) \(error)"
    case .noOutputs:
      return "the network has no outputs"
    case .missingParameter(let path, let shape):
      return "parameter \(path) (\(shape)) is missing"
    case .parameterShape(let path, let expected, let found):
      return "parameter \(path) has shape \(found), expected \(expected)"
    case .unknownParameter(let path, let known):
      return "parameter \(path) belongs to no layer" + suggestion(path, known)
    case .unknownLayerKind(let node, let kind, let known):
      return "node \(node) is of unknown kind '\(kind)'" + suggestion(kind, known)
    case .unknownNode(let name, let known):
      return "the network has no node '\(name)'" + suggestion(name, known)
    case .invalidCut(let name, let crossing, let nearest):
      let edges = crossing.joined(separator: ", ")
      let cuts = nearest.map { "'\($0)'" }.joined(separator: " and ")
      return "a cut at '\(name)' is crossed by \(edges)"
        + (nearest.isEmpty ? "" : "; the nearest valid cuts are \(cuts)")
    case .patternMatchesNothing(let pattern, let known):
      return "the pattern '\(pattern)' matches no node and no parameter"
        + suggestion(pattern, known)
    case .partsDoNotFit(let expected, let found):
      return "the parts do not fit: one takes \(expected), the other gives \(found)"
    case .unknownArchitecture(let name, let known):
      return "there is no architecture '\(name)'" + suggestion(name, known)
        + "; known are \(known.joined(separator: ", "))"
    }
  }

  private func suggestion(_ name: String, _ known: [String]) -> String {
    NearestName.of(name, among: known).map { " (did you mean '\($0)'?)" } ?? ""
  }
}
