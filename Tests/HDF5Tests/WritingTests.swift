import Foundation
import HDF5
import Testing

@Suite struct WritingTests {
  /// Writes a bit of everything.
  func write(_ file: borrowing HDF5File) throws(HDF5Error) {
    try file.setAttribute("config", to: "{\"a\": 1}")
    try file.setAttribute("names", to: (0..<100).map { "name\($0)" })
    try file.setAttribute("epoch", to: 3)
    try file.write((0..<100).map(Float.init), to: "z/weights", shape: [10, 10])
    try file.write(
      (0..<10_000).map(Int32.init), to: "a/packed", shape: [100, 100],
      storage: .chunked(shape: [30, 30], gzip: 6, shuffle: true, checksum: true))
    try file.write(text: "text", to: "m/text")
    for index in 0..<20 { try file.createGroup("many/\(19 - index)") }
  }

  @Test func theSameContentMakesTheSameBytes() async throws {
    let directory = try TemporaryDirectory()
    let (first, second) = (directory.file("first.h5"), directory.file("second.h5"))
    try HDF5File.writeAtomically(to: first) { (file) throws(HDF5Error) in try write(file) }
    // Object times, were they kept, count in seconds.
    try await Task.sleep(for: .milliseconds(1100))
    try HDF5File.writeAtomically(to: second) { (file) throws(HDF5Error) in try write(file) }
    #expect(try bytes(of: first) == bytes(of: second))
  }

  @Test func linksAreListedInTheOrderTheyWereMade() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in try write(file) }
    let file = try HDF5File(reading: path)
    let made = try file.links(by: .creation).map(\.name)
    #expect(made == ["z", "a", "m", "many"])
    let named = try file.links(by: .name).map(\.name)
    #expect(named == ["a", "m", "many", "z"])
    let many = try file.group("many").links(by: .creation).map(\.name)
    #expect(many == (0..<20).map { "\(19 - $0)" })
    let paths = try file.datasetPaths(by: .creation)
    #expect(paths == ["z/weights", "a/packed", "m/text"])
  }

  @Test func aProcessStartedWhileAFileWasOpenDoesNotKeepItLocked() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    let file = try HDF5File(creating: path)
    try write(file)
    // A process that is started gets copies of the descriptors, which these stand for.
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    let copies = names.compactMap { Int32($0) }.filter { descriptor in
      let target = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/self/fd/\(descriptor)")
      return target == NSString(string: path).resolvingSymlinksInPath
    }.map { dup($0) }
    defer { for copy in copies { close(copy) } }
    try #require(!copies.isEmpty)
    try file.close()
    let read = try HDF5File(reading: path)
    #expect(try read.links(by: .name).map(\.name) == ["a", "m", "many", "z"])
  }

  @Test func aFailedBodyLeavesTheOldFile() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in try write(file) }
    let before = try bytes(of: path)
    let failure = HDF5Error.notText(HDF5Location(file: "body"))
    let error = thrown { () throws(HDF5Error) in
      try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
        try file.write([1 as Float], to: "other", shape: [1])
        throw failure
      }
    }
    #expect(error == failure)
    #expect(try bytes(of: path) == before)
    #expect(try directory.contents == ["file.h5"])
  }

  @Test func nothingIsInPlaceUntilItIsCommitted() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    let pending = try HDF5AtomicFile(at: path)
    try pending.file.write([1 as Float], to: "a", shape: [1])
    #expect(try directory.contents.contains("file.h5") == false)
    try pending.commit()
    #expect(try directory.contents == ["file.h5"])
    let values = try HDF5File(reading: path).dataset("a").read(as: Float.self)
    #expect(values == [1])
  }

  @Test func aFileThatIsBeingReadIsReplacedUnderItsReader() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    for value in [1, 2] as [Float] {
      let reader = value == 2 ? try HDF5File(reading: path).dataset("a") : nil
      try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
        try file.write([value], to: "a", shape: [1])
      }
      if let reader {
        let old = try reader.read(as: Float.self)
        #expect(old == [1])
      }
    }
    let new = try HDF5File(reading: path).dataset("a").read(as: Float.self)
    #expect(new == [2])
  }

  @Test func anUnwritablePlaceIsNamed() throws {
    let directory = try TemporaryDirectory()
    let occupied = try directory.file("plain", holding: [1])
    func error(_ path: String) -> HDF5Error? {
      thrown { () throws(HDF5Error) in
        try HDF5File.writeAtomically(to: path) { (_) throws(HDF5Error) in }
      }
    }
    let missing = directory.file("none/file.h5")
    #expect(
      error(missing)
        == .unwritableFile(
          missing, reason: "directory '\(directory.file("none"))': No such file or directory"))
    let below = occupied + "/file.h5"
    #expect(
      error(below) == .unwritableFile(below, reason: "'\(occupied)' is not a directory"))
    #expect(
      error(directory.path)
        == .unwritableFile(directory.path, reason: "it exists and is not a regular file"))
    #expect(try directory.contents == ["plain"])
  }

  /// A limit on the size of files stands in for a full disk; it holds for a whole process, so
  /// the test has one of its own.
  @Test func aFullDiskIsAnErrorAndLeavesTheOldFile() async throws {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = directory.file()
      try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
        try file.write([1 as Float], to: "a", shape: [1])
      }
      let before = try bytes(of: path)
      signal(SIGXFSZ, SIG_IGN)
      for storage in [HDF5Storage.contiguous, .chunked(), .chunked(gzip: 1)] {
        for limit in [1 << 16, 2000, 200] {
          var limits = rlimit(rlim_cur: rlim_t(limit), rlim_max: .max)
          setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
          let error = thrown { () throws(HDF5Error) in
            try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
              var random = SystemRandomNumberGenerator()
              let noise = (0..<1 << 20).map { _ in UInt32.random(in: 0 ... .max, using: &random) }
              try file.write(noise, to: "b", shape: [1 << 20], storage: storage)
            }
          }
          guard let error, error.description.contains("File too large") else {
            print(storage, limit, error as Any)
            exit(2)
          }
        }
      }
      guard try bytes(of: path) == before, try directory.contents == ["file.h5"] else { exit(3) }
    }
  }

  @Test func filesAreReadFromManyThreads() async throws {
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var sum = 0
          for row in 0..<20 {
            let grid = try HDF5File(reading: fixturePath).dataset("data/gzip")
            sum += try grid.read(rows: row..<row + 1, as: Int.self).reduce(0, +)
          }
          return sum
        }
      }
      return try await group.reduce(0, +)
    }
    // 0 + 1 + … + 599, eight times.
    #expect(sum == 8 * 599 * 300)
  }
}
