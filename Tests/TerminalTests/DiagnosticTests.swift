import Glibc
import Terminal
import Testing

@Suite struct DiagnosticTests {
  @Test func colourIsOnlyForSinksThatShowIt() {
    let plain = CapturingSink(showsColour: false)
    Diagnostic(.error, "no such file").write(to: plain)
    Diagnostic(.note, "see the README").write(to: plain)
    #expect(plain.text == "error: no such file\nnote: see the README\n")
    let coloured = CapturingSink(showsColour: true)
    Diagnostic(.warning, "slow").write(to: coloured)
    #expect(coloured.text == "\u{1B}[1;33mwarning:\u{1B}[0m slow\n")
  }

  @Test func furtherLinesAreIndentedAndControlCharactersShown() {
    let sink = CapturingSink()
    Diagnostic(.error, "first\nsecond \u{1B}[31mred").write(to: sink)
    #expect(sink.text == "error: first\n       second \u{FFFD}[31mred\n")
  }

  @Test func aPipeIsNoTerminal() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    let sink = FileSink(descriptor: ends[1])
    #expect(!sink.capabilities.isTerminal)
    #expect(!sink.capabilities.showsColour)
    sink.write("größe")
    close(ends[1])
    var bytes = [UInt8](repeating: 0, count: 100)
    let count = read(ends[0], &bytes, bytes.count)
    #expect(String(decoding: bytes[..<count], as: UTF8.self) == "größe")
  }
}
