public import Plots

/// A page with everything in it: no script and nothing from outside.
public struct HTMLPage: Sendable {
  /// What the page is called.
  public var title: String
  /// What is in it, as HTML.
  public var body: String

  /// Creates a page.
  public init(title: String, body: String) {
    self.title = title
    self.body = body
  }

  /// The page as text.
  public var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(Drawing.escaped(title))</title>
    <style>
    \(HTMLPage.rules)
    \(Drawing.styleSheet)
    </style>
    </head>
    <body>
    <main>
    \(body)</main>
    </body>
    </html>

    """
  }

  private static let rules = """
    body{margin:0;background:#fff;color:#1f2328;font:15px/1.5 system-ui,-apple-system,'Segoe UI',\
    Roboto,'DejaVu Sans',sans-serif}
    main{max-width:1000px;margin:0 auto;padding:24px 16px 64px}
    h1{font-size:24px;line-height:1.25}h2{font-size:19px;margin-top:40px}h3{font-size:16px}
    h1,h2,h3,p{overflow-wrap:anywhere}
    figure{margin:24px 0}svg{max-width:100%;height:auto}
    .narrow{display:none}.narrow svg{width:100%}
    .wide{overflow-x:auto;margin:20px 0}
    table{border-collapse:separate;border-spacing:0;font-size:14px;font-variant-numeric:tabular-nums}
    th,td{padding:4px 12px 4px 0;text-align:right;white-space:nowrap;border-bottom:1px solid #d8dee4}
    th:first-child{text-align:left;position:sticky;left:0;background:#fff}
    thead th{border-bottom:2px solid #8c959f;vertical-align:bottom}
    tbody th{font-weight:normal}.words{text-align:left}
    .note{color:#59636e;font-size:13px}
    pre{background:#f6f8fa;padding:12px 16px;overflow-x:auto;font-size:13px;border-radius:6px}
    .row{display:flex;flex-wrap:wrap;gap:12px;margin:20px 0}
    .row figure{margin:0}figcaption{font-size:12px;max-width:180px}
    .row svg{display:block;image-rendering:pixelated}
    @media(max-width:640px){.broad{display:none}.narrow{display:block}
    th:first-child{white-space:normal;max-width:136px;overflow-wrap:break-word}
    thead th{white-space:normal}.words{white-space:normal;min-width:96px;overflow-wrap:anywhere}}
    @media(prefers-color-scheme:dark){body,th:first-child{background:#0d1117;color:#e6edf3}
    th,td{border-color:#30363d}thead th{border-color:#6e7681}pre{background:#161b22}
    .note{color:#9aa4af}}
    @media print{body,th:first-child{background:#fff;color:#000}main{max-width:none;padding:0}
    .broad{display:block}.narrow{display:none}.wide{overflow:visible}
    th,td,thead th{white-space:normal}
    figure,tr{break-inside:avoid}h2,h3{break-after:avoid}pre{white-space:pre-wrap}}
    """

  /// A table; the first column names the rows.
  public static func table(_ table: ReportTable) -> String {
    func cell(_ tag: String, _ column: Int, _ text: String, scope: String = "") -> String {
      let words = column > 0 && table.textColumns.contains(column) ? " class=\"words\"" : ""
      return "<\(tag)\(scope)\(words)>\(Drawing.escaped(text))</\(tag)>"
    }
    let head = table.header.enumerated()
      .map { cell("th", $0, $1, scope: " scope=\"col\"") }.joined()
    let lines = table.rows.map { row in
      let cells = row.enumerated().map { column, text in
        column == 0 ? cell("th", 0, text, scope: " scope=\"row\"") : cell("td", column, text)
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    let note = table.note.map { "<p class=\"note\">\(Drawing.escaped($0))</p>\n" } ?? ""
    return "<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n"
      + lines.joined() + "</tbody>\n</table></div>\n" + note
  }

  /// A plot that belongs to the page, drawn for wide and for narrow windows; one of them is shown.
  public static func figure(_ plot: any Plot) -> String {
    let (broad, narrow) = (plot.drawing(.wide), plot.drawing(.narrow))
    return "<figure class=\"broad\">\n\(broad.svg(isStandalone: false))</figure>\n"
      + "<figure class=\"narrow\">\n\(narrow.svg(isStandalone: false))</figure>\n"
  }

  /// Text as it is, such as a recipe.
  public static func preformatted(_ text: String) -> String {
    "<pre>\(Drawing.escaped(text))</pre>\n"
  }
}
