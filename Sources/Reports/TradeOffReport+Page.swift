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
    for note in notes ?? [] { body += "<p>\(Drawing.escaped(note))</p>\n" }
    body +=
      "<h2>Size, bytes and quality</h2>\n" + HTMLPage.table(systemTable)
    body +=
      ratePlots.map { HTMLPage.figure($0) }.joined()
      + HTMLPage.figure(encoderPlot)
    body += "<p>Systems with nothing of the network on the device are not in the second picture: "
    body += "their encoder is the image codec.</p>\n"
    body += "<h2>Operations and times</h2>\n" + HTMLPage.table(timeTable)
    body += "<h2>Latency and energy</h2>\n"
    for (index, bars) in latencyPlots.enumerated() {
      body += "<h3>\(Drawing.escaped(links[index].name))</h3>\n"
      body += HTMLPage.figure(bars) + HTMLPage.table(linkTable(index))
    }
    return HTMLPage(title: title, body: body).text
  }
}
