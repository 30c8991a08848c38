internal import Metrics
internal import Networks
internal import Splitting
internal import Tasks
public import Training

/// A report as tables and sentences: what terminals and pages show.
extension EvaluationReport {
  /// What was measured on what, and its first figure; of tasks that of each.
  public var headline: String {
    let user = userClasses.map { " on the user's classes (\($0.joined(separator: ", ")))" }
    let figures =
      tasks.map(Self.headline)
      ?? "\(flights == nil ? "accuracy" : "goals reached") \(percent(accuracy))"
    return "\(method) on \(dataset), \(grouped(samples)) \(flights == nil ? "images" : "flights"): "
      + figures + (user ?? "")
  }

  /// The figure each task is judged by; the name of a single task is left out.
  private static func headline(of tasks: [TaskResult]) -> String {
    tasks.map { result in
      let name = result.judged?.name.replacing("_", with: " ") ?? "no figure"
      let reason = result.judged?.reason.map { " (\($0))" } ?? ""
      return (tasks.count > 1 ? "\(result.task), " : "")
        + "\(name) \(result.judged.map { text($0.value, $0.scale) } ?? "")\(reason)"
    }.joined(separator: "; ")
  }

  /// Everything that was measured.
  public var tables: [ReportTable] {
    var tables: [ReportTable?] = []
    if let tasks { tables.append(Self.table(of: tasks)) }
    if let conflicts { tables.append(Self.table(of: conflicts)) }
    tables += [comparisonTable, classTable]
    if let exits { tables += Self.tables(of: exits) }
    if let flights { tables.append(Self.table(of: flights)) }
    if let search { tables.append(Self.table(of: search)) }
    if let bitErrors { tables.append(Self.table(of: bitErrors)) }
    if let codecs { tables.append(Self.table(of: codecs)) }
    if let split { tables.append(Self.table(of: split)) }
    return tables.compactMap(\.self)
  }

  /// Facts that are no tables.
  public var remarks: [String] {
    var remarks: [String] = []
    if let psnr { remarks.append("PSNR of decoded images: \(text(psnr, ofMetric: "psnr"))") }
    if split == nil {
      remarks.append("\(grouped(parameters)) parameters, \(grouped(macs)) MACs an image")
    }
    if let training {
      remarks.append(
        "trained \(training.epochs) epochs\(training.stoppedEarly ? " (stopped early)" : ""), "
          + "best \(training.bestEpoch), \(TimeSpan.seconds(training.secondsPerEpoch)) an epoch")
    }
    return remarks + (notes ?? [])
  }

  private static func table(of tasks: [TaskResult]) -> ReportTable {
    var table = ReportTable(
      header: ["task", "kind", "images", "not annotated", "figure", "value"],
      textColumns: [0, 1, 4])
    for task in tasks {
      for (index, metric) in task.metrics.enumerated() {
        let facts =
          index == 0
          ? [
            task.task, task.kind.rawValue.replacing("_", with: " "), grouped(task.samples),
            grouped(task.missing),
          ] : [task.task, "", "", ""]
        table.rows.append(
          facts + [metric.name.replacing("_", with: " "), text(metric.value, metric.scale)])
      }
    }
    let reasons = tasks.flatMap { task in
      Dictionary(grouping: task.metrics.filter { $0.reason != nil }, by: { $0.reason ?? "" })
        .sorted { $0.key < $1.key }.map { reason, metrics in
          let names = metrics.map { $0.name.replacing("_", with: " ") }.joined(separator: ", ")
          return "\(task.task): \(names) not defined, as \(reason)"
        }
    }
    if !reasons.isEmpty { table.note = reasons.joined(separator: "; ") }
    return table
  }

  private static func table(of conflicts: [TaskConflict]) -> ReportTable? {
    guard !conflicts.isEmpty else { return nil }
    var pairs = ReportTable(
      header: ["gradients at the shared value", "mean cosine", "opposed", "images"])
    for conflict in conflicts {
      pairs.rows.append([
        "\(conflict.first), \(conflict.second)", rounded(conflict.meanCosine, 3),
        percent(conflict.conflictingShare), grouped(conflict.samples),
      ])
    }
    return pairs
  }

  private var comparisonTable: ReportTable? {
    guard comparisons.count > 1 else { return nil }
    var table = ReportTable(header: ["system", "user's classes", "other classes"])
    for row in comparisons {
      table.rows.append([row.name, percent(row.userAccuracy), percent(row.otherAccuracy)])
    }
    return table
  }

  /// The most classes that are shown one by one.
  static let shownClasses = 40

