import Foundation
import Plots
import Reports
import Testing
import Training

@Suite struct RunPageTests {
  private static let report = #"""
    {"method": "m<>", "dataset": "d/test", "samples": 4, "accuracy": 0.75, "macs": 1200,
     "parameters": 34, "comparisons": [],
     "per_class": [{"name": "a&b", "samples": 2, "accuracy": 1},
                   {"name": "c", "samples": 2, "accuracy": 0.5}],
     "confusion": [[2, 0], [1, 1]],
     "bit_errors": [{"system": "s", "bytes": 12, "ratio": 3, "points": [
        {"rate": 0, "accuracy": 0.75, "deviation": 0, "draws": 3, "lost": 0},
        {"rate": 0.1, "accuracy": 0.5, "deviation": 0.01, "draws": 3, "lost": 0}]}],
     "training": {"epochs": 2, "best_epoch": 1, "stopped_early": false, "seconds_per_epoch": 1.5,
        "seconds": 3, "validation": {"accuracy": 0.5}}}
    """#

  private static let history = #"""
    [{"epoch": 1, "step": 5, "train_loss": 2.5, "learning_rate": 0.1, "seconds": 1, "is_best": true,
      "validation": {"loss": 2.25, "accuracy": 0.5}},
     {"epoch": 2, "step": 10, "train_loss": 1.5, "learning_rate": 0.1, "seconds": 1,
      "is_best": false, "validation": {"loss": 2.5, "accuracy": 0.25}}]
    """#

  private static func page() throws -> RunPage {
    let decoder = JSONDecoder()
    return RunPage(
      title: "run <1>", report: try decoder.decode(EvaluationReport.self, from: Data(report.utf8)),
      history: try decoder.decode([EpochRecord].self, from: Data(history.utf8)),
      recipe: "method: m<>\n", provenance: [("seed", "7")],
      sections: [RunPage.Section(title: "More & more", body: "<p>here</p>\n")])
  }

  @Test func thePageHoldsEverything() throws {
    let text = try Self.page().text
    for part in [
      "m&lt;&gt; on d/test, 4 images: accuracy 75.00 %", "34 parameters, 1,200 MACs an image",
      "trained 2 epochs, best 1, 1.5 s an epoch",
      "<tr><th scope=\"row\">a&amp;b</th><td>2</td><td>100.00 %</td></tr>",
      "c taken for a&amp;b: 1 of 2", ">0</th>", "50.00 ± 1.00", "the channel drawn 3 times",
      "s at 0.1: 50.00 %", "epoch 2: 1.5000", "epoch 2: 25.00 %", "accuracy on validation images",
      "<h2>More &amp; more</h2>\n<p>here</p>", "<pre>method: m&lt;&gt;\n</pre>",
      "<tr><th scope=\"row\">seed</th><td class=\"words\">7</td></tr>",
    ] {
      #expect(text.contains(part), "\(part)")
    }
  }

  /// Figures of nothing, and figures that are no fractions, in headline and tables.
  @Test func whatIsNotDefinedIsSaidWithItsReason() throws {
    let text = #"""
      {"method": "m", "dataset": "d/test", "samples": 4, "accuracy": null, "macs": 1,
       "parameters": 2, "comparisons": [],
       "per_class": [{"name": "a", "samples": 0, "accuracy": null}],
       "tasks": [
         {"task": "boxes", "kind": "detection", "samples": 4, "missing": 0, "metrics": [
           {"name": "map", "value": null, "unit": "fraction", "reason": "no test image has an object"},
           {"name": "ap50", "value": null, "unit": "fraction",
            "reason": "no test image has an object"}]},
         {"task": "mass", "kind": "regression", "samples": 4, "missing": 0, "metrics": [
           {"name": "r2", "value": 0.25}, {"name": "mae", "value": 3.37}]}]}
      """#
    let report = try JSONDecoder().decode(EvaluationReport.self, from: Data(text.utf8))
    #expect(
      report.headline
        == "m on d/test, 4 images: boxes, map not defined (no test image has an object); "
        + "mass, r2 0.2500")
    let table = try #require(report.tables.first)
    #expect(table.rows.map { $0[5] } == ["not defined", "not defined", "0.2500", "3.3700"])
    #expect(table.note == "boxes: map, ap50 not defined, as no test image has an object")
    #expect(report.tables[1].rows == [["a", "0", "not defined"]])
    var page = try Self.page()
    page.report = report
    #expect(page.text.contains("map not defined (no test image has an object)"))
  }

  /// Nothing is fetched and nothing runs; both grounds and paper are provided for.
  @Test func thePageStandsAlone() throws {
    let text = try Self.page().text
    for part in ["<script", "http://", "https://", "<link", "@import", "url("] {
      let found = text.ranges(of: part).filter { range in
        // The name of SVG's own elements is no address to fetch from.
        !text[range.lowerBound...].hasPrefix("http://www.w3.org/2000/svg")
      }
      #expect(found.isEmpty, "\(part)")
    }
    #expect(text.contains("prefers-color-scheme:dark") && text.contains("@media print"))
    #expect(text.contains("name=\"viewport\""))
    for tag in ["table", "figure", "svg", "pre", "p", "tr", "td", "th", "h2"] {
      #expect(
        text.ranges(of: "<\(tag)>").count + text.ranges(of: "<\(tag) ").count
          == text.ranges(of: "</\(tag)>").count, "\(tag)")
    }
  }

  /// A plot is drawn for a desk and for a phone, and the window decides which is shown.
  @Test func everyPlotIsThereForBothWidths() throws {
    let text = try Self.page().text
    let broad = text.ranges(of: "<figure class=\"broad\">").count
    #expect(broad == 4)
    #expect(text.ranges(of: "<figure class=\"narrow\">").count == broad)
    #expect(text.ranges(of: " viewBox=\"0 0 ").count == text.ranges(of: "<svg ").count)
    #expect(text.contains(".narrow{display:none}") && text.contains("svg{max-width:100%"))
    #expect(text.contains("position:sticky;left:0"))
  }

  @Test func confusionsAreLeftOutWhereThereAreNone() throws {
    var page = try Self.page()
    page.report.confusion = nil
    page.history = []
    #expect(!page.text.contains("What is taken for what"))
    #expect(!page.text.contains("<h2>Training</h2>"))
  }

  @Test func meansOfCountsAreWrittenWithoutIdleDecimals() {
    #expect(grouped(390.0) == "390")
    #expect(grouped(2358.04) == "2,358")
    #expect(grouped(1234.56) == "1,234.6")
    #expect(grouped(0.96) == "1")
    #expect(grouped(-0.5) == "-0.5")
    #expect(grouped(-1234.5) == "-1,234.5")
    #expect(grouped(Double.nan) == "nan")
  }
}
