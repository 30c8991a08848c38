import Networks
import Splitting
import Tasks
import Terminal
import Training

/// Lays a report out for people.
enum ReportText {
  static func write(_ report: EvaluationReport, to sink: FileSink) {
    let user = report.userClasses.map { " on the user's classes (\($0.joined(separator: ", ")))" }
    let figure = report.tasks.map { $0.count > 1 ? "mean quality" : $0[0].metrics[0].name }
    sink.write(
      "\n\(report.method) on \(report.dataset), \(grouped(report.samples)) "
        + "\(report.flights == nil ? "images" : "flights"): "
        + "\(figure ?? (report.flights == nil ? "accuracy" : "goals reached")) "
        + "\(percent(report.accuracy))\(user ?? "")\n\n")
    if let tasks = report.tasks { writeTasks(tasks, report.conflicts ?? [], sink) }
    if report.comparisons.count > 1 { writeComparisons(report, sink) }
    writeClasses(report, sink)
    if let exits = report.exits { writeExits(exits, sink) }
    if let flights = report.flights { writeFlights(flights, sink) }
    if let search = report.search { writeSearch(search, sink) }
    if let systems = report.bitErrors { writeBitErrors(systems, sink) }
    if let codecs = report.codecs { writeCodecs(codecs, sink) }
    if let psnr = report.psnr {
      sink.write("PSNR of decoded images: \(rounded(psnr, 2)) dB\n\n")
    }
    if let split = report.split {
      writeSplit(split, isEncoded: report.codecs != nil, sink)
    } else {
      sink.write(
        "\(grouped(report.parameters)) parameters, \(grouped(report.macs)) MACs an image\n")
    }
    if let training = report.training {
      sink.write(
        "\ntrained \(training.epochs) epochs\(training.stoppedEarly ? " (stopped early)" : ""), "
          + "best \(training.bestEpoch), \(TimeSpan.seconds(training.secondsPerEpoch)) an epoch\n")
    }
  }

  private static func writeTasks(
    _ tasks: [TaskResult], _ conflicts: [TaskConflict], _ sink: FileSink
  ) {
    var table = TextTable(
      header: ["task", "kind", "images", "not annotated", "figure", "value"],
      alignments: [.left, .left, .right, .right, .left, .right])
    for task in tasks {
      for (index, metric) in task.metrics.enumerated() {
        let facts =
          index == 0
          ? [
            task.task, task.kind.rawValue.replacing("_", with: " "), grouped(task.samples),
            grouped(task.missing),
          ] : ["", "", "", ""]
        table.append(
          facts + [metric.name.replacing("_", with: " "), rounded(metric.value, 4)])
      }
    }
    table.write(to: sink)
    sink.write("\n")
    guard !conflicts.isEmpty else { return }
    var pairs = TextTable(
      header: ["gradients at the shared value", "mean cosine", "opposed", "images"],
      alignments: [.left, .right, .right, .right])
    for conflict in conflicts {
      pairs.append([
        "\(conflict.first), \(conflict.second)", rounded(conflict.meanCosine, 3),
        percent(conflict.conflictingShare), grouped(conflict.samples),
      ])
    }
    pairs.write(to: sink)
    sink.write("\n")
  }

  private static func writeComparisons(_ report: EvaluationReport, _ sink: FileSink) {
    var table = TextTable(
      header: ["system", "user's classes", "other classes"], alignments: [.left, .right, .right])
    for row in report.comparisons {
      table.append([row.name, percent(row.userAccuracy), percent(row.otherAccuracy)])
    }
    table.write(to: sink)
    sink.write("\n")
  }

  private static func writeClasses(_ report: EvaluationReport, _ sink: FileSink) {
    guard !report.perClass.isEmpty, report.perClass.count <= 40 else { return }
    var table = TextTable(
      header: ["class", "images", "accuracy"], alignments: [.left, .right, .right])
    for row in report.perClass {
      table.append([row.name, grouped(row.samples), percent(row.accuracy)])
    }
    table.write(to: sink)
    sink.write("\n")
  }

  private static func writeFlights(_ flights: [FlightReport], _ sink: FileSink) {
    let isSent = flights.contains { $0.bytesPerFrame != nil }
    var header = [
      "policy", "goals, m", "flights", "reached", "collided", "out of steps", "SPL", "steps",
    ]
    if isSent {
      header += ["B a frame", "B a flight", "depth error", "R²", "latency", "branches, %"]
    }
    var table = TextTable(
      header: header, alignments: [.left] + Array(repeating: .right, count: header.count - 1))
    for flight in flights {
      let goals = flight.goalDistance.map { rounded($0, 0) }.joined(separator: "–")
      var row: [String] = [
        flight.policy, goals, grouped(flight.episodes), percent(flight.success),
        percent(flight.collisions), percent(flight.timeouts), rounded(flight.pathSuccess, 3),
        rounded(flight.steps, 1),
      ]
      if isSent {
        let shares = flight.shares ?? []
        row.append(flight.bytesPerFrame.map { rounded($0, 1) } ?? "")
        row.append(flight.bytesPerEpisode.map { grouped(Int($0.rounded())) } ?? "")
        row.append(flight.depthError.map { rounded($0, 4) } ?? "")
        row.append(flight.determination.map { rounded($0, 3) } ?? "")
        row.append(flight.latency.map { "\($0)" } ?? "")
        row.append(shares.map { rounded(100 * $0, 0) }.joined(separator: "/"))
      }
      table.append(row)
    }
    table.write(to: sink)
    sink.write("\n")
  }

