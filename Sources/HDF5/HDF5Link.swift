/// An entry of a group: a name and what it leads to.
public struct HDF5Link: Hashable, Sendable {
  /// What a link leads to.
  public enum Kind: Hashable, Sendable {
    /// A group in the same file.
    case group
    /// A dataset in the same file.
    case dataset
    /// Another path in the same file, which may lead nowhere.
    case softLink(target: String)
    /// Another file, which is never opened.
    case externalLink(file: String)
    /// A named type, or something that later versions of the format added.
    case other
  }

  /// The name within the group.
  public let name: String

  /// What the name leads to.
  public let kind: Kind

  /// Creates an entry.
  public init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// The order in which the links of a group are listed.
  public enum Order: Sendable {
    /// By the bytes of their names.
    case name
    /// As they were made, if the group keeps track of it, otherwise by name.
    case creation
  }
}
