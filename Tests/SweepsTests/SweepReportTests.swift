import Foundation
import Metrics
import Plots
import Recipes
import Reports
import Sweeps
import Testing

/// Plans over a recipe that is written, and reports as runs would leave them.
@Suite struct SweepReportTests {
  private final class Bench {
    let folder: String

    init() throws {
      folder = NSTemporaryDirectory() + "sweep-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try write(
        """
        method: supervised
        data: {name: shapes, samples: 20}
        network: {architecture: resnet8}
        train: {epochs: 1}
        """, to: "recipe.yaml")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ text: String, to file: String) throws {
      let path = "\(folder)/\(file)"
      try FileManager.default.createDirectory(
        atPath: NSString(string: path).deletingLastPathComponent,
        withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    func plan(_ text: String, isRunnable: Bool = true) throws -> SweepPlan {
      try SweepPlan(
        SweepConfiguration(
          RecipeDocument(name: "sweep.yaml", text: "recipe: \(folder)/recipe.yaml\n" + text)),
        folder: folder + "/runs", isRunnable: isRunnable)
    }

    /// Leaves what a run that is done leaves.
    func finish(_ run: SweepPlan.Run, _ report: String) throws {
      let recipe = try RecipeDocument(
        contentsOf: folder + "/recipe.yaml", overrides: run.overrides)
      let name = String(run.folder.dropFirst(folder.count + 1))
      try write(try recipe.yaml, to: name + "/recipe.yaml")
      try write(report, to: name + "/report.json")
    }
  }

  private static let sweep = """
    seeds: [1, 2, 3]
    variants:
      - {name: adam, label: with Adam}
      - {name: sgd, set: {train.optimizer: {name: sgd, learning_rate: 0.1}}}
    grid: {train.epochs: [1, 2], train.batch_size: [4, 8]}
    baseline: adam
    measures:
      - {path: accuracy, unit: "%"}
      - {path: "list[name=b].time", name: time, unit: ms}
    plots: [{x: train.epochs, y: accuracy}]
    """

  @Test func settingsAreVariantsTimesTheGrid() throws {
    let bench = try Bench()
    let plan = try bench.plan(Self.sweep)
    #expect(plan.settings.count == 8 && plan.runs.count == 24)
    #expect(plan.settings[1].name == "adam,epochs=1,batch_size=8")
    #expect(plan.settings[1].label == "with Adam, epochs 1, batch_size 8")
    #expect(plan.settings[6].values == ["train.epochs": "2", "train.batch_size": "4"])
    #expect(
      plan.settings[6].overrides == [
        #"train.optimizer={"learning_rate":0.1,"name":"sgd"}"#, "train.epochs=2",
        "train.batch_size=4",
      ])
    // Seeds outermost.
    #expect(plan.runs[7].seed == 1 && plan.runs[8].seed == 2)
    #expect(plan.runs[8].folder == bench.folder + "/runs/adam,epochs=1,batch_size=4-seed-2")
    #expect(plan.runs[8].overrides.last == "seed=2")
    #expect(Set(plan.runs.map(\.folder)).count == 24)
  }

