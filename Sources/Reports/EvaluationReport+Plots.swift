internal import Metrics
public import Plots
internal import Splitting
internal import Tasks
public import Training

/// The pictures of a report.
extension EvaluationReport {
  /// Everything that is better seen than read.
  public var plots: [any Plot] {
    var plots: [any Plot] = []
    if let confusion, confusion.count == perClass.count, confusion.count <= Self.shownClasses {
      plots.append(
        ConfusionPlot(
          title: "What is taken for what, % of each class", names: perClass.map(\.name),
          counts: confusion))
    }
    if let search { plots.append(search.paretoPlot) }
    if let bitErrors { plots.append(Self.plot(of: bitErrors)) }
    if let codecs, codecs.count > 1 { plots += Self.plots(of: codecs) as [any Plot] }
    if let exits { plots.append(Self.plot(of: exits)) }
    if let bars = decisionBars { plots.append(bars) }
    if let split {
      plots.append(
        StackedBars(
          title: "Where the time of an image goes, end to end \(split.latency.total)",
          latencies: [("modelled", split.latency)]))
    }
    return plots
  }

  private static func plot(of systems: [BitErrorReport]) -> CurvePlot {
    CurvePlot(
      title: "Accuracy over bit errors", horizontal: Axis("bit error rate", format: Axis.number),
      vertical: .percent("accuracy"),
      curves: systems.map { system in
        CurvePlot.Curve(
          name: "\(system.system), \(rounded(system.bytes, 0)) B",
          samples: system.points.map { point in
            CurvePlot.Sample(
              x: point.rate, y: 100 * point.accuracy,
              spread: point.draws > 1 ? 100 * point.deviation : nil,
              label: "\(system.system) at \(point.rate): \(percent(point.accuracy))")
          })
      })
  }

  /// A picture of the accuracy, or one for each task.
  private static func plots(of codecs: [CodecComparison]) -> [CurvePlot] {
    guard let tasks = codecs.first?.tasks else {
      return [plot(of: codecs, "", "accuracy", .score) { $0.accuracy }]
    }
    return tasks.enumerated().map { index, result in
      plot(
        of: codecs, tasks.count > 1 ? ", \(result.task)" : "",
        result.judged?.name.replacing("_", with: " ") ?? "", result.judged?.scale ?? .number
      ) { codec in
        codec.tasks.flatMap { $0.indices.contains(index) ? $0[index].quality : nil }
      }
    }
  }

  private static func plot(
    of codecs: [CodecComparison], _ suffix: String, _ name: String, _ scale: MetricScale,
    _ quality: (CodecComparison) -> Double?
  ) -> CurvePlot {
    CurvePlot(
      title: "Rate and quality\(suffix)",
      horizontal: Axis("bytes sent per image (logarithmic)", .logarithmic, format: Axis.bytes),
      vertical: Axis(name, scale),
      curves: codecs.map { codec in
        let value = quality(codec)
        let sample = value.map { value in
          CurvePlot.Sample(
            x: codec.meanBytes, y: scale.plotFactor * value,
            label: "\(codec.name): \(rounded(codec.meanBytes, 1)) B, \(text(value, scale))")
        }
        return CurvePlot.Curve(
          name: codec.name, samples: sample.map { [$0] } ?? [], isJoined: false)
      })
  }

  private static func plot(of exits: ExitReport) -> CurvePlot {
    func sample(_ point: ExitReport.Point, _ name: String) -> CurvePlot.Sample {
      CurvePlot.Sample(
        x: point.latency.milliseconds, y: 100 * point.accuracy,
        label: "\(name): \(point.latency), \(percent(point.accuracy))")
    }
    return CurvePlot(
      title: "Latency and accuracy over thresholds",
      horizontal: Axis("mean latency of an image, ms", format: Axis.number),
      vertical: .percent("accuracy"),
      curves: [
        CurvePlot.Curve(
          name: "thresholds",
          samples: exits.curve.map { point in
            sample(point, "threshold \(point.threshold.map { rounded($0, 4) } ?? "none")")
          })
      ]
        + exits.named.map { point in
          CurvePlot.Curve(
            name: point.name, samples: [sample(point, point.name)], isJoined: false)
        })
  }

  /// Who decides how often: the exits at the chosen threshold, or the branches of each flight.
  private var decisionBars: StackedBars? {
    if let exits, let chosen = exits.named.first(where: { $0.name == "chosen" }) {
      let early = chosen.exitShares
      return StackedBars(
        title: "Where images leave at the chosen threshold",
        axis: .percent("images"),
        parts: exits.exits.prefix(early.count).map { "exit at \($0.edge)" } + ["the end"],
        bars: [
          StackedBars.Bar(
            name: "chosen",
            values: (early + [max(0, 1 - early.reduce(0, +))]).map { 100 * $0 })
        ])
    }
    let shown = (flights ?? []).filter { ($0.shares?.count ?? 0) > 1 }
    guard let branches = shown.first?.shares?.count,
      shown.allSatisfy({ $0.shares?.count == branches })
    else { return nil }
    return StackedBars(
      title: "Which branch has the frames", axis: .percent("frames"),
      parts: (1...branches).map { "branch \($0)" },
      bars: shown.map { flight in
        StackedBars.Bar(
          name: flight.policy, values: (flight.shares ?? []).map { max(0, 100 * $0) })
      })
  }
}

/// The course of training as pictures.
extension [EpochRecord] {
  /// The losses, and every other figure on validation images, over the epochs.
  var plots: [any Plot] {
    guard count > 1 else { return [] }
    func samples(
      _ scale: MetricScale, _ value: (EpochRecord) -> Double?
    ) -> [CurvePlot.Sample] {
      compactMap { record in
        guard let y = value(record), y.isFinite else { return nil }
        return CurvePlot.Sample(
          x: Double(record.epoch), y: scale.plotFactor * y,
          label: "epoch \(record.epoch): \(text(y, scale))")
      }
    }
    func validation(_ name: String) -> (EpochRecord) -> Double? {
      { $0.validation[name] }
    }
    let names = Set(flatMap(\.validation.values.keys)).sorted()
    var epochs = Axis("epoch", format: Axis.number)
    epochs.isWhole = true
    var plots = [
      CurvePlot(
        title: "Loss", horizontal: epochs, vertical: Axis("loss", format: Axis.number),
        curves: [
          CurvePlot.Curve(name: "training", samples: samples(.number, \.trainLoss)),
          CurvePlot.Curve(name: "validation", samples: samples(.number, validation("loss"))),
        ])
    ]
    for name in names where name != "loss" {
      let scale = MetricScale(named: name)
      let curve = CurvePlot.Curve(name: name, samples: samples(scale, validation(name)))
      guard !curve.samples.isEmpty else { continue }
      plots.append(
        CurvePlot(
          title: "\(name) on validation images", horizontal: epochs,
          vertical: Axis(name, scale), curves: [curve]))
    }
    return plots
  }
}
