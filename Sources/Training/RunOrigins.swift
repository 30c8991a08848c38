public import Checkpoints

/// Recipe and files that a run began with, as its state remembers them.
///
/// Its data are remembered apart, as they are read before anything is trained.
public struct RunOrigins: Codable, Equatable, Sendable {
  /// The text of the recipe, resolved.
  public var recipe: String?
  /// Digests of the checkpoints the run builds on, by their paths.
  public var parents: [String: String]

  /// Takes the origins from the provenance of a run.
  public init(_ provenance: Provenance) {
    recipe = provenance.recipe
    parents = Dictionary(
      zip(provenance.parents, provenance.parentDigests ?? [])
    ) { first, _ in first }
  }

  /// Files of both that have changed in between, or are named by one alone.
  public func changedParents(since earlier: RunOrigins) -> [String] {
    Set(parents.keys).union(earlier.parents.keys).sorted().compactMap { path in
      switch (parents[path], earlier.parents[path]) {
      case (let now?, let before?):
        now == before ? nil : "\(path) has other content (\(now), \(before) before)"
      case (nil, _): "\(path) is not built on any more"
      case (_, nil): "\(path) was not built on before"
      }
    }
  }
}
