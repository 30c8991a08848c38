import Datasets
import Testing

/// Two blocks of zeros.
let tarEnd = [UInt8](repeating: 0, count: 1024)

/// One ustar entry: a header block and the contents in whole blocks.
func tarEntry(_ name: String, _ contents: [UInt8] = [], type: Character = "0") -> [UInt8] {
  var header = [UInt8](repeating: 0, count: 512)
  func put(_ text: String, at offset: Int) {
    for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
  }
  func octal(_ number: Int, _ digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: digits - text.count) + text
  }
  put(name, at: 0)
  put("0000644", at: 100)
  put(octal(contents.count, 11), at: 124)
  put("        ", at: 148)
  put(String(type), at: 156)
  put("ustar", at: 257)
  put("00", at: 263)
  put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", at: 148)
  let padding = (512 - contents.count % 512) % 512
  return header + contents + [UInt8](repeating: 0, count: padding)
}

@Suite struct TarArchiveTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func unpack(_ bytes: [UInt8]) throws -> [String] {
    try TarArchive.unpack(bytes, file: "a.tar", into: folder.path + "/inside")
  }

  @Test func filesAreWrittenBelowTheFolder() throws {
    let long = [UInt8](repeating: 7, count: 1000)
    let names = try unpack(
      tarEntry("x/", type: "5") + tarEntry("./x/one", [1]) + tarEntry("x/y/two", long) + tarEnd)
    #expect(names == ["x/one", "x/y/two"])
    #expect(try folder.read("inside/x/one") == [1])
    #expect(try folder.read("inside/x/y/two") == long)
  }

  @Test(arguments: ["../out", "x/../../out", "/tmp/out", ".."])
  func pathsOutOfTheFolderAreRefusedBeforeAnythingIsWritten(name: String) {
    let error = #expect(throws: DatasetError.self) {
      try unpack(tarEntry("fine", [1]) + tarEntry(name, [2]) + tarEnd)
    }
    guard case .unsafeArchive(_, name, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!folder.exists("inside/fine") && !folder.exists("out"))
  }

  @Test(arguments: ["1", "2", "3", "4", "6"] as [Character])
  func linksAndDevicesAreRefused(type: Character) {
    #expect(throws: DatasetError.self) { try unpack(tarEntry("link", type: type) + tarEnd) }
  }

  @Test func cutOffAndDamagedArchivesAreRefused() {
    let whole = tarEntry("one", [UInt8](repeating: 1, count: 600)) + tarEnd
    for length in [0, 100, 512, 1000, 1100, 1536, 1700] {
      #expect(throws: DatasetError.self, "\(length)") { try unpack(Array(whole.prefix(length))) }
    }
    var damaged = whole
    damaged[3] ^= 1
    #expect(throws: DatasetError.self) { try unpack(damaged) }
  }
}
