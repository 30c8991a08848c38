import ArgumentParser
import Benchmarks
import Checkpoints
import Datasets
import Foundation
import MessagePassing
import Networks
import RemoteTails
import Reports
import Splitting
import Suggestions
import Tensors
import Terminal
import Training

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time a network on this machine.",
    discussion: """
      The images are random, so that no data are needed: what is timed is computing. Work is \
      forward (the frozen network answers), train (a full training step), salt (a step of SALT's \
      adapter on cached latents), salt-uncached (with the frozen head in every step) or heads (a step \
      of two task heads on the cached latents of a frozen backbone).

      GFLOP/s count two operations for each multiply-accumulate of a plain convolution, however \
      it was computed, so that they may exceed those of a matrix product.

      Examples:
        cleave bench resnet18-cifar --batch 64
        cleave bench resnet20 --work train --batch 128 --json
        cleave bench resnet18-cifar --work salt --at layer2 --batch 128
        cleave bench resnet20 --explain
        cleave bench drone
        mpirun -n 2 cleave bench messages     (built with --traits MPI)
        cleave bench grpc://server:50051 --clients 64 --batch 1
      """)

  @Argument(
    help: """
      The name of an architecture, such as resnet20, or a checkpoint; or drone, for the pictures of \
      drone worlds, messages, for sums over processes, or the address of a served tail.
      """)
  var network: String

  @Option(
    help: ArgumentHelp("forward, train, salt, salt-uncached or heads.", valueName: "work"),
    transform: Bench.work)
  var work: Benchmark.Work = .forward

  @Option(help: ArgumentHelp("Images at a time.", valueName: "n"))
  var batch = 64

  @Option(help: ArgumentHelp("Where the network is cut, such as layer2.", valueName: "cut"))
  var at: String?

  @Option(help: ArgumentHelp("The length of an architecture's logits.", valueName: "n"))
  var classes = 10

  @Option(help: ArgumentHelp("How often the work is timed.", valueName: "n"))
  var repetitions = 10

  @Option(help: ArgumentHelp("How often it is done before.", valueName: "n"))
  var warmUp = 2

  @Option(help: ArgumentHelp("How many ask a served tail at once.", valueName: "n"))
  var clients = 1

  @Option(help: ArgumentHelp("For how long a served tail is asked.", valueName: "seconds"))
  var seconds = 5.0

  @OptionGroup(title: "A server") var access: AccessOptions

  @Flag(help: "List how each convolution is computed instead.")
  var explain = false

  @OptionGroup var source: CheckpointOptions

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    for (name, value, range) in [
      ("--batch", batch, 1...65536), ("--classes", classes, 1...1_000_000),
      ("--repetitions", repetitions, 1...1_000_000), ("--warm-up", warmUp, 0...1_000_000),
      ("--clients", clients, 1...1024),
    ] where !range.contains(value) {
      throw ValidationError(
        "\(name) expects \(range.lowerBound) to \(range.upperBound), found \(value)")
    }
  }

  func run() throws {
    try reporting {
      if network == DatasetKind.drone.rawValue { return try render() }
      if network == "messages" { return try exchange() }
      if TailAddress.isAddress(network) { return try load() }
      let network = try read()
      if explain { return try explain(network) }
      let bar = ProgressBar(
        "timing", total: warmUp + repetitions, unit: .count("batches"))
      // Also before an error is printed.
      defer { bar.clear() }
      let result = try shared.withThreads {
        try BenchmarkResult(
          of: Benchmark(work, of: network, cut: at, batchSize: batch), network: network,
          warmUp: warmUp, repetitions: repetitions
        ) { bar.update(done: $0) }
      }
      bar.clear()
      if shared.json { return try Output.json(result) }
      write(result)
    }
  }

  private func render() throws {
    let bar = ProgressBar(
      "rendering", total: 2 * (warmUp + repetitions), unit: .count("batches"))
    let result = shared.withThreads {
      RenderingBenchmark(batch: batch, warmUp: warmUp, repetitions: repetitions) {
        bar.update(done: $0)
      }
    }
    bar.clear()
    if shared.json { return try Output.json(result) }
    var table = TextTable(
      header: ["pictures of \(result.height) × \(result.width)", "a second"],
      alignments: [.left, .right])
    table.append(["colours and depth", grouped(Int(result.picturesPerSecond.rounded()))])
    table.append(["depth alone", grouped(Int(result.depthsPerSecond.rounded()))])
    table.write(to: FileSink.standardOutput)
    FileSink.standardOutput.write(
      "\n\(result.threads) \(result.threads == 1 ? "thread" : "threads"), medians of "
        + "\(repetitions)\n")
  }

  private func exchange() throws {
    let processes = try MessagePassing.join()
    try together(processes) {
      let sizes = MessageBenchmark.sizes
      let bar = ProgressBar("timing", total: sizes.count, unit: .count("sizes"))
      let result = MessageBenchmark(processes, warmUp: warmUp, repetitions: repetitions) {
        if processes.isFirst { bar.update(done: $0) }
      }
      guard processes.isFirst else { return }
      bar.clear()
      if shared.json { return try Output.json(result) }
      var table = TextTable(
        header: ["bytes of each", "median", "shortest", "longest"],
        alignments: [.right, .right, .right, .right])
      for entry in result.sums {
        table.append(
          ["\(ByteCount(entry.bytes))"]
            + [entry.seconds.median, entry.seconds.minimum, entry.seconds.maximum].map {
              "\(TimeSpan.seconds($0))"
            })
      }
      table.write(to: FileSink.standardOutput)
      FileSink.standardOutput.write(
        "\nsums over \(result.processes) process\(result.processes == 1 ? "" : "es"), "
          + "\(repetitions) of each size\n")
    }
  }

  private func load() throws {
    let tails = try (0..<clients).map { _ in
      try TailConnection.timed(TailAddress(network), access.access) {
        Diagnostic(.note, $0).write(to: FileSink.standardError)
      }
    }.compactMap { $0 }
    guard tails.count == clients else { throw CommandFailure.needsGRPC }
    let result = try LoadBenchmark(tails, batch: batch, seconds: seconds)
    if shared.json { return try Output.json(result) }
    let times =
      if let median = result.median, let p99 = result.p99 {
        "median \(TimeSpan.seconds(median)), 99 % within \(TimeSpan.seconds(p99))"
      } else { "none was answered in time" }
    FileSink.standardOutput.write(
      "\(result.clients) client\(result.clients == 1 ? "" : "s"), requests of \(result.batch): "
        + "\(rounded(result.requestsPerSecond, 1)) a second, \(times)\n")
  }

  private func read() throws -> Network {
    if FileManager.default.fileExists(atPath: network) { return try source.read(network).network }
    var built = try Architecture.named(network).network(classes: classes)
    built.initializeParameters(seed: 1)
    return built
  }

  private func write(_ result: BenchmarkResult) {
    let sink = FileSink.standardOutput
    sink.write(
      "\(result.network), \(result.work.rawValue), \(result.batchSize) × \(result.input), "
        + "\(result.threads) threads\n\n")
    var table = TextTable(header: ["time of a batch", ""], alignments: [.left, .right])
    table.append([
      "median of \(result.repetitions)",
      "\(TimeSpan.seconds(result.seconds.median))",
    ])
    table.append(["shortest", "\(TimeSpan.seconds(result.seconds.minimum))"])
    table.append(["longest", "\(TimeSpan.seconds(result.seconds.maximum))"])
    table.append(["images a second", String(format: "%.1f", result.imagesPerSecond)])
    if let gigaflops = result.gigaflops {
      table.append(["GFLOP/s", String(format: "%.0f", gigaflops)])
    }
    table.append([
      "GFLOP/s of a large matrix product", String(format: "%.0f", result.matrixProductGigaflops),
    ])
    table.append(["most memory resident", "\(ByteCount(result.peakResidentBytes))"])
    table.append(["of that, tensors", "\(ByteCount(result.peakTensorBytes))"])
    table.write(to: sink)
  }

  private func explain(_ network: Network) throws {
    let choices = ConvolutionChoice.all(in: network, batchSize: batch)
    if shared.json { return try Output.json(["convolutions": choices]) }
    var table = TextTable(
      header: [
        "convolution", "input", "output", "window", "stride", "groups", "MACs", "computed as",
      ],
      alignments: [.left, .right, .right, .right, .right, .right, .right, .left])
    for choice in choices {
      table.append([
        choice.name, "\(choice.input)", "\(choice.output)",
        choice.kernel.map(String.init).joined(separator: "×"),
        choice.stride.map(String.init).joined(separator: "×"), "\(choice.groups)",
        grouped(choice.macs), choice.algorithm,
      ])
    }
    table.write(to: FileSink.standardOutput)
  }
}

extension Bench {
  /// The work of a name.
  private static func work(_ name: String) throws -> Benchmark.Work {
    if let work = Benchmark.Work(rawValue: name) { return work }
    let known = Benchmark.Work.allCases.map(\.rawValue)
    let hint = NearestName.of(name, among: known).map { "; did you mean '\($0)'?" }
    throw ValidationError(
      "there is no work '\(name)'\(hint ?? "; expected \(known.joined(separator: ", "))")")
  }
}
