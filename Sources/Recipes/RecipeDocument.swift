internal import Checkpoints
internal import Files
internal import Glibc

/// A recipe as it was written, with the overrides of the command line applied.
///
/// It knows where each value stands, so that whatever is found wrong with one can be reported as
/// `file:line:column: message`.
public struct RecipeDocument: Sendable {
  /// The name of the file, as it appears in messages.
  public let name: String

  package let root: RecipeNode

  /// Reads a recipe from a file.
  ///
  /// - Parameters:
  ///   - path: the file: UTF-8, at most 1 MiB.
  ///   - overrides: arguments of `--set`, such as `train.epochs=3` or `data.classes[0]=7`; values
  ///     are YAML, keys that do not exist are made.
  /// - Throws: `RecipeProblems` if the file cannot be read, is not YAML, repeats a key, is nested
  ///   too deep, or if overrides are malformed; all malformed overrides are reported at once.
  public init(contentsOf path: String, overrides: [String] = []) throws(RecipeProblems) {
    try self.init(
      name: path, text: try RecipeDocument.readText(of: path), overrides: overrides)
  }

  /// Reads a recipe from a text.
  ///
  /// - Parameters:
  ///   - name: what to call the text in messages.
  ///   - overrides: as for a file.
  /// - Throws: `RecipeProblems` as for a file.
  public init(name: String, text: String, overrides: [String] = []) throws(RecipeProblems) {
    self.name = name
    // A byte order mark, which some editors begin a file with, is no part of the text.
    let text =
      text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    var root = try RecipeComposer.compose(file: name, text: text)
    if root.isNull { root.content = .mapping([]) }
    guard case .mapping = root.content else {
      throw RecipeProblems([
        RecipeProblem(
          "a recipe is a mapping of keys to values, found \(root.summary)", at: root.location)
      ])
    }
    var problems: [RecipeProblem] = []
    for (index, argument) in overrides.enumerated() {
      do throws(RecipeProblems) {
        try RecipeOverride(argument, index: index).apply(to: &root)
      } catch {
        problems += error.problems
      }
    }
    guard problems.isEmpty else { throw RecipeProblems(problems) }
    self.root = root
  }

  init(name: String, root: RecipeNode) {
    self.name = name
    self.root = root
  }

  /// Reads a file of limited size without trusting what it says about itself: it may be a device.
  private static func readText(of path: String) throws(RecipeProblems) -> String {
    try checkContent(of: path)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw unreadable(path, errno)
      }
      if count == 0 { break }
      bytes += chunk[..<count]
      guard bytes.count <= RecipeLimits.byteCount else {
        throw RecipeProblems([
          RecipeProblem(
            "text of more than \(RecipeLimits.byteCount) bytes, expected a recipe", at: .file(path))
        ])
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RecipeProblems([RecipeProblem("the recipe is not UTF-8 text", at: .file(path))])
    }
    return text
  }

  /// Refuses a file that is known to be something else.
  private static func checkContent(of path: String) throws(RecipeProblems) {
    let content = FileContent(of: path)
    let advice: String
    switch content {
    case _ where content.isText: return
    // What keeps such a file from being read is the system's to say.
    case .missing, .unreadable, .device, .folder: return
    case .hdf5: advice = "; `cleave inspect` shows a checkpoint, `cleave evaluate` measures it"
    default: advice = ForeignFile.remedy(path, content).map { "; \($0)" } ?? ""
    }
    throw RecipeProblems([
      RecipeProblem("expected a recipe, text in YAML, found \(content)\(advice)", at: .file(path))
    ])
  }

  private static func unreadable(_ path: String, _ code: Int32) -> RecipeProblems {
    let reason = SystemReason.of(code)
    return RecipeProblems([
      RecipeProblem("the recipe cannot be read: \(reason)", at: .file(path))
    ])
  }
}
