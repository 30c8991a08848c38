import ArgumentParser
import Checkpoints
import Foundation
import Networks
import Recipes
import Reports
import Terminal

struct Split: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cut one checkpoint into a head and a tail.",
    discussion: """
      The two files can be given to a recipe as network.head and network.tail.
      `cleave inspect` lists the cuts.

      Example:
        cleave split model.h5 --at layer1 --head head.h5 --tail tail.h5
      """)

  @Argument(help: "The checkpoint of the whole network.")
  var checkpoint: String

  @Option(
    name: .customLong("at"),
    help: ArgumentHelp("The layer or module whose output crosses the cut.", valueName: "cut"))
  var cut: String

  @Option(help: ArgumentHelp("The file to write the head to.", valueName: "file"))
  var head: String

  @Option(help: ArgumentHelp("The file to write the tail to.", valueName: "file"))
  var tail: String

  @OptionGroup var source: CheckpointOptions

  @OptionGroup var shared: OutputOptions

  func validate() throws {
    func place(_ path: String) -> URL { URL(fileURLWithPath: path).resolvingSymlinksInPath() }
    if place(head) == place(tail) {
      throw ValidationError("--head and --tail must be two files, both are \(head)")
    }
    for path in [head, tail] where place(path) == place(checkpoint) {
      throw ValidationError("\(path) is the checkpoint itself, which would be lost")
    }
  }

  func run() throws {
    try reporting {
      let parts = try Experiment.split(
        try source.read(checkpoint), named: checkpoint, at: cut, head: head, tail: tail)
      if shared.json {
        try Output.json(parts)
      } else {
        FileSink.standardOutput.write(
          "head: \(head), \(grouped(parts.headParameters)) parameters, "
            + "\(grouped(parts.headMACs)) MACs\n"
            + "tail: \(tail), \(grouped(parts.tailParameters)) parameters, "
            + "\(grouped(parts.tailMACs)) MACs\n"
            + "between them: \(parts.shape), \(grouped(parts.bytes)) bytes a sample (fp32)\n")
      }
    }
  }
}
