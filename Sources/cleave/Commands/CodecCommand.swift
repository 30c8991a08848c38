import ArgumentParser
import Codecs
import Files
import Foundation
import Reports
import Tensors
import Terminal

struct CodecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codec",
    abstract: "Write latents as few bytes, read them again, and compare the ways.",
    subcommands: [Encode.self, Decode.self, Stat.self])

  /// Reads a tensor and what is to be done with it.
  struct Input: ParsableArguments {
    @Argument(help: ArgumentHelp(TensorFile.help))
    var tensor: String

    @Flag(help: "Take each entry of the first axis as a latent of its own.")
    var batched = false

    /// The latents in the file.
    func latents() throws -> [Tensor<Float>] {
      let tensor = try TensorFile.read(self.tensor)
      guard tensor.count > 0 else {
        throw CommandFailure(message: "\(self.tensor) holds no values", status: 1)
      }
      guard batched else { return [tensor] }
      guard tensor.shape.rank > 1 else {
        throw CommandFailure(
          message: "\(self.tensor) is of shape \(tensor.shape), which has no first axis to take "
            + "apart", status: 1)
      }
      return (0..<tensor.shape[0]).map {
        tensor.rows($0..<$0 + 1).reshaped(to: tensor.shape.droppingFirst())
      }
    }
  }

  struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a tensor as a stream.",
      discussion: """
        Example:
          cleave codec encode latent.npy --codec rans --bits 4 --output latent.clvl
          cleave codec encode latent.npy --codec slicer --keep 0.3 --blocks 4 -o latent.clvl
          cleave codec encode features.h5:layer1/0 --output latent.clvl
        """)

    @Argument(help: ArgumentHelp(TensorFile.help))
    var tensor: String

    @OptionGroup var choice: CodecOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @OptionGroup var shared: OutputOptions

    func run() throws {
      try reporting {
        let stream = try choice.chosen().stream(TensorFile.read(tensor))
        do throws(FileError) {
          try AtomicFile.write(stream, to: output)
        } catch {
          throw CommandFailure(
            message: "\(error.path) cannot be written: \(error.reason)", status: 1)
        }
        if shared.json { return try Output.json(["bytes": stream.count]) }
        FileSink.standardOutput.write("\(output): \(grouped(stream.count)) bytes\n")
      }
    }
  }

  struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read a stream and write its tensor as a .npy file or into a new HDF5 file.")

    @Argument(help: "A stream that codec encode wrote.")
    var stream: String

    @Option(
      name: .shortAndLong,
      help: ArgumentHelp("The file to write, or file.h5:path/in/file.", valueName: "file"))
    var output: String

    @Option(
      help: ArgumentHelp("The tables that the stream was made with, if any.", valueName: "file"))
    var tables: String?

    @OptionGroup var shared: OutputOptions

    func run() throws {
      try reporting {
        let data = try WholeFile.read(stream)
        let known = try tables.map { try CodecCommand.tables($0) } ?? .none
        let latent: Tensor<Float>
        do throws(CodecError) {
          latent = try LatentStream(data).latent(tables: known)
        } catch .notAStream {
          throw CommandFailure(
            message: "\(stream) is \(FileContent(of: stream)), expected a stream that "
              + "`cleave codec encode` wrote", status: 1)
        } catch {
          throw CommandFailure(message: "\(stream): \(error)", status: 1)
        }
        try TensorFile.write(latent, to: output)
        if shared.json { return try Output.json(["shape": latent.shape.dimensions]) }
        FileSink.standardOutput.write("\(output): \(latent.shape)\n")
      }
    }
  }

  struct Stat: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare the codecs on a tensor: bytes, error and time.",
      discussion: """
        Bytes are those of whole streams, headers and tables included. The tables of the context \
        codec are made from half of the latents, drawn at random, if there are several, and all \
        codecs are then measured on the others.

        Example:
          cleave codec stat latents.npy --batched --bits 2,3,4,6
        """)

    @OptionGroup var input: Input

    @Option(help: ArgumentHelp("The bits of a quantised value, with commas.", valueName: "list"))
    var bits = "4,8"

    @Option(
      help: ArgumentHelp("The fractions of the values slicer keeps.", valueName: "list"))
    var keep = "0.3"

    @Option(
      help: ArgumentHelp("The blocks slicer splits them into, 1 to 16.", valueName: "list"))
    var blocks = "1"

    @OptionGroup var slicer: SLICEROptions

    @OptionGroup var shared: OutputOptions

    func run() throws {
      try reporting {
        let rows = try measure()
        if shared.json { return try Output.json(rows) }
        var table = TextTable(
          header: ["codec", "bytes", "ratio", "bits a value", "error", "encode", "decode"],
          alignments: [.left, .right, .right, .right, .right, .right, .right])
        for row in rows {
          table.append([
            row.codec, String(format: "%.1f", row.bytes), String(format: "%.2f", row.ratio),
            String(format: "%.3f", row.bitsPerValue),
            String(format: "%.2f %%", 100 * row.relativeError),
            String(format: "%.1f µs", row.encodeMicroseconds),
            String(format: "%.1f µs", row.decodeMicroseconds),
          ])
        }
        table.write(to: FileSink.standardOutput)
      }
    }

    private func measure() throws -> [CodecMeasurement] {
      let list = try numbers(bits, of: "bits", Int.init)
      let slicers = try numbers(keep, of: "keep", Double.init).flatMap { keep in
        try numbers(blocks, of: "blocks", Int.init).map {
          try slicer.codec(keep: keep, blocks: $0)
        }
      }
      let latents = try input.latents()
      let half = latents.count / 2
      // Neighbours in a file may be of one class.
      var random = RandomSource(seed: 0, purpose: "calibration")
      let calibrating = Set(random.permutation(latents.count).prefix(half))
      let measured = latents.indices.filter { !calibrating.contains($0) }.map { latents[$0] }
      var rows: [CodecMeasurement] = []
      /// Measures a codec; one that cannot hold a value is left out, and it is said why.
      func add(_ name: String, _ codec: any LatentCodec, tables: CodecTables = .none) {
        do throws(CodecError) {
          rows.append(try CodecMeasurement(name, codec, tables: tables, on: measured))
        } catch {
          Diagnostic(.note, "\(name) is left out: \(error)").write(to: FileSink.standardError)
        }
      }
      add("fp32", IdentityCodec())
      add("fp16", HalfPrecisionCodec())
      for bits in list {
        for name in ["packed", "sparse-rans", "rans"] {
          add("\(name), \(bits) bits", try CodecCommand.codec(name, bits: bits))
        }
        if half > 0, ContextTables.bitRange.contains(bits) {
          let tables = try ContextTables(
            calibratedOn: calibrating.sorted().map { latents[$0] }, bits: bits)
          add(
            "context, \(bits) bits", ContextCodec(tables, tableNumber: 0),
            tables: CodecTables([0: tables]))
        }
      }
      for codec in slicers {
        let blocks = codec.blocks == 1 ? "1 block" : "\(codec.blocks) blocks"
        add("slicer, keep \(codec.keep), \(blocks)", codec)
      }
      return rows
    }

    /// Numbers with commas between them.
    private func numbers<Number>(
      _ text: String, of option: String, _ parse: (String) -> Number?
    ) throws -> [Number] {
      try text.split(separator: ",", omittingEmptySubsequences: false).map {
        guard let number = parse($0.trimmingCharacters(in: .whitespaces)) else {
          throw CommandFailure(
            message: "--\(option) expects numbers with commas, found '\(text)'", status: 2)
        }
        return number
      }
    }
  }

  /// The codecs that need tables.
  static let calibrated = [ContextCodec.name, FactorizedCodec.name, HyperpriorCodec.name]

  /// Tables from a file.
  static func tables(_ path: String) throws -> CodecTables {
    let data = try WholeFile.read(path)
    do throws(CodecError) { return try CodecTables(data) } catch .notAStream {
      throw CommandFailure(
        message: "\(path) is \(FileContent(of: path)), expected the tables of a codec", status: 1)
    } catch {
      throw CommandFailure(message: "\(path) holds no tables: \(error)", status: 1)
    }
  }

  /// The codec of a name with tables from a file.
  static func codec(_ name: String, tables path: String) throws -> any LatentCodec {
    guard CodecCommand.calibrated.contains(name) else {
      throw CommandFailure(
        message: "--tables is for the codecs \(CodecCommand.calibrated.joined(separator: ", ")), "
          + "found \(name)", status: 2)
    }
    guard let codec = try tables(path).byNumber[0]?.codec(tableNumber: 0),
      type(of: codec).name == name
    else {
      throw CommandFailure(message: "\(path) holds no tables of the codec \(name)", status: 1)
    }
    return codec
  }

  /// The codec of a name.
  static func codec(_ name: String, bits: Int) throws -> any LatentCodec {
    let range = name == "packed" ? AffineQuantizer.bitRange : RANSCodec.bitRange
    if ["packed", "rans", "sparse-rans"].contains(name), !range.contains(bits) {
      throw CommandFailure(
        message: "--bits expects \(range.lowerBound) to \(range.upperBound) for \(name), "
          + "found \(bits)", status: 2)
    }
    switch name {
    case "fp32": return IdentityCodec()
    case "fp16": return HalfPrecisionCodec()
    case "packed": return PackedCodec(bits: bits)
    case "rans": return RANSCodec(bits: bits)
    case "sparse-rans": return RANSCodec(bits: bits, layout: .sparse)
    case ContextCodec.name:
      throw CommandFailure(
        message: "the codec context needs --tables, a file that `cleave export --context-bits` "
          + "writes", status: 2)
    case FactorizedCodec.name, HyperpriorCodec.name:
      throw CommandFailure(
        message: "the codec \(name) needs --tables, a file that `cleave export` writes for a run "
          + "with a learned prior of that kind", status: 2)
    default:
      throw CommandFailure(
        message: "there is no codec '\(name)'; codecs are fp32, fp16, packed, rans, sparse-rans, "
          + "context, factorized, hyperprior, slicer",
        status: 2)
    }
  }
}