  private static func writeBitErrors(_ systems: [BitErrorReport], _ sink: FileSink) {
    let rates = systems.first?.points.map(\.rate) ?? []
    var table = TextTable(
      header: ["accuracy, % at bit error rate", "bytes", "fp32 over it"] + rates.map { "\($0)" },
      alignments: [.left] + Array(repeating: .right, count: 2 + rates.count))
    for system in systems {
      table.append(
        [system.system, rounded(system.bytes, 1), rounded(system.ratio, 1)]
          + system.points.map { point in
            let spread = point.draws > 1 ? " ± \(rounded(100 * point.deviation, 2))" : ""
            return rounded(100 * point.accuracy, 2) + spread
          })
    }
    table.write(to: sink)
    let draws = systems.first?.points.map(\.draws).max() ?? 1
    sink.write(
      "\nthe channel drawn \(draws) times, ± between draws; the header of a message is protected\n\n"
    )
  }

  /// How many rows of a curve are shown.
  private static let shownPoints = 11

  private static func writeExits(_ report: ExitReport, _ sink: FileSink) {
    var exits = TextTable(
      header: [
        "exit at", "on the", "accuracy alone", "temperature", "calibration error", "uncalibrated",
        "MACs", "bytes",
      ],
      alignments: [.left, .left, .right, .right, .right, .right, .right, .right])
    for exit in report.exits {
      exits.append([
        exit.edge, exit.place.rawValue, percent(exit.accuracy), rounded(exit.temperature, 3),
        rounded(exit.calibrationError, 4), rounded(exit.calibrationErrorBefore, 4),
        grouped(exit.macs), grouped(exit.bytes),
      ])
    }
    exits.write(to: sink)
    sink.write("\n")
    var table = TextTable(
      header: [
        report.rule.rawValue.replacing("_", with: " "), "accuracy", "leave early", "bytes up",
        "device MACs", "server MACs", "latency", "energy",
      ],
      alignments: [.left, .right, .right, .right, .right, .right, .right, .right])
    func add(_ point: ExitReport.Point, _ name: String) {
      let shares = point.exitShares.map { percent($0) }.joined(separator: " + ")
      table.append([
        name, percent(point.accuracy), shares, rounded(point.bytes, 1),
        grouped(Int(point.deviceMACs.rounded())), grouped(Int(point.serverMACs.rounded())),
        "\(point.latency)", "\(point.energy)",
      ])
    }
    // Rows lie evenly over the share that leaves, of which thresholds say little.
    let curve = report.curve.filter { ($0.threshold ?? 0) > 0 && ($0.threshold ?? 0) <= 1 }
    for index in 0..<min(shownPoints, curve.count) {
      let point = curve[index * max(0, curve.count - 1) / max(1, min(shownPoints, curve.count) - 1)]
      add(point, rounded(point.threshold ?? 0, 4))
    }
    for point in report.named {
      let names = [
        "local": "all leave at the first exit", "remote": "no exits",
        "chosen": "chosen: \(point.threshold.map { $0 > 1 ? "never" : rounded($0, 4) } ?? "")",
      ]
      add(point, names[point.name] ?? point.name)
    }
    table.write(to: sink)
    sink.write("\nmeans over the test images; the threshold was chosen on validation images\n\n")
  }

  private static func writeCodecs(
    _ codecs: [EvaluationReport.CodecComparison], _ sink: FileSink
  ) {
    let isText = codecs.contains { $0.bitsPerSymbol != nil }
    // The figures of a single task have room beside the bytes.
    let metrics = codecs[0].tasks.flatMap { $0.count == 1 ? $0[0].metrics : nil } ?? []
    let shown = metrics.map(\.name).filter { ["abs_rel", "r2"].contains($0) }
    var table = TextTable(
      header: [
        "sent as",
        isText ? "bits a character" : codecs[0].tasks == nil ? "accuracy" : "mean quality", "bytes",
        "p50", "p99", "ratio",
        "tables",
      ] + shown.map { $0.replacing("_", with: " ") },
      alignments: [.left] + Array(repeating: .right, count: 6 + shown.count))
    for row in codecs {
      table.append(
        [
          row.name + (row.isChosen ? ", chosen" : ""),
          row.bitsPerSymbol.map { rounded($0, 4) } ?? percent(row.accuracy),
          rounded(row.meanBytes, 1), rounded(row.p50Bytes, 1), rounded(row.p99Bytes, 1),
          rounded(row.ratio, 2), row.tableBytes > 0 ? "\(grouped(row.tableBytes)) B" : "",
        ]
          + shown.map { name in
            row.tasks?.first?.metrics.first { $0.name == name }.map { rounded($0.value, 4) } ?? ""
          })
    }
    table.write(to: sink)
    sink.write("\n")
  }

