/// Writing as SVG.
extension Drawing {
  /// The rules that colour drawings, on light and on dark ground.
  ///
  /// A page that shows drawings without rules of their own needs them once.
  public static let styleSheet: String = {
    func rules(_ inks: [UInt32], _ series: [UInt32], _ ground: UInt32) -> String {
      var text = ".plot .ground{fill:\(hex(ground))}"
      for (name, ink) in zip(["text", "muted", "grid"], inks) {
        text += ".plot .\(name){fill:\(hex(ink))}.plot .\(name)-line{stroke:\(hex(ink))}"
      }
      for (index, color) in series.enumerated() {
        text += ".plot .s\(index){fill:\(hex(color))}.plot .s\(index)-line{stroke:\(hex(color))}"
      }
      return text
    }
    return
      ".plot text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
      + ".plot polyline{fill:none;stroke-linejoin:round;stroke-linecap:round}"
      + rules(Palette.lightInks, Palette.light, Palette.lightGround)
      + "@media(prefers-color-scheme:dark){"
      + rules(Palette.darkInks, Palette.dark, Palette.darkGround) + "}"
  }()

  /// The drawing as an SVG element.
  ///
  /// - Parameter isStandalone: whether it is a file of its own, with a ground and
  ///   ``styleSheet``; otherwise it is part of a page that has both.
  public func svg(isStandalone: Bool) -> String {
    let size = "\(short(width)) \(short(height))"
    var text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" "
      + "aria-label=\"\(Drawing.escaped(label))\" viewBox=\"0 0 \(size)\" "
      + "width=\"\(short(width))\" height=\"\(short(height))\">\n"
      + "<title>\(Drawing.escaped(label))</title>\n"
    if isStandalone {
      text += "<style>\(Drawing.styleSheet)</style>\n"
      text += "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n"
    }
    for element in elements { text += Drawing.svg(element) + "\n" }
    return text + "</svg>\n"
  }

  private static func svg(_ element: Element) -> String {
    switch element {
    case .line(let points, let ink, let width, let isDashed):
      let list = points.map { "\(short($0.x, decimals: 2)),\(short($0.y, decimals: 2))" }
        .joined(separator: " ")
      let dashes = isDashed ? " stroke-dasharray=\"5 4\"" : ""
      return "<polyline class=\"\(name(ink))-line\" stroke-width=\"\(short(width, decimals: 2))\""
        + "\(dashes) points=\"\(list)\"/>"
    case .rectangle(let corner, let width, let height, let ink, let label):
      return "<rect class=\"\(name(ink))\"\(opacity(ink)) x=\"\(short(corner.x, decimals: 2))\" "
        + "y=\"\(short(corner.y, decimals: 2))\" width=\"\(short(max(0, width), decimals: 2))\" "
        + "height=\"\(short(max(0, height), decimals: 2))\"" + closing("rect", label)
    case .marker(let center, let series, let label):
      let list = corners(series: series, around: center, radius: 4.5)
        .map { "\(short($0.x, decimals: 2)),\(short($0.y, decimals: 2))" }.joined(separator: " ")
      return "<polygon class=\"\(name(.series(series)))\" points=\"\(list)\""
        + closing("polygon", label)
    case .text(let string, let place, let anchor, let size, let ink, let isBold, let isVertical):
      let position = "\(short(place.x, decimals: 2))"
      let height = "\(short(place.y, decimals: 2))"
      let turn = isVertical ? " transform=\"rotate(-90 \(position) \(height))\"" : ""
      let alignment =
        switch anchor {
        case .start: ""
        case .middle: " text-anchor=\"middle\""
        case .end: " text-anchor=\"end\""
        }
      return "<text class=\"\(name(ink))\" x=\"\(position)\" y=\"\(height)\" "
        + "font-size=\"\(short(size))\"\(isBold ? " font-weight=\"600\"" : "")"
        + "\(alignment)\(turn)>\(escaped(string))</text>"
    }
  }

  private static func closing(_ tag: String, _ label: String?) -> String {
    label.map { "><title>\(escaped($0))</title></\(tag)>" } ?? "/>"
  }

  private static func name(_ ink: Ink) -> String {
    switch ink {
    case .text: "text"
    case .muted: "muted"
    case .grid: "grid"
    case .series(let index): "s\(index % Palette.light.count)"
    case .shade: "s0"
    }
  }

  /// A shade lets the ground through, whichever it is.
  private static func opacity(_ ink: Ink) -> String {
    guard case .shade(let share) = ink else { return "" }
    return " fill-opacity=\"\(short(max(0, min(1, share)), decimals: 3))\""
  }

  private static func hex(_ color: UInt32) -> String {
    let digits = String(color, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// Text as it may stand in SVG and HTML, in elements and in quoted attributes.
  public static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // What XML cannot hold.
      case "\u{0}"..."\u{8}", "\u{b}", "\u{c}", "\u{e}"..."\u{1f}", "\u{7f}", "\u{fffe}",
        "\u{ffff}":
        result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
