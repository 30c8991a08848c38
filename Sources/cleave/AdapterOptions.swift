import ArgumentParser
import Recipes

/// The files of a split system apart from any run.
struct AdapterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The checkpoint of the head.", valueName: "file"))
  var head: String?

  @Option(
    help: ArgumentHelp(
      "The checkpoint of what was trained behind the head, or in its place.", valueName: "file"))
  var adapter: String?

  @Option(
    help: ArgumentHelp(
      """
      The checkpoint of the tail, or the server that answers for it, grpc://host:port or \
      grpcs://host:port.
      """, valueName: "file|url"))
  var tail: String?

  @OptionGroup(title: "The server") var access: AccessOptions

  /// Indicates whether any of them is named.
  var isGiven: Bool { head != nil || adapter != nil || tail != nil }

  /// Refuses a head without a tail, or the reverse.
  func check() throws {
    guard isGiven else { return }
    guard head != nil, tail != nil else {
      throw ValidationError(
        "expected --head and --tail, found \(head == nil ? "no --head" : "no --tail")")
    }
  }

  /// The files; nil without a head and a tail.
  var files: AdapterFiles? {
    guard let head, let tail else { return nil }
    return AdapterFiles(head: head, adapter: adapter, tail: tail, access: access.access)
  }
}
