import ArgumentParser
import Checkpoints
import Networks
import Recipes
import Terminal

struct Split: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cut one checkpoint into a head and a tail.",
    discussion: """
        cleave split model.h5 --at layer1 --head head.h5 --tail tail.h5
      """)

  @Argument(help: "The checkpoint of the whole network.")
  var checkpoint: String

  @Option(
    name: .customLong("at"),
    help: ArgumentHelp("The layer, or the module, whose output crosses.", valueName: "cut"))
  var cut: String

  @Option(help: ArgumentHelp("Where the head is written.", valueName: "file"))
  var head: String

  @Option(help: ArgumentHelp("Where the tail is written.", valueName: "file"))
  var tail: String

  @OptionGroup var source: CheckpointOptions

  @OptionGroup var shared: SharedOptions

  func run() throws {
    try reporting {
      let parts = try Experiment.split(
        try source.read(checkpoint), named: checkpoint, at: cut, head: head, tail: tail)
      if shared.json {
        print(try Experiment.json(parts))
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
