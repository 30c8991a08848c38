internal import Plots

/// A page with everything in it: no script and nothing from outside.
struct HTMLPage {
  /// What the page is called.
  var title: String
  /// What is in it, as HTML.
  var body: String

  /// The page as text.
  var text: String {
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
    figure{margin:24px 0;overflow-x:auto}svg{max-width:100%;height:auto}
    .wide{overflow-x:auto}
    table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
    th,td{padding:4px 12px 4px 0;text-align:right;white-space:nowrap;border-bottom:1px solid #d8dee4}
    th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #8c959f}
    tbody th{font-weight:normal}
    .row{display:flex;flex-wrap:wrap;gap:12px;margin:20px 0}
    .row figure{margin:0}figcaption{font-size:12px;max-width:180px}
    .row svg{display:block;image-rendering:pixelated}
    @media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}
    th,td{border-color:#30363d}thead th{border-color:#6e7681}}
    """

  /// A table; the first column names the rows.
  static func table(_ header: [String], _ rows: [[String]]) -> String {
    let head = header.map { "<th scope=\"col\">\(Drawing.escaped($0))</th>" }.joined()
    let lines = rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == 0
          ? "<th scope=\"row\">\(Drawing.escaped(cell))</th>"
          : "<td>\(Drawing.escaped(cell))</td>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return "<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n"
      + lines.joined() + "</tbody>\n</table></div>\n"
  }
}
