import EventLog
import EventSchema
import Foundation
import SwiftProtobuf
import Testing

@Suite struct TFRecordTests {
  @Test func maskingRotatesAndAdds() {
    // 0xe3069283 rotated right by 15: its low 15 bits 0x1283 go to the top, 0x1283 << 17 =
    // 0x25060000; the rest is 0xe3069283 >> 15 = 0x0001c60d; together 0x2507c60d.
    // 0x2507c60d + 0xa282ead8 = 0xc78ab0e5.
    #expect(TFRecord.masked([UInt8]("123456789".utf8)) == 0xc78a_b0e5)
  }

  @Test func aFrameIsLengthCheckDataCheck() {
    let data = [UInt8]("123456789".utf8)
    let frame = TFRecord.frame(data)
    #expect(frame.count == 8 + 4 + 9 + 4)
    #expect(Array(frame[0..<8]) == [9, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(frame[12..<21]) == data)
    // Masked as derived above, little-endian.
    #expect(Array(frame[21...]) == [0xe5, 0xb0, 0x8a, 0xc7])
    #expect(TFRecord.record(in: frame, at: 0).map(Array.init) == data)
  }

  @Test(arguments: 0..<25)
  func aFlippedBitAnywhereIsNoticed(byte: Int) {
    var frame = TFRecord.frame([UInt8]("123456789".utf8))
    frame[byte] ^= 0x10
    #expect(TFRecord.record(in: frame, at: 0) == nil)
  }

  @Test func aTruncatedRecordIsNone() {
    let frame = TFRecord.frame([1, 2, 3])
    for length in 0..<frame.count {
      #expect(TFRecord.record(in: Array(frame[..<length]), at: 0) == nil)
    }
  }
}

@Suite struct TensorBoardWriterTests {
  @Test func eventsAreWrittenInOrderAfterTheVersion() throws {
    try withTemporaryDirectory { directory in
      var writer = try TensorBoardWriter(directory: directory, time: 1_700_000_000)
      let path = writer.path
      #expect(
        path == "\(directory)/events.out.tfevents.1700000000.\(ProcessInfo.processInfo.hostName)")
      writer.add("train/loss", 0.5, step: 1, time: 1_700_000_001)
      writer.add("train/loss", 0.25, step: 2, time: 1_700_000_002)
      #expect(try events(path).count == 1)
      try writer.flush()
      let found = try events(path)
      #expect(found.map(\.step) == [0, 1, 2])
      #expect(found[0].fileVersion == "brain.Event:2")
      #expect(found[1].wallTime == 1_700_000_001)
      #expect(found[2].summary.value.map(\.tag) == ["train/loss"])
      #expect(found[2].summary.value.map(\.simpleValue) == [0.25])
    }
  }

  @Test func anEventFileOfTheSameSecondIsNotOverwritten() throws {
    try withTemporaryDirectory { directory in
      let first = try TensorBoardWriter(directory: directory, time: 5).path
      let second = try TensorBoardWriter(directory: directory, time: 5).path
      #expect(first != second)
      #expect(try events(first).count == 1)
    }
  }

  @Test func resumingCutsOffRepeatedStepsAndAHalfWrittenRecord() throws {
    try withTemporaryDirectory { directory in
      let path = try written(directory, steps: 1...4)
      var damaged = try Data(contentsOf: URL(fileURLWithPath: path))
      damaged.removeLast(3)
      try damaged.write(to: URL(fileURLWithPath: path))
      #expect(try events(path).map(\.step) == [0, 1, 2, 3])

      var writer = try TensorBoardWriter(directory: directory, resumingAfter: 2)
      #expect(writer.path == path)
      writer.add("loss", 7, step: 3)
      try writer.flush()
      let found = try events(path)
      #expect(found.map(\.step) == [0, 1, 2, 3])
      #expect(found[3].summary.value[0].simpleValue == 7)
    }
  }

  @Test func resumingWithoutAFileBeginsOne() throws {
    try withTemporaryDirectory { directory in
      let path = try TensorBoardWriter(directory: directory, resumingAfter: 9).path
      #expect(try events(path).count == 1)
    }
  }

  @Test func aFileOfSomethingElseIsNotTouched() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/events.out.tfevents.1.elsewhere"
      try Data("notes".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: EventLogError.notAnEventFile(path: path)) {
        _ = try TensorBoardWriter(directory: directory, resumingAfter: 1).path
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("notes".utf8))
    }
  }

  @Test func whatWasNotFlushedIsWrittenAtTheEnd() throws {
    try withTemporaryDirectory { directory in
      let path = try written(directory, steps: 1...2)
      #expect(try events(path).map(\.step) == [0, 1, 2])
    }
  }

  /// A file with an event for each step, left to the writer's end to be written.
  private func written(_ directory: String, steps: ClosedRange<Int>) throws -> String {
    var writer = try TensorBoardWriter(directory: directory)
    for step in steps { writer.add("loss", Double(step), step: step) }
    return writer.path
  }

  private func events(_ path: String) throws -> [TensorBoardEvent] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var found: [TensorBoardEvent] = []
    var position = 0
    while let record = TFRecord.record(in: bytes, at: position) {
      found.append(try TensorBoardEvent(serializedBytes: Array(record)))
      position += record.count + TFRecord.overhead
    }
    return found
  }

  private func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "cleave-events-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
  }
}