  private static func writeSplit(
    _ split: EvaluationReport.SplitCost, isEncoded: Bool, _ sink: FileSink
  ) {
    var table = TextTable(header: ["cost of one image", ""], alignments: [.left, .right])
    let latency = split.latency
    table.append(["encoder size", "\(ByteCount(split.encoderBytes))"])
    if let stream = split.stream {
      table.append(["data sent up, mean", "\(rounded(stream.mean, 1)) B"])
      if let expected = stream.expected {
        table.append(["  expected by its model", "\(rounded(expected, 1)) B"])
      }
      table.append(["  median", "\(rounded(stream.p50, 1)) B"])
      table.append(["  99 % of images", "\(rounded(stream.p99, 1)) B at most"])
    } else {
      table.append([
        isEncoded ? "data sent up, on average" : "data sent up, fp32",
        "\(grouped(split.uplinkBytes)) B",
      ])
    }
    for (name, value) in [
      ("data sent down", "\(grouped(split.downlinkBytes)) B"),
      ("device MACs", grouped(split.deviceMACs)),
      ("server MACs", grouped(split.serverMACs)),
      ("device time, \(factor(latency.device, split.deviceTime))", "\(latency.device)"),
      ("uplink time", "\(latency.uplink)"),
      ("round trip", "\(latency.roundTrip)"),
      ("server time, \(factor(latency.server, split.serverTime))", "\(latency.server)"),
      ("downlink time", "\(latency.downlink)"),
      ("latency, end to end", "\(latency.total)"),
      ("device energy", "\(split.deviceEnergy)"),
    ] {
      table.append([name, value])
    }
    table.write(to: sink)
  }

  /// How a time comes about that was measured on this machine and belongs to another.
  private static func factor(_ time: TimeSpan, _ measured: TimeSpan) -> String {
    guard measured.seconds > 0, abs(time.seconds / measured.seconds - 1) > 1e-6 else {
      return "measured here"
    }
    let factor = time.seconds / measured.seconds
    return factor > 1
      ? "\(rounded(factor, 1)) × as measured here"
      : "measured here, divided by \(rounded(1 / factor, 1))"
  }

  private static func writeSearch(_ search: ArchitectureSearchReport, _ sink: FileSink) {
    typealias Architecture = ArchitectureSearchReport.Architecture
    let columns =
      [("found", search.found)] + (search.optimum.map { [("best of all", $0)] } ?? [])
      + search.unsplit.map { ($0.split == "none" ? "all on the device" : "all on the server", $0) }
    var table = TextTable(
      header: ["networks with shared weights"] + columns.map(\.0),
      alignments: [.left] + columns.map { _ in .right })
    func add(_ name: String, _ value: (Architecture) -> String) {
      table.append([name] + columns.map { value($0.1) })
    }
    for stage in search.found.blocks.stages.indices {
      add("stage \(stage + 1)") {
        $0.blocks.stages[stage].operations.map(\.name).joined(separator: " ")
      }
      add("  channels left at its end") {
        let stage = $0.blocks.stages[stage]
        return "\(stage.narrowChannels(stage.bottleneck)) of \(stage.channels)"
      }
    }
    add("split") { $0.split }
    add("data sent up") { "\(grouped($0.uplinkBytes)) B" }
    add("device MACs") { grouped($0.deviceMACs) }
    add("server MACs") { grouped($0.serverMACs) }
    add("device time, by the table") { "\($0.latency.device)" }
    add("uplink time") { "\($0.latency.uplink)" }
    add("round trip and downlink") { "\($0.latency.roundTrip + $0.latency.downlink)" }
    add("server time, by the table") { "\($0.latency.server)" }
    add("latency") { "\($0.total)" }
    if search.limited == "split" { add("within the limit") { $0.isFeasible ? "yes" : "no" } }
    add("accuracy on validation images") { percent($0.sharedAccuracy) }
    table.write(to: sink)
    let limit =
      search.limited == "split"
      ? "limit \(search.limit)"
      : "limit \(search.limit) for the whole network on the device, the split chosen afterwards"
    sink.write(
      "\n\(limit); \(grouped(search.evaluations)) evaluations"
        + "\(search.points.map { " of \(grouped($0)) points" } ?? ""), "
        + "\(percent(search.feasibleShare)) within it; found by: "
        + "\(search.origin.replacing("_", with: " "))\n"
        + "latency table \(search.tableHash), \(search.machine), \(search.date)")
    for check in search.checks {
      sink.write(
        "\n\(check.side): \(check.table) by the table, \(check.measured) measured in one piece")
    }
    sink.write("\n\n")
  }

  private static func percent(_ fraction: Double?) -> String {
    fraction.map { "\(rounded($0 * 100, 2)) %" } ?? "–"
  }
}
