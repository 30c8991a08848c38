import Datasets
import Foundation
import Synchronization
import Testing

@Suite struct DatasetCatalogTests {
  let folder: TemporaryFolder
  let directory: DataDirectory
  /// A file of 300,000 bytes with a pattern that does not repeat soon.
  static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 >> 7) }

  init() throws {
    folder = try TemporaryFolder()
    directory = DataDirectory(root: folder.path)
  }

  private func md5(_ bytes: [UInt8]) throws -> String {
    try FileDigest.md5(folder.write(bytes, "digest"))
  }

  private func catalog(_ server: LocalServer, md5: String? = nil) throws -> DatasetCatalog {
    let file = CatalogEntry.File(
      name: "file.bin", urls: [server.url("file.bin")], md5: try md5 ?? self.md5(Self.content))
    return DatasetCatalog(entries: [
      CatalogEntry(name: "local", summary: "", terms: "", files: [file])
    ])
  }

  @Test func digestsAreTheStandardOnes() throws {
    // RFC 1321, A.5, and FIPS 180-4's example "abc".
    let path = try folder.write(Array("abc".utf8), "abc")
    #expect(try FileDigest.md5(path) == "900150983cd24fb0d6963f7d28e17f72")
    #expect(
      try FileDigest.sha256(path)
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func aFileIsFetchedCheckedAndNamed() throws {
    let server = try LocalServer(files: ["file.bin": Self.content])
    let reports = Mutex<[DatasetProgress]>([])
    let path = try catalog(server).fetch("local", into: directory) { report in
      reports.withLock { $0.append(report) }
    }
    #expect(path == folder.path + "/local")
    #expect(try folder.read("local/file.bin") == Self.content)
    #expect(!folder.exists("local/file.bin.part"))
    let last = reports.withLock { $0.last }
    #expect(last?.completed == 300_000 && last?.total == 300_000 && last?.unit == .bytes)
    #expect(try catalog(server).verify("local", in: directory).map(\.state) == [.intact])
    // What is there and intact is not asked for again.
    try catalog(server).fetch("local", into: directory)
    #expect(server.state.withLock { $0.ranges } == [""])
  }

  @Test func aBrokenConnectionIsTakenUpWhereItBroke() throws {
    let server = try LocalServer(files: ["file.bin": Self.content], cuts: [100_000, 50_000])
    try catalog(server).fetch("local", into: directory)
    #expect(try folder.read("local/file.bin") == Self.content)
    #expect(server.state.withLock { $0.ranges } == ["", "bytes=100000-", "bytes=150000-"])
  }

  @Test func whatArrivedIsKeptForALaterFetch() throws {
    let server = try LocalServer(
      files: ["file.bin": Self.content], cuts: [60_000, 0, 0, 0])
    let error = #expect(throws: DatasetError.self) {
      try catalog(server).fetch("local", into: directory)
    }
    guard case .transferFailed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!folder.exists("local/file.bin"))
    #expect(try folder.read("local/file.bin.part") == Array(Self.content.prefix(60_000)))
    try catalog(server).fetch("local", into: directory)
    #expect(try folder.read("local/file.bin") == Self.content)
    #expect(server.state.withLock { $0.ranges.last } == "bytes=60000-")
  }

  @Test func aServerWithoutRangesSendsTheWholeAgain() throws {
    let server = try LocalServer(files: ["file.bin": Self.content], cuts: [100_000])
    server.state.withLock { $0.honoursRanges = false }
    try catalog(server).fetch("local", into: directory)
    #expect(try folder.read("local/file.bin") == Self.content)
  }

  @Test func aPartThatIsTooLongIsStartedAfresh() throws {
    let server = try LocalServer(files: ["file.bin": Self.content])
    try folder.write(Self.content + [1, 2, 3], "local/file.bin.part")
    try catalog(server).fetch("local", into: directory)
    #expect(try folder.read("local/file.bin") == Self.content)
  }

  @Test func aCompletePartNeedsNoServer() throws {
    let server = try LocalServer(files: [:])
    try folder.write(Self.content, "local/file.bin.part")
    try catalog(server).fetch("local", into: directory)
    #expect(try folder.read("local/file.bin") == Self.content)
    #expect(server.state.withLock { $0.ranges }.isEmpty)
  }

  @Test func aWrongChecksumLeavesNothingBehind() throws {
    let server = try LocalServer(files: ["file.bin": Self.content])
    let expected = String(repeating: "0", count: 32)
    #expect(
      throws: DatasetError.checksumMismatch(
        file: server.url("file.bin"), expected: expected, found: try md5(Self.content))
    ) { try catalog(server, md5: expected).fetch("local", into: directory) }
    #expect(!folder.exists("local/file.bin") && !folder.exists("local/file.bin.part"))
  }

  @Test func anotherAddressHelpsWhereTheFirstFails() throws {
    let server = try LocalServer(files: ["file.bin": Self.content])
    let file = CatalogEntry.File(
      name: "file.bin", urls: [server.url("gone"), server.url("file.bin")],
      md5: try md5(Self.content))
    let entry = CatalogEntry(name: "local", summary: "", terms: "", files: [file])
    try DatasetCatalog(entries: [entry]).fetch("local", into: directory)
    #expect(try folder.read("local/file.bin") == Self.content)
  }

  @Test func aMissingFileOrServerIsAnError() throws {
    let server = try LocalServer(files: [:])
    let error = #expect(throws: DatasetError.self) {
      try catalog(server).fetch("local", into: directory)
    }
    #expect("\(try #require(error))".contains("404"))
    // Nothing listens on the reserved port 1.
    let file = CatalogEntry.File(name: "f", urls: ["http://127.0.0.1:1/f"], md5: "")
    let entry = CatalogEntry(name: "none", summary: "", terms: "", files: [file])
    #expect(throws: DatasetError.self) {
      try DatasetCatalog(entries: [entry]).fetch("none", into: directory)
    }
  }

  @Test func verifyFindsDamageAndAbsence() throws {
    let server = try LocalServer(files: ["file.bin": Self.content])
    #expect(try catalog(server).verify("local", in: directory).map(\.state) == [.missing])
    try folder.write([1], "local/file.bin")
    let expected = try md5(Self.content)
    #expect(
      try catalog(server).verify("local", in: directory).map(\.state)
        == [.damaged(expected: expected, found: try md5([1]))])
    // A damaged file is fetched again.
    try catalog(server).fetch("local", into: directory)
    #expect(try catalog(server).verify("local", in: directory).map(\.state) == [.intact])
  }

  @Test func anArchiveIsUnpackedListedAndRemoved() throws {
    let archive = try gzipped(
      tarEntry("set/", type: "5") + tarEntry("set/a.bin", [1, 2, 3]) + tarEntry("set/b.bin", [4])
        + tarEnd)
    let server = try LocalServer(files: ["set.tar.gz": archive])
    let file = CatalogEntry.File(
      name: "set.tar.gz", urls: [server.url("set.tar.gz")], md5: try md5(archive))
    let catalog = DatasetCatalog(entries: [
      CatalogEntry(name: "packed", summary: "", terms: "", files: [file])
    ])
    #expect(try catalog.verify("packed", in: directory).map(\.state) == [.missing])
    try catalog.fetch("packed", into: directory)
    #expect(try folder.read("packed/set/a.bin") == [1, 2, 3])
    #expect(!folder.exists("set.tar.gz") && !folder.exists("packed.unpacking"))
    #expect(try catalog.verify("packed", in: directory).map(\.state) == [.intact, .intact])
    try catalog.fetch("packed", into: directory)
    #expect(server.state.withLock { $0.ranges.count } == 1)
    try folder.write([9], "packed/set/a.bin")
    let states = try catalog.verify("packed", in: directory).map(\.state)
    #expect(states[0] != .intact && states[1] == .intact)
    try catalog.fetch("packed", into: directory)
    #expect(try folder.read("packed/set/a.bin") == [1, 2, 3])
  }

  @Test func theOfficialCatalogueIsWellFormed() throws {
    #expect(
      DatasetCatalog.official.entries.map(\.name) == ["fashion-mnist", "cifar10", "cifar100"])
    for file in DatasetCatalog.official.entries.flatMap(\.files) {
      #expect(file.md5.count == 32 && file.md5.allSatisfy { $0.isHexDigit && !$0.isUppercase })
      #expect(file.urls.allSatisfy { URL(string: $0)?.lastPathComponent == file.name })
    }
    let error = #expect(throws: DatasetError.self) {
      try DatasetCatalog.official.entry("cifar-10")
    }
    #expect("\(try #require(error))" == "unknown data set 'cifar-10'; did you mean 'cifar10'?")
  }
}
