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

  @Option(
    help: ArgumentHelp("Threads to compute on. (default: one for each processor)", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads expects 1 to 1024, found \(threads)")
    }
  }

  /// Runs a body with the chosen number of threads.
  func withThreads<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard let threads else { return try body() }
    return try ThreadPool.$current.withValue(ThreadPool(threadCount: threads), operation: body)
  }
}
