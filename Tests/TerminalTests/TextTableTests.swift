import Terminal
import Testing

@Suite struct TextTableTests {
  @Test func columnsAreAlignedAndNumbersStandAtTheRight() {
    var table = TextTable(header: ["method", "accuracy", "bytes", "shape"])
    table.append(["original", "88.1 %", "1,024", "8×8×128"])
    table.append(["salt", "9.5 %", "443,264", "16×16×64"])
    table.append(["control", "–", "-3", "4×4"])
    #expect(
      table.rendered() == """
        method    accuracy    bytes  shape
        ────────  ────────  ───────  ────────
        original    88.1 %    1,024  8×8×128
        salt         9.5 %  443,264  16×16×64
        control          –       -3  4×4

        """)
  }

  @Test func widthsAreThoseOfTheTerminal() {
    // 数据 is four columns wide, the family emoji two, é (two scalars) one.
    var table = TextTable(header: ["name", "n"])
    table.append(["数据", "1"])
    table.append(["👨‍👩‍👧", "22"])
    table.append(["e\u{301}", "333"])
    #expect(
      table.rendered(usesUnicode: false) == """
        name    n
        ----  ---
        数据    1
        👨‍👩‍👧     22
        e\u{301}     333

        """)
  }

  @Test func nothingIsCutAndEveryCellIsOneLine() {
    let long = String(repeating: "x", count: 500)
    var table = TextTable(header: ["a", "b"], alignments: [.right])
    table.append([long])
    table.append(["two\nlines\u{1B}[2J", "b"])
    let lines = table.rendered().split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[2] == Substring(long))
    #expect(lines[3].hasSuffix("two lines\u{FFFD}[2J  b"))
  }

  @Test func alignmentCanBeChosen() {
    var table = TextTable(header: ["id", "name"], alignments: [.left, .right])
    table.append(["7", "a"])
    table.append(["11", "long name"])
    #expect(
      table.rendered(usesUnicode: false)
        == "id       name\n--  ---------\n7           a\n11  long name\n")
  }

  @Test(arguments: [
    ("3", true), ("-3.5", true), ("87.3 %", true), ("64 MiB", true), ("12.3 Mbit/s", true),
    ("1e-3", true), ("92.1 ± 0.4", true), ("443,264", true), ("resnet20", false),
    ("8×8", false), ("3 of 4", false), ("stage2.0", false), ("2.0.conv1", false),
  ])
  func numbersAreRecognised(cell: String, expected: Bool) {
    var table = TextTable(header: ["a long title"])
    table.append([cell])
    let row = table.rendered().split(separator: "\n")[2]
    #expect(row.hasPrefix(" ") == expected)
  }
}
