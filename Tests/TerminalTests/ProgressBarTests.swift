import Terminal
import Testing

@Suite struct ProgressBarTests {
  /// Ten items a second from 0 up to a number, an update each.
  func run(
    _ sink: CapturingSink, total: Int?, upTo last: Int, unit: ProgressBar.Unit = .count("samples"),
    fields: [ProgressBar.Field] = [.init("loss", "0.312")]
  ) -> (ProgressBar, ManualClock) {
    let clock = ManualClock()
    let bar = ProgressBar("train", total: total, unit: unit, sink: sink, now: clock.now)
    for done in 0...last {
      clock.milliseconds = done * 100
      bar.update(done: done, fields: fields)
    }
    return (bar, clock)
  }

  @Test func aTerminalShowsOneRedrawnLine() {
    let sink = CapturingSink(columns: 80)
    let (bar, _) = run(sink, total: 100, upTo: 50)
    // 79 columns may be used: 6 for the label, 50 for what follows the bar, 3 for its ends and a
    // space leave 20, of which half is filled.
    #expect(
      sink.writes.last
        == "\rtrain ▕██████████          ▏  50 %  50/100  loss 0.312  10 samples/s  0:05 left"
        + "\u{1B}[K")
    #expect(!sink.text.contains("\n"))
    bar.finish()
    #expect(sink.text.hasSuffix("0:05\u{1B}[K\n"))
    let written = sink.text
    bar.finish()
    bar.update(done: 60)
    #expect(sink.text == written)
  }

  @Test func aTerminalIsRedrawnAtMostTenTimesASecond() {
    let sink = CapturingSink()
    let clock = ManualClock()
    let bar = ProgressBar("train", total: 1000, sink: sink, now: clock.now)
    for step in 0..<1000 {
      clock.milliseconds = step
      bar.update(done: step)
    }
    #expect(sink.writes.count == 10)
  }

  @Test(arguments: 1...120)
  func theLineFitsEveryWidth(columns: Int) throws {
    for usesUnicode in [true, false] {
      let sink = CapturingSink(columns: columns, showsUnicode: usesUnicode)
      _ = run(
        sink, total: 100, upTo: 50,
        fields: [.init("loss", "0.312"), .init("accuracy", "87.3 %"), .init("数据", "大")])
      let line = try #require(sink.writes.last).dropFirst().dropLast(3)
      #expect(DisplayWidth.of(line) <= max(columns - 1, 1))
    }
  }

  // Beside a bar of at least 8 columns and its 3 of ends and space, everything takes 56 columns,
  // 42 without the rate, 34 without the count; without a bar and the time left it takes 23.
  @Test(arguments: [
    (68, "train ▕████    ▏  50 %  50/100  loss 0.312  10 samples/s  0:05 left"),
    (67, "train ▕██████████▌          ▏  50 %  50/100  loss 0.312  0:05 left"),
    (54, "train ▕████    ▏  50 %  50/100  loss 0.312  0:05 left"),
    (53, "train ▕███████▌       ▏  50 %  loss 0.312  0:05 left"),
    (46, "train ▕████    ▏  50 %  loss 0.312  0:05 left"),
    (45, "train  50 %  loss 0.312  0:05 left"),
    (35, "train  50 %  loss 0.312  0:05 left"),
    (34, "train  50 %  loss 0.312"),
    (23, "train  50 %"),
    (12, "train  50 %"),
    (6, "train"),
  ])
  func whatMattersLeastGoesFirst(columns: Int, expected: String) {
    let sink = CapturingSink(columns: columns)
    _ = run(sink, total: 100, upTo: 50)
    #expect(sink.writes.last == "\r\(expected)\u{1B}[K")
  }

  @Test func anASCIITerminalGetsAnASCIIBar() {
    let sink = CapturingSink(columns: 60, showsUnicode: false)
    _ = run(sink, total: 100, upTo: 50, fields: [])
    let isASCII = sink.text.allSatisfy { $0.isASCII }
    #expect(isASCII)
    #expect(sink.text.contains("[####"))
  }

  @Test func aFileGetsALineEverySecondTenthOrTenSeconds() {
    // 100 items at 10 a second: a tenth of the task each second.
    let fast = CapturingSink(isTerminal: false)
    let (bar, _) = run(fast, total: 100, upTo: 100)
    #expect(fast.writes.count == 10)
    #expect(fast.writes.first == "train   10 %  10/100  loss 0.312  10 samples/s  0:09 left\n")
    bar.finish()
    #expect(fast.writes.last == "train  100 %  100/100  loss 0.312  10 samples/s  0:10\n")
    #expect(!fast.text.contains("\r") && !fast.text.contains("\u{1B}"))
    // 10000 items: a tenth takes 100 s, so a line each 10 s.
    let slow = CapturingSink(isTerminal: false)
    _ = run(slow, total: 10_000, upTo: 500)
    #expect(slow.writes.count == 5)
    // 100 items within a second: nothing until the end.
    let short = CapturingSink(isTerminal: false)
    let clock = ManualClock()
    let shortBar = ProgressBar("test", total: 100, sink: short, now: clock.now)
    for done in 0...100 {
      clock.milliseconds = done * 5
      shortBar.update(done: done)
    }
    #expect(short.writes.isEmpty)
    shortBar.finish()
    #expect(short.writes == ["test  100 %  100/100  200/s  0:01\n"])
  }

  /// What takes minutes is counted by the minute, and what takes longer by the hour.
  @Test(arguments: [(5, "0.2 runs/s"), (30, "2 runs/min"), (240, "15 runs/h")])
  func slowThingsAreCountedByTheMinuteOrTheHour(seconds: Int, rate: String) {
    let sink = CapturingSink(isTerminal: false)
    let clock = ManualClock()
    let bar = ProgressBar("sweep", total: 3, unit: .count("runs"), sink: sink, now: clock.now)
    for done in 1...3 {
      clock.milliseconds = done * seconds * 1000
      bar.update(done: done)
    }
    #expect(sink.writes.first?.contains("  \(rate)  ") == true, "\(sink.writes)")
  }

  @Test func anUnknownTotalShowsWhatIsDone() {
    let sink = CapturingSink()
    _ = run(sink, total: nil, upTo: 50, fields: [])
    #expect(sink.writes.last == "\rtrain 50  10 samples/s\u{1B}[K")
  }

  @Test func bytesAreScaled() {
    let sink = CapturingSink(isTerminal: false)
    let clock = ManualClock()
    let bar = ProgressBar(
      "fetch", total: 170_498_071, unit: .bytes, sink: sink, now: clock.now)
    for second in 1...10 {
      clock.milliseconds = second * 1000
      bar.update(done: second * 12_345_678)
    }
    // 123.4 of 170.5 MB at 12.3 MB/s leave 47.04 / 12.35 = 3.8 s.
    #expect(sink.writes.last == "fetch   72 %  123 MB/170 MB  12.3 MB/s  0:04 left\n")
  }

  @Test func theRateFollowsTheLastSeconds() {
    let sink = CapturingSink(isTerminal: false)
    let clock = ManualClock()
    let bar = ProgressBar("train", total: nil, sink: sink, now: clock.now)
    var done = 0
    for second in 1...120 {
      clock.milliseconds = second * 1000
      done += second <= 60 ? 100 : 10
      bar.update(done: done)
    }
    // A minute after the change nothing is left of the first minute: 90 · e^(-60 / 5) < 0.001.
    #expect(sink.writes.last == "train  6600  10/s\n")
  }

  @Test func aResumedTaskCountsOnlyItsOwnWork() {
    let sink = CapturingSink(isTerminal: false)
    let clock = ManualClock()
    let bar = ProgressBar("train", total: 1000, done: 500, sink: sink, now: clock.now)
    for second in 1...10 {
      clock.milliseconds = second * 1000
      bar.update(done: 500 + second * 10)
    }
    #expect(sink.writes == ["train   60 %  600/1000  10/s  0:40 left\n"])
  }

  @Test func linesAreWrittenAboveTheBar() {
    let sink = CapturingSink()
    let (bar, _) = run(sink, total: 100, upTo: 50)
    let drawn = sink.writes.last ?? ""
    bar.write(line: "saved best.h5\u{1B}[2J")
    #expect(sink.writes.suffix(2) == ["\r\u{1B}[Ksaved best.h5\u{FFFD}[2J\n", drawn])
    bar.clear()
    #expect(sink.text.hasSuffix("\r\u{1B}[K"))
  }

  @Test func impossibleNumbersDoNoHarm() {
    let sink = CapturingSink()
    let bar = ProgressBar("train", total: 0, sink: sink, now: { .zero })
    bar.update(done: 5)
    bar.finish()
    let other = ProgressBar("train", total: 3, sink: sink, now: { .zero })
    other.update(done: 7)
    other.update(done: -7)
    other.finish()
    #expect(sink.text.contains("100 %"))
  }
}
