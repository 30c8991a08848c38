import Files
import Foundation
import Testing

@Suite struct FileReadingTests {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "cleave-files-\(UUID().uuidString)"
    try Folder.create(folder)
  }

  private func written(_ bytes: [UInt8], _ name: String = "a") throws -> String {
    let path = "\(folder)/\(name)"
    try AtomicFile.write(bytes, to: path)
    return path
  }

  @Test func aFileIsReadWhole() throws {
    let bytes = (0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(try WholeFile.read(written(bytes)) == bytes)
    #expect(try WholeFile.read(written([])) == [])
    // Its size is said to be 0.
    #expect(try !WholeFile.read("/proc/self/status").isEmpty)
  }

  @Test func whatIsNoFileIsNamedWithTheSystemsReason() throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/loop", withDestinationPath: "loop")
    for (name, reason) in [
      ("", "Is a directory"), ("/loop", "Too many levels of symbolic links"),
      ("/none", "No such file or directory"),
    ] {
      let error = #expect(throws: FileError.self) { try WholeFile.read(folder + name) }
      #expect(error.map { "\($0)" } == "\(folder)\(name): \(reason)")
    }
  }

  @Test func foundationsErrorsBecomeTheSystemsReasons() throws {
    _ = try written([1], "file")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/loop", withDestinationPath: "loop")
    func reason(_ body: () throws -> Void) -> String? {
      do { try body() } catch { return SystemReason.message(of: error) }
      return nil
    }
    #expect(
      reason { _ = try Data(contentsOf: URL(fileURLWithPath: folder)) }
        == "\(folder): Is a directory")
    #expect(
      reason { _ = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/loop")) }
        == "\(folder)/loop: Too many levels of symbolic links")
    #expect(
      reason { try Folder.create("\(folder)/file/below") }
        == "\(folder)/file/below: Not a directory")
    #expect(
      reason { _ = try Folder.entries("\(folder)/none") }
        == "\(folder)/none: No such file or directory")
    #expect(
      reason { try FileHandle(forWritingAtPath: "/dev/full")?.write(contentsOf: Data([1])) }
        == "No space left on device")
    #expect(
      reason { _ = try String(contentsOfFile: "\(folder)/file", encoding: .ascii) } == nil)
    #expect(reason { throw CocoaError(.fileReadUnknown) } == "it cannot be read or written")
    #expect(
      reason { _ = try JSONEncoder().encode([Double.nan]) }?.contains("EncodingError") == false)
  }

  @Test(
    arguments: [
      ([0xef, 0xbb, 0xbf, 0x61, 0xc3, 0xa4], "aä"), ([0x61, 0xc3, 0xa4], "aä"),
      ([0xff, 0xfe, 0x61, 0, 0xe4, 0], "aä"), ([0xfe, 0xff, 0, 0x61, 0, 0xe4], "aä"),
      ([0xef, 0xbb, 0xbf], ""), ([], ""),
    ] as [([UInt8], String)])
  func aByteOrderMarkIsNoText(bytes: [UInt8], text: String) throws {
    #expect(try TextFile.read(written(bytes)) == text)
  }

  @Test func textInAnotherEncodingIsNamedWithItsLine() throws {
    let path = try written(Array("file,label\na.png,Stra".utf8) + [0xdf, 0x65])
    let error = #expect(throws: FileError.self) { try TextFile.read(path) }
    #expect(
      error.map { "\($0)" }
        == "\(path): line 2 is no text in UTF-8; save the file in that encoding")
  }

  @Test(arguments: [
    ("{\n  \"a\": [,]\n}", "line 2, column "), (#"{"a": [{"b": "x"}]}"#, "a[0].b: "),
    (#"{"a": [{}]}"#, "a[0]: 'b' is missing"), ("", "line 1, column 1"),
  ])
  func flawsOfJSONHaveTheirPlace(text: String, beginning: String) {
    struct Inner: Decodable { var b: Int }
    let data = Data(text.utf8)
    do {
      _ = try JSONDecoder().decode([String: [Inner]].self, from: data)
      Issue.record("decoded")
    } catch {
      let words = DecodingFlaw.words(error, in: data)
      #expect(words.hasPrefix(beginning) && !words.contains("DecodingError"), "\(words)")
    }
  }
}
