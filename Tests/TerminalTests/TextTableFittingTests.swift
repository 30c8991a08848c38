import Terminal
import Testing

@Suite struct TextTableFittingTests {
  @Test func titlesAreWrappedBeforeAnythingElse() {
    var table = TextTable(header: ["exit at", "calibration error", "device MACs"])
    table.append(["layer1", "0.0213", "12,345,678"])
    #expect(
      table.rendered(columns: 33, usesUnicode: false) == """
                 calibration
        exit at        error  device MACs
        -------  -----------  -----------
        layer1        0.0213   12,345,678

        """)
  }

  @Test func textsAreWrappedBetweenWords() {
    var table = TextTable(header: ["name", "what", "n"])
    table.append(["shapes", "drawn scenes of one object, with six factors for each", "12"])
    #expect(
      table.rendered(columns: 42, usesUnicode: false) == """
        name    what                             n
        ------  ------------------------------  --
        shapes  drawn scenes of one object,     12
                  with six factors for each

        """)
  }

  @Test func tablesThatAreStillTooWideAreDividedWithTheFirstColumnRepeated() {
    var table = TextTable(header: ["system", "bytes", "ratio", "latency", "energy"])
    table.append(["fp32", "443,264", "1.00", "1,234.5 ms", "12.3 mJ"])
    table.append(["int8", "110,816", "4.00", "312.25 ms", "3.1 mJ"])
    #expect(
      table.rendered(columns: 25, usesUnicode: false) == """
        system    bytes  ratio
        ------  -------  -----
        fp32    443,264   1.00
        int8    110,816   4.00

        system     latency
        ------  ----------
        fp32    1,234.5 ms
        int8     312.25 ms

        system   energy
        ------  -------
        fp32    12.3 mJ
        int8     3.1 mJ

        """)
  }

  @Test(arguments: [
    ("took 1,234.5 ms for 92.98 ± 0.10 % of all", 18),
    ("an input [1, 32, 32, 3] of 3 × 4 pixels", 16),
    ("33.10 % + 20.25 % + 46.65 %", 9),
  ])
  func numbersStayWithTheirUnitsSignsAndBrackets(text: String, columns: Int) {
    let lines = TextLines.of(text, columns: columns)
    #expect(lines.joined(separator: " ") == text)
    for whole in ["1,234.5 ms", "92.98 ± 0.10 %", "[1, 32, 32, 3]", "3 × 4", "33.10 %", "20.25 %"]
    where text.contains(whole) {
      #expect(lines.contains { $0.contains(whole) }, "\(lines)")
    }
  }

  @Test func pathsAreDividedAtTheirSeparatorsAndLongNamesAnywhere() {
    #expect(
      TextLines.of("runs/first/layer2.0.conv1_weights", columns: 12)
        == ["runs/first/", "layer2.0.", "conv1_", "weights"])
    #expect(TextLines.of("abcdefghij", columns: 4) == ["abcd", "efgh", "ij"])
    // A number that is wider than the line stays whole.
    #expect(TextLines.of("1234567890", columns: 4) == ["1234567890"])
  }

  /// Tables of many shapes at many widths: no line is too wide, and no number is broken.
  @Test(arguments: [40, 60, 80, 81, 100, 200])
  func noLineIsTooWideAndNoNumberIsBroken(columns: Int) {
    for count in 1...14 {
      var table = TextTable(
        header: (0..<count).map { $0 == 0 ? "a system and its codec" : "title of number \($0), ms" }
      )
      var numbers: [String] = []
      for row in 0..<4 {
        let cells = (1..<max(2, count)).map { "\(row)\($0),2\(row)5.\($0)7 ± 0.\(row)\($0)" }
        numbers += count > 1 ? cells : []
        table.append(
          [String(repeating: "bottleneck of many channels ", count: row + 1)]
            + (count > 1 ? cells : []))
      }
      let lines = table.rendered(columns: columns).split(separator: "\n")
      for line in lines { #expect(DisplayWidth.of(line) <= columns, "\(line)") }
      for number in numbers { #expect(lines.contains { $0.contains(number) }, "\(number)") }
    }
  }

  @Test func sinksSayHowWideTheirLinesAre() {
    var table = TextTable(header: ["a", "b", "c"])
    table.append(["name", String(repeating: "1", count: 30), String(repeating: "2", count: 30)])
    let narrow = CapturingSink(columns: 40)
    table.write(to: narrow)
    #expect(narrow.text.split(separator: "\n").count == 6)
    let wide = CapturingSink(columns: 80)
    table.write(to: wide)
    #expect(wide.text.split(separator: "\n").count == 3)
  }

  @Test func sentencesAreWrapped() {
    let sink = CapturingSink(columns: 40)
    sink.writeParagraph("means over the test images; the threshold was chosen on validation images")
    #expect(
      sink.text
        == "means over the test images; the\nthreshold was chosen on validation\nimages\n")
  }
}
