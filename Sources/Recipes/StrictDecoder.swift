internal import Suggestions

/// Decodes the sections of a recipe and collects everything that is wrong with any of them.
///
/// Unknown and missing keys, values of the wrong type or out of range, unknown names, errors
/// thrown by a type's `init(from:)` and the findings of `Validatable` types are all recorded, each
/// with its position, and decoding goes on. ``finish(allowing:)`` throws them together.
///
/// What a type's `init(from:)` must know:
/// - Keys are matched exactly as its `CodingKeys` spell them. `CaseIterable` ones are known even
///   where the `init` ends early.
/// - In place of an unusable required value it gets a stand-in (0, `""`, `false`, the first case,
///   an empty list, or the type's `PlaceholderProviding` value); in place of an unusable value of
///   `decodeIfPresent` it gets nil. It must not stop the program on such a value; what it throws
///   about one is not reported.
/// - To accept several kinds of value, it tries them through `singleValueContainer()`, where
///   nothing is recorded unless the error leaves the `init`.
public final class StrictDecoder {
  private let document: RecipeDocument
  private let log: DecodingLog
  private let top: NodeDecoder
  private let keys: KeyedNodeContainer<SectionKey>

  /// Creates a decoder of a recipe.
  public init(_ document: RecipeDocument) {
    self.document = document
    log = DecodingLog(root: document.root)
    top = NodeDecoder(
      node: document.root, keyLocation: document.root.location, codingPath: [], log: log)
    // The document has made sure that its root is a mapping, which is all this could throw about;
    // it also marks the root's keys for checking.
    _ = try? top.container(keyedBy: SectionKey.self)
    keys = KeyedNodeContainer(decoder: top)
  }

  /// Decodes a whole recipe as one value.
  ///
  /// - Throws: `RecipeProblems` with everything that is wrong.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from document: RecipeDocument
  ) throws(RecipeProblems) -> Value {
    let log = DecodingLog(root: document.root)
    let value = try? log.decode(
      type, from: document.root, keyLocation: document.root.location, codingPath: [])
    guard let value, log.problems.isEmpty else { throw RecipeProblems(log.problems) }
    return value
  }

  /// Decodes a top-level key that must be there.
  ///
  /// - Returns: nil if it is missing or unusable, which is recorded.
  public func section<Value: Decodable>(_ key: String, as type: Value.Type) -> Value? {
    guard keys.contains(SectionKey(key)) else {
      log.record(
        RecipeProblem(
          "the recipe lacks the key '\(key)'", at: document.root.location,
          path: RecipeKeyPath(keys: [key])))
      return nil
    }
    return decode(key, as: type)
  }

  /// Decodes a top-level key that may be absent.
  ///
  /// - Returns: nil if it is absent, has no value, or is unusable, which is recorded.
  public func sectionIfPresent<Value: Decodable>(_ key: String, as type: Value.Type) -> Value? {
    guard let value = top.entry(key)?.value, !value.isNull else { return nil }
    return decode(key, as: type)
  }

  /// Decodes a top-level key that may be absent, which means a mapping without entries: the type's
  /// own defaults apply, and what it requires is reported as missing.
  ///
  /// - Returns: nil if it is unusable, which is recorded.
  public func sectionOrDefault<Value: Decodable>(_ key: String, as type: Value.Type) -> Value? {
    decode(key, as: type)
  }

  private func decode<Value: Decodable>(_ key: String, as type: Value.Type) -> Value? {
    let entry = top.entry(key)
    let location = entry?.keyLocation ?? document.root.location
    return try? log.decode(
      type, from: entry?.value ?? RecipeNode(content: .mapping([]), location: location),
      keyLocation: location, codingPath: [SectionKey(key)])
  }

  /// Decodes the section that another key names: `method: salt` chooses the type of `salt:`.
  ///
  /// A section that is absent means a mapping without entries. Sections that are named like other
  /// choices are reported as unused.
  ///
  /// - Parameters:
  ///   - key: the top-level key whose value is one of the names.
  ///   - types: the type that decodes the section of each name.
  /// - Returns: the name and the decoded section; nil if either is unusable, which is recorded.
  public func chosenSection(
    by key: String, from types: [String: any Decodable.Type]
  ) -> (name: String, value: any Decodable)? {
    let names = types.keys.sorted()
    guard let name = section(key, as: String.self) else {
      names.forEach { _ = top.entry($0, isListed: false) }
      return nil
    }
    guard let type = types[name] else {
      names.forEach { _ = top.entry($0, isListed: false) }
      if let node = top.entry(key)?.value {
        log.record(
          RecipeProblem(
            "'\(key)' expects \(oneOf(names)), found \(node.summary)", at: node.location,
            path: RecipeKeyPath(keys: [key]), suggestion: NearestName.of(name, among: names)))
      }
      return nil
    }
    for other in names where other != name {
      guard let entry = top.entry(other, isListed: false) else { continue }
      log.record(
        RecipeProblem(
          "'\(other)' is not used, since '\(key)' is '\(name)'", at: entry.keyLocation,
          path: RecipeKeyPath(keys: [other])))
    }
    guard let value: any Decodable = decode(name, as: type) else { return nil }
    return (name, value)
  }

  /// Records that something is wrong with what a path of keys leads to, such as a file that does
  /// not exist; dropped if it could not be read in the first place.
  public func report(_ message: String, at keys: [String], suggestion: String? = nil) {
    let path = RecipeKeyPath(keys: keys)
    guard !log.hasProblem(under: path) else { return }
    log.record(
      RecipeProblem(
        "\(path.name): \(message)", at: document.root.nearestLocation(of: path), path: path,
        suggestion: suggestion))
  }

  /// Ends decoding.
  ///
  /// - Parameter known: top-level keys that are allowed though nothing has asked for them.
  /// - Throws: `RecipeProblems` with everything that is wrong, if anything is.
  public func finish(allowing known: [String] = []) throws(RecipeProblems) {
    top.reportUnknownKeys(isComplete: true, alsoKnown: known)
    guard log.problems.isEmpty else { throw RecipeProblems(log.problems) }
  }
}

/// A top-level key.
private struct SectionKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ key: String) { stringValue = key }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { return nil }
}
