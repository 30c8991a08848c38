import ArgumentParser
import Recipes
import Reports
import Terminal

struct Fly: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a test flight of a navigator or a gate.",
    discussion: """
      A file that ends in .png is a map with the way that was flown, its colours the branches \
      that frames were sent by; one that ends in .gif is an animation with what the drone sees \
      beside it.

      Example:
        cleave fly runs/drone-gate --flight 3 --output flight.gif
      """)

  @Argument(
    help: ArgumentHelp(
      "The folder of a run of navigator or navisplit_gate.", valueName: "run"))
  var folder: String

  @Option(help: ArgumentHelp("The number of the test flight, from 0.", valueName: "n"))
  var flight = 0

  @Option(help: ArgumentHelp("The file to draw it into, .png or .gif.", valueName: "file"))
  var output: String

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard (0...1_000_000).contains(flight) else {
      throw ValidationError("--flight is 0 or more, found \(flight)")
    }
  }

  func run() throws {
    let observer = ConsoleObserver()
    try reporting {
      let summary = try shared.withThreads {
        try Experiment.drawFlight(run: folder, episode: flight, to: output, observer: observer)
      }
      observer.finish()
      if shared.json {
        try Output.json(summary)
        return
      }
      let sent = summary.bytesSent > 0 ? ", \(grouped(summary.bytesSent)) B sent" : ""
      FileSink.standardOutput.write(
        "flight \(summary.episode): \(summary.ending) after \(summary.steps) steps, "
          + "\(rounded(summary.pathLength, 1)) m for \(rounded(summary.straightDistance, 1)) m"
          + "\(sent); drawn in \(summary.file)\n")
    }
  }
}
