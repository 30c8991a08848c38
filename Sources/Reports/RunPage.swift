internal import Plots
public import Training

/// A run as one page: what was measured, how it was trained, and what it was made of.
public struct RunPage: Sendable {
  /// A part of the page for what only the run itself can show.
  public struct Section: Sendable {
    /// The heading.
    public var title: String
    /// What is in it, as HTML.
    public var body: String

    /// Creates a section.
    public init(title: String, body: String) {
      self.title = title
      self.body = body
    }
  }

  /// What the page is called.
  public var title: String
  /// What was measured.
  public var report: EvaluationReport
  /// The epochs.
  public var history: [EpochRecord]
  /// The recipe as YAML.
  public var recipe: String
  /// Where everything came from: names and values.
  public var provenance: [(name: String, value: String)]
  /// What else there is to see.
  public var sections: [Section]

  /// Creates a page.
  public init(
    title: String, report: EvaluationReport, history: [EpochRecord], recipe: String,
    provenance: [(name: String, value: String)], sections: [Section] = []
  ) {
    self.title = title
    self.report = report
    self.history = history
    self.recipe = recipe
    self.provenance = provenance
    self.sections = sections
  }

  /// The page as text, with everything in it.
  public var text: String {
    var body = "<h1>\(Drawing.escaped(report.headline))</h1>\n"
    for remark in report.remarks { body += "<p>\(Drawing.escaped(remark))</p>\n" }
    body += "<h2>Result</h2>\n" + report.tables.map(HTMLPage.table).joined()
    body += report.plots.map(HTMLPage.figure).joined()
    let courses = history.plots
    if !courses.isEmpty {
      body += "<h2>Training</h2>\n" + courses.map(HTMLPage.figure).joined()
    }
    for section in sections {
      body += "<h2>\(Drawing.escaped(section.title))</h2>\n\(section.body)"
    }
    body += "<h2>Recipe</h2>\n" + HTMLPage.preformatted(recipe)
    body += "<h2>Provenance</h2>\n"
    body += HTMLPage.table(
      ReportTable(
        header: ["", ""], rows: provenance.map { [$0.name, $0.value] }, textColumns: [0, 1]))
    return HTMLPage(title: title, body: body).text
  }
}
