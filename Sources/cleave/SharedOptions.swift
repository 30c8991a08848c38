import ArgumentParser
import Tensors

/// Options every command has.
struct SharedOptions: ParsableArguments {
  @Flag(help: "Print one JSON object on standard output and nothing else there.")
  var json = false

  @Option(help: ArgumentHelp("Threads to compute on; all processors by default.", valueName: "n"))
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
