import ArgumentParser
import Codecs
import Export
import Recipes
import Reports
import Terminal

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a run for an edge runtime: its two parts, or the whole network.",
    discussion: """
      Writes head.onnx (the head with what was trained) for the device and tail.onnx for the \
      server, both also with 8-bit integers; a run without a cut gives model.onnx. manifest.json has \
      what an inference needs: shapes and axis orders, how images are brought to size, the \
      transform of the input, the codec at the cut with its settings, class names, sizes and hashes. With --context-bits, \
      or if the run has learned them, also codec.tables, from which device and server code the \
      latent alike. A device that sends indices of centres also gets encoder.c, its part in integers \
      as one file of C99 that needs nothing else, with --test-vectors also images for it \
      (encoder.inputs.bin) and the packed indices it gives for them (encoder.indices.bin). A run of \
      several tasks also has tail.TASK.onnx for each: the server's part \
      that answers it alone.

      Example:
        cleave export runs/fashion-mnist --format onnx --output exported
      """)

  /// The formats a run can be exported to.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case onnx
  }

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
  var directory: String

  @Option(help: "The format of the exported files.")
  var format: Format = .onnx

  @Option(help: ArgumentHelp("Where the files go.", valueName: "dir"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Make tables of the context codec for values of so many bits, from training images.",
      valueName: "n"))
  var contextBits: Int?

  @Option(
    help: ArgumentHelp(
      "Write so many test images for encoder.c and what it gives for them.",
      valueName: "n"))
  var testVectors: Int = 0

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if !(0...10_000).contains(testVectors) {
      throw ValidationError("--test-vectors expects 0 to 10000, found \(testVectors)")
    }
    if let contextBits, !ContextTables.bitRange.contains(contextBits) {
      throw ValidationError("--context-bits expects 1 to 8, found \(contextBits)")
    }
  }

  func run() throws {
    try reporting {
      try Subject.requireFolder(directory, expected: "the folder of a run")
      let observer = ConsoleObserver()
      // Also before an error is printed.
      defer { observer.finish() }
      let manifest = try shared.withThreads {
        try Experiment.export(
          run: directory, to: output, tableBits: contextBits, testVectors: testVectors,
          observer: observer)
      }
      observer.finish()
      if shared.json {
        FileSink.standardOutput.write(try manifest.json())
        return
      }
      var table = TextTable(
        header: ["file", "bytes", "takes", "gives"], alignments: [.left, .right, .left, .left])
      let parts =
        [manifest.head, manifest.tail].compactMap(\.self) + (manifest.tasks ?? []).map(\.part)
        + (manifest.branches ?? []).flatMap { [$0.head, $0.tail] }
      // A branch may be what the head and tail are.
      var listed: Set<String> = []
      for file in parts.flatMap({ part in [(part, part.float), (part, part.integer)] })
      where listed.insert(file.1.name).inserted {
        table.append([
          file.1.name, grouped(file.1.bytes), describe(file.0.input),
          file.0.outputs.map(describe).joined(separator: ", "),
        ])
      }
      for policy in manifest.policies ?? [] {
        table.append([
          policy.model.name, grouped(policy.model.bytes), describe(policy.input),
          describe(policy.output),
        ])
      }
      if let tables = manifest.codecTables { table.append([tables.name, grouped(tables.bytes)]) }
      if let encoder = manifest.encoder {
        table.append([
          encoder.source.name, grouped(encoder.source.bytes), describe(manifest.head.input),
          "\(grouped(encoder.indices)) indices of \(encoder.bits) bits",
        ])
      }
      table.write(to: FileSink.standardOutput)
      if let encoder = manifest.encoder { write(encoder) }
      FileSink.standardOutput.write(
        "\nThe files and \(ExportManifest.fileName) are in \(output).\n")
    }
  }

  private func write(_ encoder: ExportManifest.Encoder) {
    var table = TextTable(
      header: ["encoder.c", "takes", "a small microcontroller has"],
      alignments: [.left, .right, .right])
    table.append([
      "flash: weights and tables", "\(grouped(encoder.flashBytes)) B",
      "\(grouped(encoder.flashBudget)) B",
    ])
    table.append([
      "RAM: values and indices", "\(grouped(encoder.ramBytes)) B",
      "\(grouped(encoder.ramBudget)) B",
    ])
    table.append(["multiply-accumulates", grouped(encoder.macs), ""])
    FileSink.standardOutput.write("\n")
    table.write(to: FileSink.standardOutput)
    if let excess = encoder.excess { FileSink.standardOutput.write("\n\(excess)\n") }
  }

  private func describe(_ value: ExportManifest.Value) -> String {
    "\(value.name) \(value.layout) \(value.shape)"
  }
}