  /// A variant that names some of the seeds is run with those, and compared in them.
  @Test func aVariantCanHaveFewerSeeds() throws {
    let bench = try Bench()
    let plan = try bench.plan(
      """
      measures: [accuracy]
      seeds: [1, 2, 3]
      variants: [{name: few, seeds: [2]}, {name: all, set: {train.epochs: 2}}]
      baseline: all
      """)
    #expect(
      plan.runs.map { "\(plan.settings[$0.setting].name) \($0.seed)" } == [
        "all 1", "few 2", "all 2", "all 3",
      ])
    for run in plan.runs {
      let accuracy = Double(run.seed) / 10 + (run.setting == 0 ? 0.5 : 0)
      try bench.finish(run, "{\"accuracy\": \(accuracy)}")
    }
    let rows = try SweepReport(plan).rows
    #expect(rows.map(\.runs) == [1, 3])
    let difference = try #require(rows[0].figures["accuracy"]?.difference)
    #expect(difference.count == 1 && abs(difference.mean - 0.5) < 1e-12)
  }

  /// What is wrong with a variant is found though the first seed is not its.
  @Test func aVariantOfAnotherSeedIsCheckedBeforeAnythingRuns() throws {
    let bench = try Bench()
    #expect(throws: SweepError.self) {
      try bench.plan(
        "measures: [accuracy]\nseeds: [1, 2]\n"
          + "variants: [{name: good}, {name: bad, set: {train.epoch: 1}, seeds: [2]}]")
    }
  }

  @Test func valuesAreCalledByTheirNamesOrTheirElements() throws {
    let bench = try Bench()
    let plan = try bench.plan(
      """
      measures: [accuracy]
      grid:
        data.classes: {two: [cube, sphere], one: [cube]}
        network.input.mean: [[0.5, 0.25, 1], [0, 0, 0]]
      """)
    #expect(
      plan.settings.map(\.name) == [
        "classes=two,mean=0.5+0.25+1", "classes=two,mean=0+0+0", "classes=one,mean=0.5+0.25+1",
        "classes=one,mean=0+0+0",
      ])
    #expect(plan.settings[0].label == "classes two, mean 0.5+0.25+1")
    #expect(
      plan.settings[0].overrides == [
        #"data.classes=["cube","sphere"]"#, "network.input.mean=[0.5,0.25,1]",
      ])
  }

  @Test func aSettingThatDoesNotFitTheRecipeIsNamed() throws {
    let bench = try Bench()
    let error = #expect(throws: SweepError.self) {
      try bench.plan(
        "measures: [accuracy]\nvariants: [{name: good}, {name: bad, set: {train.epoch: 1}}]")
    }
    let message = "\(try #require(error))"
    #expect(message.hasPrefix("with 'bad':\n"))
    #expect(message.contains("unknown key 'epoch'"), "\(message)")
  }

  /// Tables are made where runs are looked at, which need not be where they ran.
  @Test func tablesNeedNoCheckpoints() throws {
    let bench = try Bench()
    let text = "measures: [accuracy]\nset: {network: {checkpoint: nowhere.h5}}"
    #expect(throws: RecipeProblems.self) { try bench.plan(text) }
    let plan = try bench.plan(text, isRunnable: false)
    try bench.finish(plan.runs[0], "{\"accuracy\": 0.5}")
    #expect(try SweepReport(plan).rows[0].figures["accuracy"]?.mean == 0.5)
  }

  @Test func statesFollowWhatIsThere() throws {
    let bench = try Bench()
    let plan = try bench.plan("measures: [accuracy]\nseeds: [1, 2, 3]")
    #expect(plan.runs.map(\.folder) == (1...3).map { bench.folder + "/runs/seed-\($0)" })
    try bench.finish(plan.runs[0], "{}")
    try bench.finish(plan.runs[1], "{}")
    try FileManager.default.removeItem(atPath: plan.runs[1].folder + "/report.json")
    #expect(try plan.runs.map { try plan.state(of: $0) } == [.done, .begun, .new])
    // Another recipe in the folder is not taken for this one.
    let other = try bench.plan("measures: [accuracy]\nset: {train.epochs: 7}")
    let error = #expect(throws: SweepError.self) { try other.state(of: other.runs[0]) }
    #expect("\(try #require(error))".contains("train.epochs: 7, not 1"))
  }

  /// The figures are those of the definitions, computed by hand.
  @Test func figuresAreMeansDeviationsAndPairedDifferences() throws {
    let bench = try Bench()
    let plan = try bench.plan(Self.sweep)
    let accuracies: [String: [Double]] = ["adam": [0.90, 0.92, 0.94], "sgd": [0.91, 0.94, 0.97]]
    for run in plan.runs where plan.settings[run.setting].values["train.epochs"] == "1" {
      let variant = try #require(plan.settings[run.setting].variant)
      let accuracy = try #require(accuracies[variant])[Int(run.seed) - 1]
      try bench.finish(
        run,
        #"{"accuracy": \#(accuracy), "list": [{"name": "a"}, {"name": "b", "time": "1.5 s"}]}"#)
    }
    let report = try SweepReport(plan)
    let first = report.rows[0]
    #expect(first.runs == 3 && report.rows[2].runs == 0)
    let figure = try #require(first.figures["accuracy"])
    #expect(abs(try #require(figure.mean) - 92) < 1e-9)
    #expect(abs(try #require(figure.deviation) - 2) < 1e-9)
    // Student's quantile for two degrees of freedom is 4.30265.
    #expect(abs(try #require(figure.halfWidth) - 4.30265 * 2 / 3.0.squareRoot()) < 1e-4)
    #expect(figure.difference == nil, "the baseline is not compared with itself")
    #expect(first.figures["time"]?.mean == 1500)
    let difference = try #require(report.rows[4].figures["accuracy"]?.difference)
    #expect(report.rows[4].variant == "sgd" && difference.count == 3)
    #expect(abs(difference.mean - 2) < 1e-9)
    #expect(abs(try #require(difference.standardDeviation) - 1) < 1e-9)

    // In the file seeds are the names of an object's members.
    let file = try JSONEncoder().encode(report)
    #expect(String(decoding: file, as: UTF8.self).contains(#""values":{"#))
    #expect(try JSONDecoder().decode(SweepReport.self, from: file) == report)

    let tables = report.tables(plan.configuration.measures)
    #expect(tables[0].header == ["setting", "runs", "accuracy, %", "time, ms"])
    #expect(
      tables[0].rows[0] == [
        "with Adam, epochs 1, batch_size 4", "3", "92.00 ± 2.00 [87.03, 96.97]",
        "1500.00",
      ])
    #expect(tables[0].rows[2].dropFirst() == ["0", "–", "–"])
    #expect(tables[1].rows.count == 2)
    #expect(tables[1].rows[0][2] == "+2.00 [−0.48, +4.48]")
    #expect(tables[1].markdown.contains("| sgd, epochs 1, batch_size 4 | 3 | +2.00"))
    let page = report.page(plan.configuration, text: "recipe: <a>").text
    for part in [
      "<h2>Result</h2>", "+2.00 [−0.48, +4.48]", "<pre>recipe: &lt;a&gt;</pre>",
      "<th scope=\"row\">with Adam, epochs 1, batch_size 4</th><td>2</td><td>92.00</td>",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    let plot = report.plots(plan.configuration)[0]
    #expect(plot.curves.map(\.name).first == "with Adam, batch_size 4")
    #expect(plot.curves[0].samples.map(\.x) == [1] && plot.curves[0].samples[0].spread != nil)
  }

  @Test func aDifferenceWithoutZeroInItsIntervalIsMarked() throws {
    let bench = try Bench()
    let plan = try bench.plan(
      """
      measures: [{path: accuracy, unit: "%"}]
      seeds: [1, 2]
      variants: [{name: a}, {name: b, set: {train.epochs: 2}}, {name: c, set: {train.epochs: 3}}]
      baseline: a
      """)
    for run in plan.runs {
      let accuracy = run.setting == 0 ? 0.5 : run.setting == 1 && run.seed == 2 ? 0.39 : 0.4
      try bench.finish(run, #"{"accuracy": \#(accuracy)}"#)
    }
    let rows = try SweepReport(plan).tables(plan.configuration.measures)[1].rows
    // 12.706 · 0.707 / √2 is 6.353. What is the same in every pair has no interval to be sure by.
    #expect(rows == [["b", "2", "−10.50 [−16.85, −4.15] *"], ["c", "2", "−10.00"]])
  }

  /// With so few runs an interval of t may leave what a fraction can be.
  @Test func intervalsOfFractionsEndAtTheirBounds() throws {
    let bench = try Bench()
    let plan = try bench.plan(
      """
      measures: [{path: accuracy, unit: "%"}, {path: "t[0].metrics[0].value", name: map}, r2]
      seeds: [1, 2, 3]
      """)
    for run in plan.runs {
      let value = [0.70, 0.90, 0.86][Int(run.seed) - 1]
      try bench.finish(
        run,
        """
        {"accuracy": \(value), "r2": \(value),
         "t": [{"metrics": [{"name": "map", "unit": "fraction", "lowest": 0, "highest": 1,
           "value": \(value)}]}]}
        """)
    }
    let report = try SweepReport(plan)
    let figures = report.rows[0].figures
    let accuracy = try #require(figures["accuracy"]?.interval)
    #expect(accuracy.upperBound == 100 && abs(accuracy.lowerBound - 55.72) < 0.01)
    #expect(figures["map"]?.interval?.upperBound == 1)
    // A coefficient of determination is no fraction.
    #expect(try #require(figures["r2"]?.interval).upperBound > 1.08)
    #expect(report.tables(plan.configuration.measures)[0].rows[0][2].hasSuffix(", 100.00]"))
  }

  /// Means leave out the runs without a value, and say of how many runs they are.
  @Test func whatIsNotDefinedInSomeRunsIsLeftOutAndCounted() throws {
    let bench = try Bench()
    let plan = try bench.plan(
      """
      measures: [{path: "tasks[task=boxes].metrics[name=map].value", name: map, unit: "%"},
                 training.best_epoch]
      seeds: [1, 2, 3]
      variants: [{name: a}, {name: b, set: {train.epochs: 2}}]
      """)
    for run in plan.runs {
      let value = run.setting == 1 ? "null" : ["0.5", "null", "0.75"][Int(run.seed) - 1]
      try bench.finish(
        run,
        """
        {"training": {"best_epoch": \(run.seed == 3 ? 5 : 4)},
         "tasks": [{"task": "boxes", "metrics": [{"name": "map", "value": \(value)}]}]}
        """)
    }
    let report = try SweepReport(plan)
    let figure = try #require(report.rows[0].figures["map"])
    #expect(figure.mean == 62.5 && figure.undefined == 1)
    let rows = report.tables(plan.configuration.measures)[0].rows
    #expect(rows[0][2].hasPrefix("62.50 ± 17.68 [") && rows[0][2].hasSuffix(" (2 of 3 defined)"))
    #expect(rows[1][2] == "not defined")
    let page = report.page(plan.configuration, text: "").text
    // Epochs are whole numbers.
    #expect(page.contains("<td>4</td>") && page.contains("<td>5</td>"))
  }

  /// A difference that is significant by itself is not among three that were tried.
  @Test func starsAreCorrectedForTheNumberOfComparisons() throws {
    let bench = try Bench()
    // With two seeds p is 1 − 2 / π · atan(|sum| / |difference|) of the two differences.
    let differences = [1: [0.10, 0.11], 2: [0.2, -0.1], 3: [0.1, -0.1]]
    func report(_ variants: [Int]) throws -> (report: SweepReport, table: ReportTable) {
      let plan = try bench.plan(
        """
        measures: [{path: accuracy, unit: "%"}]
        seeds: [1, 2]
        baseline: a
        variants: [{name: a}
        """
          + variants.map { ", {name: v\($0), set: {train.epochs: \($0 + 1)}}" }.joined() + "]")
      for run in plan.runs where try plan.state(of: run) != .done {
        let variant = try #require(plan.settings[run.setting].variant)
        let extra = Int(variant.dropFirst()).flatMap { differences[$0] } ?? [0, 0]
        try bench.finish(run, #"{"accuracy": \#(0.5 + extra[Int(run.seed) - 1])}"#)
      }
      let report = try SweepReport(plan)
      return (report, report.tables(plan.configuration.measures)[1])
    }
    // 1 − 2 / π · atan 21 is 0.0303.
    let alone = try report([1])
    #expect(alone.table.rows[0][2].hasSuffix(" *"))
    #expect(alone.table.title?.contains("correction for the 1 comparison of") == true)
    // Three times as much; 1 − 2 / π · atan(1 / 3) is 0.795 and twice that above 1.
    let three = try report([1, 2, 3])
    #expect(three.report.comparisonCount("accuracy") == 3)
    let adjusted = three.report.rows.dropFirst().map { $0.figures["accuracy"]?.adjustedPValue }
    #expect(abs(try #require(adjusted[0]) - 0.0909) < 1e-4)
    #expect(adjusted[1] == 1 && adjusted[2] == 1)
    #expect(three.table.rows[0][2] == "+10.50 [+4.15, +16.85]")
    #expect(three.table.title?.contains("correction for the 3 comparisons") == true)
  }

  /// What is true or false is a share of the runs.
  @Test func flagsAreShares() throws {
    let bench = try Bench()
    let plan = try bench.plan(
      "measures: [{path: found.feasible, name: within, unit: \"%\"}]\nseeds: [1, 2, 3, 4]")
    for run in plan.runs {
      try bench.finish(run, "{\"found\": {\"feasible\": \(run.seed != 2)}}")
    }
    let figure = try #require(try SweepReport(plan).rows[0].figures["within"])
    #expect(figure.mean == 75)
    #expect(figure.values[1] == 100 && figure.values[2] == 0)
  }

  /// A control reads other figures of the same runs, and is compared like a setting.
  @Test func controlsAreRowsOfWhatTheRunsReport() throws {
    let bench = try Bench()
    let plan = try bench.plan(
      """
      measures: [{path: "systems[name=new].points[0].accuracy", unit: "%"}, seconds]
      seeds: [1, 2]
      variants: [{name: a}, {name: b, set: {train.batch_size: 4}}]
      grid: {train.epochs: [1, 2]}
      controls:
        - {label: old one, variant: a, for: "systems[name=new]", read: "systems[name=old, slow]"}
      baseline: b
      plots: [{x: train.epochs, y: accuracy}]
      """)
    for run in plan.runs {
      let new = run.setting < 2 ? 0.5 : 0.6
      try bench.finish(
        run,
        """
        {"seconds": 3, "systems": [{"name": "new", "points": [{"accuracy": \(new)}]},
          {"name": "old, slow", "points": [{"accuracy": \(run.seed == 1 ? 0.4 : 0.42)}]}]}
        """)
    }
    let report = try SweepReport(plan)
    #expect(report.rows.count == 6)
    let row = report.rows[4]
    #expect(row.setting == "old one, epochs 1" && row.label == "old one")
    #expect(row.isControl && !report.rows[0].isControl && row.variant == nil)
    #expect(row.runs == 2 && row.grid == ["train.epochs": "1"])
    #expect(row.figures["accuracy"]?.values == [1: 40, 2: 42])
    #expect(row.figures["seconds"]?.values == [:], "what it does not read, it does not have")
    let difference = try #require(row.figures["accuracy"]?.difference)
    #expect(abs(difference.mean + 19) < 1e-9 && difference.count == 2)
    let plot = report.plots(plan.configuration)[0]
    #expect(plot.curves.map(\.name) == ["a", "b", "old one"])
    #expect(plot.curves[2].samples.map(\.x) == [1, 2])
    let page = report.page(plan.configuration, text: "").text
    #expect(page.contains("4 settings") && page.contains("old one, epochs 2"))
  }

  @Test func aKeyOfTheGridCanGoAcross() throws {
    let bench = try Bench()
    let text = """
      seeds: [1, 2]
      variants: [{name: a, label: first}, {name: b, set: {train.batch_size: 4}}]
      grid: {train.epochs: [1, 2], data.samples: {few: 20, more: 40}}
      controls: [{label: old one, variant: a, for: accuracy, read: old}]
      baseline: a
      across: data.samples
      """
    let plan = try bench.plan("measures: [{path: accuracy, unit: \"%\"}]\n" + text)
    for run in plan.runs {
      let setting = plan.settings[run.setting]
      if setting.variant == "b", setting.values["data.samples"] == "more", run.seed == 2 {
        continue
      }
      let accuracy = setting.variant == "a" ? 0.5 : run.seed == 1 ? 0.61 : 0.63
      try bench.finish(run, #"{"accuracy": \#(accuracy), "old": 0.25}"#)
    }
    let tables = try SweepReport(plan).tables(plan.configuration.measures)
    #expect(tables[0].title?.hasPrefix("accuracy, %: ") == true)
    #expect(tables[0].header == ["setting", "runs", "few", "more"])
    #expect(
      tables[0].rows.map(\.[0]) == [
        "first, epochs 1", "first, epochs 2", "b, epochs 1", "b, epochs 2", "old one, epochs 1",
        "old one, epochs 2",
      ])
    #expect(tables[0].rows[0] == ["first, epochs 1", "2", "50.00", "50.00"])
    #expect(tables[0].rows[2][1] == "1–2" && tables[0].rows[2][3] == "61.00")
    #expect(tables[0].rows[2][2].hasPrefix("62.00 ± 1.41 ["))
    #expect(tables[0].rows[4][2...] == ["25.00", "25.00"])
    #expect(tables[1].rows.map(\.[0]).first == "b, epochs 1" && tables[1].rows.count == 4)
    #expect(tables[1].rows[0][2].hasPrefix("+12.00 [") && tables[1].rows[0][3] == "+11.00")

    let both = try bench.plan("measures: [{path: accuracy, unit: \"%\"}, old]\n" + text)
    let ofBoth = try SweepReport(both).tables(both.configuration.measures)
    #expect(ofBoth[0] == tables[0] && ofBoth[1] == tables[1])
    // No setting differs in the second measure, and the control does not have it.
    #expect(ofBoth.count == 3 && ofBoth[2].title?.hasPrefix("old: ") == true)
    #expect(ofBoth[2].header == ["setting", "runs", "few", "more"])
    #expect(
      ofBoth[2].rows.map(\.[0]) == [
        "first, epochs 1", "first, epochs 2", "b, epochs 1", "b, epochs 2",
      ])
  }

  @Test func differencesThatCancelOutAreShown() throws {
    let bench = try Bench()
    let plan = try bench.plan(
      """
      seeds: [1, 2]
      measures: [accuracy]
      variants: [{name: a}, {name: b, set: {train.batch_size: 4}}]
      baseline: a
      """)
    for run in plan.runs {
      let isFirst = plan.settings[run.setting].variant == "a"
      try bench.finish(run, #"{"accuracy": \#(isFirst ? 2 : run.seed == 1 ? 1 : 3)}"#)
    }
    let tables = try SweepReport(plan).tables(plan.configuration.measures)
    #expect(tables.count == 2)
    #expect(tables.last?.rows.first?.last?.hasPrefix("+0.00 [") == true)
  }

  /// Labels are for people: that two are the same loses no row.
  @Test func variantsOfOneLabelAreRowsOfTheirOwn() throws {
    let bench = try Bench()
    let plan = try bench.plan(
      """
      measures: [accuracy]
      variants: [{name: a, label: same}, {name: b, label: same, set: {train.batch_size: 4}}]
      grid: {data.samples: [20, 40]}
      controls: [{label: same, variant: a, for: accuracy, read: old}]
      across: data.samples
      """)
    for run in plan.runs {
      let isFirst = plan.settings[run.setting].variant == "a"
      try bench.finish(run, #"{"accuracy": \#(isFirst ? 1 : 2), "old": 3}"#)
    }
    #expect(
      try SweepReport(plan).tables(plan.configuration.measures)[0].rows == [
        ["same", "1", "1.00", "1.00"], ["same", "1", "2.00", "2.00"],
        ["same", "1", "3.00", "3.00"],
      ])
  }

  @Test func runsOfOneSettingThatWereMeasuredOnOtherDataHaveNoMean() throws {
    let bench = try Bench()
    let plan = try bench.plan("seeds: [1, 2]\nmeasures: [{path: accuracy}]\n")
    try bench.finish(plan.runs[0], #"{"accuracy": 0.5, "test_data": "shapes:10:aa"}"#)
    try bench.finish(plan.runs[1], #"{"accuracy": 0.6, "test_data": "shapes:10:aa"}"#)
    #expect(try SweepReport(plan).rows.count == 1)
    try bench.finish(plan.runs[1], #"{"accuracy": 0.6, "test_data": "shapes:10:bb"}"#)
    #expect { try SweepReport(plan) } throws: {
      "\($0)".contains("shapes:10:bb") && "\($0)".contains("other data")
    }
  }
}
