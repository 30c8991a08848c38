/// The classes of one side: a data set's labels, or a network's outputs.
public struct ClassList: Hashable, Sendable {
  /// What has the classes, for messages: `photos/test` or `net.h5`.
  public let owner: String
  /// The names of the classes from 0 on, at most ``count``; nil if they are only numbered.
  public let names: [String]?
  /// The number of classes.
  public let count: Int

  /// Creates a list.
  ///
  /// Names that are the numbers from 0 on, each at its own place, are those of classes without names.
  ///
  /// - Parameter count: the number of classes, of which the first have names; that of the names unless
  ///   given.
  /// - Precondition: at most `count` names.
  public init(owner: String, names: [String]?, count: Int? = nil) {
    let count = count ?? names?.count ?? 0
    precondition((names?.count ?? 0) <= count, "ClassList: more names than \(count)")
    self.owner = owner
    self.count = count
    let isNumbered = names?.enumerated().allSatisfy { "\($0.offset)" == $0.element } ?? true
    self.names = isNumbered ? nil : names
  }

  /// The name of a class; its number if it has none.
  func name(_ index: Int) -> String {
    guard let names, names.indices.contains(index) else { return "\(index)" }
    return names[index]
  }

  /// The most classes that a message lists.
  private static let shownNames = 12

  /// The number of classes and their names, those that matter first, as a message has them.
  func summary(first important: [String] = []) -> String {
    guard let names else { return "\(owner) has \(count) classes without names" }
    let shown = important + names.filter { !important.contains($0) }
    let listed = shown.prefix(ClassList.shownNames).map { "'\($0)'" }.joined(separator: ", ")
    let rest = shown.count > ClassList.shownNames ? ", …" : ""
    let unnamed = count > names.count ? " and \(count - names.count) without names" : ""
    return "\(owner) has \(names.count) (\(listed)\(rest))\(unnamed)"
  }
}