  private var classTable: ReportTable? {
    guard !perClass.isEmpty, perClass.count <= Self.shownClasses else { return nil }
    var table = ReportTable(header: ["class", "images", "accuracy"])
    for row in perClass {
      table.rows.append([row.name, grouped(row.samples), percent(row.accuracy)])
    }
    return table
  }

  private static func table(of flights: [FlightReport]) -> ReportTable {
    let isSent = flights.contains { $0.bytesPerFrame != nil }
    var header = [
      "policy", "goals, m", "flights", "reached", "collided", "out of steps", "SPL", "steps",
    ]
    if isSent {
      header += ["B a frame", "B a flight", "depth error", "R²", "latency", "branches, %"]
    }
    var table = ReportTable(header: header)
    for flight in flights {
      let goals = flight.goalDistance.map { rounded($0, 0) }.joined(separator: "–")
      var row: [String] = [
        flight.policy, goals, grouped(flight.episodes), percent(flight.success),
        percent(flight.collisions), percent(flight.timeouts),
        flight.pathSuccess.map { rounded($0, 3) } ?? notDefined,
        flight.steps.map { rounded($0, 1) } ?? notDefined,
      ]
      if isSent {
        let shares = flight.shares ?? []
        row.append(flight.bytesPerFrame.map { grouped($0) } ?? "")
        row.append(flight.bytesPerEpisode.map { grouped(Int($0.rounded())) } ?? "")
        row.append(flight.depthError.map { rounded($0, 4) } ?? "")
        row.append(flight.determination.map { rounded($0, 3) } ?? "")
        row.append(flight.latency.map { "\($0)" } ?? "")
        row.append(shares.map { rounded(100 * $0, 0) }.joined(separator: "/"))
      }
      table.rows.append(row)
    }
    return table
  }

  private static func table(of systems: [BitErrorReport]) -> ReportTable {
    let rates = systems.first?.points.map(\.rate) ?? []
    var table = ReportTable(
      header: ["accuracy, % at bit error rate", "bytes", "fp32 over it"]
        + rates.map { $0 == 0 ? "0" : "\($0)" })
    for system in systems {
      table.rows.append(
        [system.system, grouped(system.bytes), rounded(system.ratio, 1)]
          + system.points.map { point in
            let spread = point.draws > 1 ? " ± \(rounded(100 * point.deviation, 2))" : ""
            return rounded(100 * point.accuracy, 2) + spread
          })
    }
    let draws = systems.first?.points.map(\.draws).max() ?? 1
    table.note =
      "the channel drawn \(draws) times, ± between draws; the header of a message is protected"
    return table
  }

  /// How many rows of a curve are shown.
  private static let shownPoints = 11

