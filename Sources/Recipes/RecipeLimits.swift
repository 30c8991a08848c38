/// What a recipe may need at most; more is refused, so that no file can exhaust the machine.
package enum RecipeLimits {
  /// The bytes of the file.
  package static let byteCount = 1 << 20
  /// How deep lists and mappings may be nested.
  package static let depth = 64
  /// How many values there may be once every alias is replaced by what it stands for.
  package static let nodeCount = 1_000_000
}
