import ArgumentParser
import Checkpoints
import Networks
import Recipes
import Reports
import Splitting
import Terminal

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the layers of a network and the places where it can be cut.",
    discussion: """
      A cut is named by the layer whose output crosses it, or by the module that ends there: \
      layer1 is the output of the last layer of layer1. MACs are multiply-accumulates for one \
      image, bytes those of one image's values as 32-bit floats.

      What an output's numbers mean is told by the layers that compute it: probabilities by a \
      softmax, independent probabilities by a sigmoid, else logits if they are several. A recipe \
      says it where the layers do not: network.outputs.meaning.

      Examples:
        cleave inspect Checkpoints/fashion-mnist-resnet8.h5
        cleave inspect state_dict.h5 --architecture resnet20 --json
      """)

  @Argument(
    help: "Cleave's own file, a Keras model (.h5, .keras), or a PyTorch state dictionary in HDF5.")
  var checkpoint: String

  @OptionGroup var source: CheckpointOptions

  @OptionGroup var shared: OutputOptions

  func run() throws {
    try reporting {
      let inspection = Inspection(try source.read(checkpoint))
      if shared.json {
        try Output.json(inspection)
        return
      }
      let sink = FileSink.standardOutput
      let inputs = inspection.inputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
      sink.writeParagraph(
        "\(inspection.name): \(inputs) → \(inspection.outputs.joined(separator: ", ")); "
          + "\(grouped(inspection.parameters)) parameters, \(grouped(inspection.macs)) MACs")
      if let sizing = inspection.imageSizing {
        sink.writeParagraph(
          "Images of other sizes are brought to that of the input: \(sizing); data.resize, "
            + "data.interpolation and data.antialias say otherwise.")
      }
      sink.write("\n")
      var outputs = TextTable(
        header: ["output", "shape", "numbers"], alignments: [.left, .right, .left])
      for output in inspection.outputMeanings {
        let function = output.function.map { " (\($0))" } ?? ""
        outputs.append([output.name, "\(output.shape)", output.meaning.words + function])
      }
      outputs.write(to: sink)
      sink.write("\n")
      var layers = TextTable(
        header: ["layer", "kind", "output", "parameters", "MACs"],
        alignments: [.left, .left, .right, .right, .right])
      for row in inspection.layers {
        layers.append([
          row.name, row.kind, "\(row.shape)", grouped(row.parameters), grouped(row.macs),
        ])
      }
      layers.write(to: sink)
      sink.write("\nValid cuts, by the value that crosses:\n\n")
      var cuts = TextTable(
        header: [
          "cut", "shape", "bytes (fp32)", "head MACs", "tail MACs", "head parameters",
          "tail parameters",
        ],
        alignments: [.left, .right, .right, .right, .right, .right, .right])
      for cut in inspection.cutPoints {
        cuts.append([
          cut.name, "\(cut.shape)", grouped(cut.bytes), grouped(cut.headMACs),
          grouped(cut.tailMACs), grouped(cut.headParameters), grouped(cut.tailParameters),
        ])
      }
      cuts.write(to: sink)
    }
  }
}
