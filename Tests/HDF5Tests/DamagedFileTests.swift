import Foundation
import HDF5
import Testing

@Suite struct DamagedFileTests {
  /// The error of opening a file.
  func openError(_ path: String) -> HDF5Error? {
    thrown { () throws(HDF5Error) in _ = try HDF5File(reading: path) }
  }

  @Test func whatIsNotHDF5IsToldApart() throws {
    let directory = try TemporaryDirectory()
    let missing = directory.file("missing.h5")
    #expect(openError(missing) == .missingFile(missing))
    #expect(
      openError(directory.path)
        == .unreadableFile(directory.path, reason: "it is a directory"))
    let empty = try directory.file("empty.h5", holding: [])
    #expect(openError(empty) == .emptyFile(empty))
    let text = try directory.file("text.h5", holding: Array("Not Found\nat all".utf8))
    #expect(openError(text) == .notHDF5(text, found: "text starting 'Not Found'"))
    let zip = try directory.file("zip.h5", holding: [0x50, 0x4B, 3, 4, 0, 0, 0, 0, 0, 0])
    #expect(openError(zip)?.description.contains("zip archive") == true)
    let other = try directory.file("other.h5", holding: [0, 1, 254, 3])
    #expect(
      openError(other) == .notHDF5(other, found: "a file of unknown kind (bytes 00 01 fe 03)"))
  }

  @Test func aTruncatedFileIsRefusedAtEveryLength() throws {
    let directory = try TemporaryDirectory()
    let content = try bytes(of: fixturePath)
    for length in Array(1..<200) + Array(stride(from: 200, to: content.count, by: 997)) {
      let path = try directory.file(holding: Array(content[..<length]))
      let error = openError(path)
      guard case .truncatedFile(path, let expected, length) = error else {
        Issue.record("\(length) bytes: \(String(describing: error))")
        continue
      }
      #expect(expected == nil || expected == content.count)
      #expect(length < 96 || expected != nil, "\(length)")
    }
  }

  @Test func aFileOfGroupsThatCannotBeParsedIsCorrupt() throws {
    let directory = try TemporaryDirectory()
    var content = try bytes(of: fixturePath)
    content[8] = 77  // The superblock's version.
    let path = try directory.file(holding: content)
    guard case .corruptFile(path, _) = openError(path) else {
      Issue.record("\(String(describing: openError(path)))")
      return
    }
  }

  /// A small file of what this module writes.
  func writeSample(to path: String) throws {
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      try file.setAttribute("model_config", to: "{\"layers\": []}")
      try file.setAttribute("names", to: ["a", "b"])
      try file.write((0..<64).map(Float.init), to: "a/kernel", shape: [8, 8])
      try file.write(
        (0..<64).map(Int32.init), to: "a/packed", shape: [8, 8],
        storage: .chunked(shape: [4, 4], gzip: 6, shuffle: true, checksum: true))
      try file.write(text: "{}", to: "b/text")
    }
  }

  /// Reads everything that can be read; errors are as good as values.
  func readAll(_ path: String) -> Int {
    var read = 0
    func quietly(_ body: () throws(HDF5Error) -> Void) {
      do throws(HDF5Error) {
        try body()
        read += 1
      } catch {
        _ = error.description
      }
    }
    func readAttributes(_ object: borrowing some HDF5Object & ~Copyable) throws(HDF5Error) {
      for name in try object.attributeNames() {
        quietly { () throws(HDF5Error) in _ = try object.strings(attribute: name) }
        quietly { () throws(HDF5Error) in _ = try object.numbers(attribute: name, as: Float.self) }
      }
    }
    quietly { () throws(HDF5Error) in
      let file = try HDF5File(reading: path)
      try readAttributes(file)
      for group in ["a", "model_weights", "model_weights/conv2d"] {
        quietly { () throws(HDF5Error) in try readAttributes(try file.group(group)) }
      }
      for dataset in try file.datasetPaths(by: .creation) {
        quietly { () throws(HDF5Error) in
          let opened = try file.dataset(dataset)
          quietly { () throws(HDF5Error) in _ = try opened.read(as: Float.self) }
          quietly { () throws(HDF5Error) in _ = try opened.read(as: UInt8.self) }
          quietly { () throws(HDF5Error) in _ = try opened.readStrings() }
          quietly { () throws(HDF5Error) in _ = try opened.read(rows: 0..<1, as: Double.self) }
        }
      }
    }
    return read
  }

  @Test(arguments: [true, false]) func flippedBytesGiveAnErrorOrAValue(own: Bool) throws {
    let directory = try TemporaryDirectory()
    let sample = directory.file("sample.h5")
    if own {
      try writeSample(to: sample)
    } else {
      try FileManager.default.copyItem(atPath: fixturePath, toPath: sample)
    }
    let whole = readAll(sample)
    #expect(whole > 8)
    let content = try bytes(of: sample)
    var changed = 0
    for position in stride(from: 0, to: content.count, by: own ? 7 : 31) {
      var damaged = content
      damaged[position] ^= position % 2 == 0 ? 0xFF : 1 << (position / 3 % 8)
      let path = try directory.file("damaged.h5", holding: damaged)
      if readAll(path) != whole { changed += 1 }
    }
    // Most of a file is metadata, and damage to it does not go unnoticed.
    #expect(changed > 10)
  }

  /// More than eight links of a group lie in a heap of their own, which libhdf5 1.10.8 cannot sort
  /// once it is damaged.
  @Test func damageToTheLinksOfALargeGroupIsAnError() throws {
    let directory = try TemporaryDirectory()
    let sample = directory.file("large.h5")
    try HDF5File.writeAtomically(to: sample) { (file) throws(HDF5Error) in
      for index in 0..<40 {
        try file.write([Int32(index)], to: "group/dataset number \(index)", shape: [1])
      }
    }
    let whole = readAll(sample)
    #expect(whole >= 40)
    let content = try bytes(of: sample)
    var refused = 0
    for position in 0..<content.count where position % 5 == 0 || position > content.count - 2000 {
      var damaged = content
      damaged[position] ^= 1 << (position % 8)
      if readAll(try directory.file("damaged.h5", holding: damaged)) != whole { refused += 1 }
    }
    #expect(refused > 500)
  }

  /// Bits whose flip made libhdf5 1.10.8 crash where it was not kept from it: found by flipping
  /// every byte of the fixture, and every third bit.
  static let treacherousBits: [(byte: Int, mask: UInt8)] =
    [
      7512, 7514, 7527, 7532, 7544, 7552, 13010, 13013, 13017, 25491, 25492, 25499, 25500, 27581,
      27584, 27592, 27622, 27634, 27654, 27662, 27686, 27698,
    ].map { ($0, 0xFF) }
    + [
      (2066, 0xFF), (2088, 0xFF), (16433, 1), (26071, 1), (27633, 8), (13240, 32), (27582, 64),
      (27622, 128), (27654, 64),
    ]

  @Test func damageThatCrashesTheLibraryIsKeptFromIt() throws {
    let directory = try TemporaryDirectory()
    let content = try bytes(of: fixturePath)
    let whole = readAll(fixturePath)
    for (byte, mask) in DamagedFileTests.treacherousBits {
      var damaged = content
      damaged[byte] ^= mask
      let read = readAll(try directory.file(holding: damaged))
      #expect(read <= whole, "byte \(byte)")
    }
  }
}
