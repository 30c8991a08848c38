internal import Configurations
internal import Suggestions

/// The problems found so far while a recipe is decoded.
package final class DecodingLog {
  let root: RecipeNode
  package private(set) var problems: [RecipeProblem] = []

  package init(root: RecipeNode) { self.root = root }

  var count: Int { problems.count }

  func record(_ problem: RecipeProblem) { problems.append(problem) }

  /// Takes the problems back that were recorded since there were `count`.
  func takeBack(since count: Int) -> [RecipeProblem] {
    defer { problems.removeSubrange(count...) }
    return Array(problems[count...])
  }

  /// Whether something was wrong at a path or below it.
  func hasProblem(under path: RecipeKeyPath) -> Bool {
    problems.contains { $0.path.starts(with: path) }
  }
}

/// Thrown where a value is unusable and its problem is in the log.
struct ProblemRecorded: Error {}

/// Thrown where a value is unusable and whoever asked for it may still try something else; if
/// nobody does, its problems go to the log.
struct ProblemsFound: Error {
  let problems: [RecipeProblem]
}

// MARK: - Decoding one value

extension DecodingLog {
  /// Decodes a value; what is wrong with it is recorded.
  ///
  /// - Parameters:
  ///   - keyLocation: where to report what the value lacks.
  /// - Throws: `ProblemRecorded` if there is no value.
  func decode<Value: Decodable>(
    _ type: Value.Type, from node: RecipeNode, keyLocation: RecipeLocation,
    codingPath: [any CodingKey]
  ) throws -> Value {
    let path = RecipeKeyPath(codingPath)
    do {
      if let primitive = type as? any PrimitiveDecodable.Type {
        guard let value = try primitive.value(of: node, at: path) as? Value else {
          throw ProblemRecorded()
        }
        return value
      }
    } catch let found as ProblemsFound {
      found.problems.forEach(record)
      throw ProblemRecorded()
    }
    let decoder = NodeDecoder(
      node: node, keyLocation: keyLocation, codingPath: codingPath, log: self)
    let before = count
    do {
      let value = try Value(from: decoder)
      decoder.reportUnknownKeys(isComplete: true)
      validate(value, at: path, keyLocation: keyLocation)
      return value
    } catch {
      recordFailure(error, of: type, node: node, path: path, since: before)
      decoder.reportUnknownKeys(isComplete: false)
      throw ProblemRecorded()
    }
  }

  private func recordFailure<Value>(
    _ error: any Error, of type: Value.Type, node: RecipeNode, path: RecipeKeyPath,
    since before: Int
  ) {
    if let names = choices(of: type), count == before {
      record(
        RecipeProblem(
          "\(path.name) expects \(oneOf(names)), found \(node.summary)", at: node.location,
          path: path, suggestion: nearest(to: node, among: names)))
      return
    }
    switch error {
    case is ProblemRecorded: break
    case let found as ProblemsFound: found.problems.forEach(record)
    default:
      let (message, deeper) = explanation(of: error)
      let place = deeper.flatMap { $0.starts(with: path) ? $0 : nil } ?? path
      // An error that follows another one was most likely found in the stand-in for a value that
      // could not be read; one that names a key which is fine was not.
      if place == path ? count > before : hasProblem(under: place) { return }
      record(
        RecipeProblem(
          "\(place.name): \(message)", at: root.nearestLocation(of: place), path: place))
    }
  }

  private func explanation(of error: any Error) -> (message: String, path: RecipeKeyPath?) {
    guard let error = error as? DecodingError else { return ("\(error)", nil) }
    switch error {
    case .dataCorrupted(let context), .typeMismatch(_, let context):
      return (context.debugDescription, RecipeKeyPath(context.codingPath))
    case .valueNotFound(_, let context):
      return (context.debugDescription, RecipeKeyPath(context.codingPath))
    case .keyNotFound(let key, let context):
      return (
        "the key '\(key.stringValue)' is missing", RecipeKeyPath(context.codingPath)
      )
    @unknown default: return ("\(error)", nil)
    }
  }

  private func validate<Value>(
    _ value: Value, at path: RecipeKeyPath, keyLocation: RecipeLocation
  ) {
    guard let value = value as? any Validatable else { return }
    var report = ValidationReport()
    value.validate(&report)
    for finding in report.findings {
      let place = RecipeKeyPath(path.components + finding.keys.map { .key($0) })
      let involved =
        [place] + finding.dependencies.map { path.appending(.key($0)) }
      if involved.contains(where: hasProblem) { continue }
      let location =
        finding.keys.isEmpty ? keyLocation : root.nearestLocation(of: place)
      record(
        RecipeProblem(
          "\(place.name): \(finding.message)", at: location, path: place,
          suggestion: finding.suggestion))
    }
  }
}

// MARK: - Words

/// `a, b or c`, with quotes around each.
func oneOf(_ names: [String]) -> String {
  let quoted = names.map { "'\($0)'" }
  guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "nothing" }
  return quoted.dropLast().joined(separator: ", ") + " or " + last
}

/// The name nearest to the text of a scalar.
func nearest(to node: RecipeNode, among names: [String]) -> String? {
  guard case .scalar(let scalar) = node.content else { return nil }
  return NearestName.of(scalar.text, among: names)
}

/// The raw values of an enum that lists its cases; nil for any other type.
func choices(of type: Any.Type) -> [String]? {
  func names<Value: RawRepresentable & CaseIterable>(_: Value.Type) -> [String] {
    Value.allCases.map { "\($0.rawValue)" }
  }
  guard let type = type as? any (RawRepresentable & CaseIterable).Type else { return nil }
  return names(type)
}