  private static func tables(of report: ExitReport) -> [ReportTable] {
    var exits = ReportTable(
      header: [
        "exit at", "on the", "accuracy alone", "temperature", "calibration error", "uncalibrated",
        "MACs", "bytes",
      ], textColumns: [0, 1])
    for exit in report.exits {
      exits.rows.append([
        exit.edge, exit.place.rawValue, percent(exit.accuracy), rounded(exit.temperature, 3),
        rounded(exit.calibrationError, 4), rounded(exit.calibrationErrorBefore, 4),
        grouped(exit.macs), grouped(exit.bytes),
      ])
    }
    var table = ReportTable(
      header: [
        report.rule.rawValue.replacing("_", with: " "), "accuracy", "leave early", "bytes up",
        "device MACs", "server MACs", "latency", "energy",
      ])
    func add(_ point: ExitReport.Point, _ name: String) {
      let shares = point.exitShares.map { percent($0) }.joined(separator: " + ")
      table.rows.append([
        name, percent(point.accuracy), shares, grouped(point.bytes),
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
    table.note = "means over the test images; the threshold was chosen on validation images"
    return [exits, table]
  }

  private static func table(of codecs: [CodecComparison]) -> ReportTable {
    let isText = codecs.contains { $0.bitsPerSymbol != nil }
    let tasks = codecs.first?.tasks ?? []
    // The figures of a single task have room beside the bytes.
    let shown =
      tasks.count == 1
      ? tasks[0].metrics.map(\.name).filter { ["abs_rel", "r2"].contains($0) } : []
    let judged = tasks.map { result in
      (tasks.count > 1 ? "\(result.task), " : "")
        + (result.judged?.name.replacing("_", with: " ") ?? "")
    }
    var table = ReportTable(
      header: ["sent as"]
        + (isText ? ["bits a character"] : judged.isEmpty ? ["accuracy"] : judged)
        + ["bytes", "p50", "p99", "ratio", "tables"]
        + shown.map { $0.replacing("_", with: " ") })
    for row in codecs {
      let figures =
        row.tasks.map { $0.map { text($0.quality, $0.judged?.scale ?? .number) } }
        ?? [row.bitsPerSymbol.map { rounded($0, 4) } ?? percent(row.accuracy)]
      table.rows.append(
        [row.name + (row.isChosen ? ", chosen" : "")] + figures
          + [
            rounded(row.meanBytes, 1), rounded(row.p50Bytes, 1), rounded(row.p99Bytes, 1),
            rounded(row.ratio, 2), row.tableBytes > 0 ? "\(grouped(row.tableBytes)) B" : "",
          ]
          + shown.map { name in
            row.tasks?.first?.metrics.first { $0.name == name }
              .map { text($0.value, $0.scale) } ?? ""
          })
    }
    return table
  }

  private static func table(of split: SplitCost) -> ReportTable {
    var table = ReportTable(header: ["cost of one image", ""])
    let latency = split.latency
    table.rows.append(["encoder size", "\(ByteCount(split.encoderBytes))"])
    if let share = split.sentShare, share < 1 {
      table.rows.append(["images that are sent", percent(share)])
      table.note = "means over the test images, those included that the device answers itself"
    }
    if let stream = split.stream, stream.p50 < stream.p99 || stream.expected != nil {
      table.rows.append(["data sent up, mean", "\(grouped(stream.mean)) B"])
      if let expected = stream.expected {
        table.rows.append(["  expected by its model", "\(grouped(expected)) B"])
      }
      table.rows.append(["  median", "\(grouped(stream.p50)) B"])
      table.rows.append(["  99 % of images", "\(grouped(stream.p99)) B at most"])
    } else {
      table.rows.append(["data sent up", "\(grouped(split.uplinkBytes)) B"])
    }
    // A mean over images that are sent and others is no multiple of one time.
    let isWhole = (split.sentShare ?? 1) == 1
    func time(_ name: String, _ latency: TimeSpan, _ measured: TimeSpan) -> String {
      isWhole ? "\(name), \(factor(latency, measured))" : name
    }
    for (name, value) in [
      ("data sent down", "\(grouped(split.downlinkBytes)) B"),
      ("device MACs", grouped(split.deviceMACs)),
      ("server MACs", grouped(split.serverMACs)),
      (time("device time", latency.device, split.deviceTime), "\(latency.device)"),
      ("uplink time", "\(latency.uplink)"),
      ("round trip", "\(latency.roundTrip)"),
      (time("server time", latency.server, split.serverTime), "\(latency.server)"),
      ("downlink time", "\(latency.downlink)"),
      ("latency, end to end", "\(latency.total)"),
      ("device energy", "\(split.deviceEnergy)"),
    ] {
      table.rows.append([name, value])
    }
    return table
  }

  /// How a time comes about that was measured on this machine and belongs to another.
  private static func factor(_ time: TimeSpan, _ measured: TimeSpan) -> String {
    guard measured.seconds > 0, abs(time.seconds / measured.seconds - 1) > 1e-6 else {
      return "measured here"
    }
    let factor = time.seconds / measured.seconds
    return factor > 1
      ? "\(grouped(factor)) × as measured here"
      : "measured here, divided by \(grouped(1 / factor))"
  }

  private static func table(of search: ArchitectureSearchReport) -> ReportTable {
    typealias Architecture = ArchitectureSearchReport.Architecture
    let columns =
      [("found", search.found)] + (search.optimum.map { [("best of all", $0)] } ?? [])
      + search.unsplit.map { ($0.split == "none" ? "all on the device" : "all on the server", $0) }
    var table = ReportTable(header: ["networks with shared weights"] + columns.map(\.0))
    func add(_ name: String, _ value: (Architecture) -> String) {
      table.rows.append([name] + columns.map { value($0.1) })
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
    let limit =
      search.limited == "split"
      ? "limit \(search.limit)"
      : "limit \(search.limit) for the whole network on the device, the split chosen afterwards"
    table.note =
      "\(limit); \(grouped(search.evaluations)) evaluations"
      + "\(search.points.map { " of \(grouped($0)) points" } ?? ""), "
      + "\(percent(search.feasibleShare)) within it; found by: "
      + "\(search.origin.replacing("_", with: " ")); "
      + "latency table \(search.tableHash), \(search.machine), \(search.date)"
      + search.checks.map {
        "; \($0.side): \($0.table) by the table, \($0.measured) measured in one piece"
      }.joined()
    return table
  }
}
