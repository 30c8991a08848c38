import ArgumentParser
import Codecs

/// The codec that latents are written with.
struct CodecOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "fp32, fp16, packed, rans, sparse-rans, context, factorized, hyperprior or slicer. "
        + "(default: rans; for offload, what the run has, or fp32)",
      valueName: "name"))
  var codec: String?

  @Option(help: ArgumentHelp("The bits of a quantised value.", valueName: "n"))
  var bits = 8

  @Option(help: ArgumentHelp("The fraction of the values slicer keeps.", valueName: "fraction"))
  var keep = 0.3

  @Option(
    help: ArgumentHelp(
      "The blocks slicer splits them into by magnitude, 1 to 16.", valueName: "n"))
  var blocks = 1

  @OptionGroup var slicer: SLICEROptions

  @Option(
    help: ArgumentHelp(
      "The tables of the codecs context, factorized and hyperprior, as cleave export writes them.",
      valueName: "file"))
  var tables: String?

  /// The codec; `rans` unless named.
  func chosen() throws -> any LatentCodec {
    let name = codec ?? RANSCodec.name
    if let tables { return try CodecCommand.codec(name, tables: tables) }
    if name == SLICERCodec.name { return try slicer.codec(keep: keep, blocks: blocks) }
    return try CodecCommand.codec(name, bits: bits)
  }
}
