internal import Plots
public import Training

extension TradeOffReport {
  /// One HTML page with everything in it: tables and pictures, no script and nothing from outside.
  public var page: String {
    let title = "What sending costs: \(dataset)"
    var body = "<h1>\(Drawing.escaped(title))</h1>\n"
    body += "<p>\(Drawing.escaped(remark)). The drop is relative to the quality "
    body += "of the uncompressed network; bytes are those of whole streams, headers included; the "
    body += "encoder is everything that runs on the device, tables included.</p>\n"
    body += "<h2>Size, bytes and quality</h2>\n" + Self.html(systemTable)
    body +=
      ratePlots.map { Self.figure($0.drawing()) }.joined() + Self.figure(encoderPlot.drawing())
    body += "<p>Systems with nothing of the network on the device are not in the second picture: "
    body += "their encoder is the image codec.</p>\n"
    body += "<h2>Operations and times</h2>\n" + Self.html(timeTable)
    body += "<h2>Latency and energy</h2>\n"
    for (index, bars) in latencyPlots.enumerated() {
      body += "<h3>\(Drawing.escaped(links[index].name))</h3>\n"
      body += Self.figure(bars.drawing()) + Self.html(linkTable(index))
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(Drawing.escaped(title))</title>
      <style>
      \(Self.rules)
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
    @media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}
    th,td{border-color:#30363d}thead th{border-color:#6e7681}}
    """

  private static func figure(_ drawing: Drawing) -> String {
    "<figure>\n\(drawing.svg(isStandalone: false))</figure>\n"
  }

  private static func html(_ table: Table) -> String {
    let head = table.header.map { "<th scope=\"col\">\(Drawing.escaped($0))</th>" }.joined()
    let rows = table.rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == 0
          ? "<th scope=\"row\">\(Drawing.escaped(cell))</th>"
          : "<td>\(Drawing.escaped(cell))</td>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return "<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n"
      + rows.joined() + "</tbody>\n</table></div>\n"
  }
}
