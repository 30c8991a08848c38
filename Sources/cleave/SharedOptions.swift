import ArgumentParser
import Tensors

/// The option of every command that prints a result.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the result as one JSON object on standard output, and nothing else there.")
  var json = false
}

/// The options of commands that compute.
struct SharedOptions: ParsableArguments {
  @Flag(help: "Print the result as one JSON object on standard output, and nothing else there.")
  var json = false

  @OptionGroup var threads: ThreadOptions

  /// Runs a body with the chosen number of threads.
  func withThreads<Result>(_ body: () throws -> Result) rethrows -> Result {
    try ThreadPool.$current.withValue(threads.pool, operation: body)
  }
}

/// How many threads compute.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Threads to compute on. (default: one for each processor)", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads expects 1 to 1024, found \(threads)")
    }
  }

  /// The chosen threads.
  var pool: ThreadPool { threads.map { ThreadPool(threadCount: $0) } ?? .current }
}
