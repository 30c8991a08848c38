import HDF5
import Testing

@Suite struct DatasetTests {
  /// A storage under the name it is printed by.
  struct Layout: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let storage: HDF5Storage
  }

  static let layouts = [
    Layout(testDescription: "contiguous", storage: .contiguous),
    Layout(testDescription: "chunked", storage: .chunked(shape: [2, 2])),
    Layout(testDescription: "automatic chunks, gzip", storage: .chunked(gzip: 9)),
    Layout(
      testDescription: "gzip, shuffle, checksum",
      storage: .chunked(shape: [3, 3], gzip: 4, shuffle: true, checksum: true)),
  ]

  /// Writes 5×3 numbers, reads them back from the file as the same type.
  func expectRoundTrip<Scalar: HDF5Scalar & Equatable>(
    _ values: [Scalar], _ storage: HDF5Storage, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    let padded = values + Array(repeating: .zero, count: 15 - values.count)
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      try file.write(padded, to: "a/b/values", shape: [5, 3], storage: storage)
    }
    let dataset = try HDF5File(reading: path).dataset("a/b/values")
    let (type, shape) = (dataset.elementType, dataset.shape)
    #expect(type == Scalar.elementType, sourceLocation: sourceLocation)
    #expect(shape == [5, 3], sourceLocation: sourceLocation)
    let all = try dataset.read(as: Scalar.self)
    #expect(all == padded, sourceLocation: sourceLocation)
    let rows = try dataset.read(rows: 1..<4, as: Scalar.self)
    #expect(rows == Array(padded[3..<12]), sourceLocation: sourceLocation)
  }

  @Test(arguments: layouts) func numbersOfEveryTypeComeBackAsTheyWere(layout: Layout) throws {
    let storage = layout.storage
    try expectRoundTrip([Float.pi, -.infinity, .leastNonzeroMagnitude], storage)
    try expectRoundTrip([Double.pi, .greatestFiniteMagnitude, -0.5], storage)
    try expectRoundTrip([UInt8.max, 1], storage)
    try expectRoundTrip([UInt16.max, 1], storage)
    try expectRoundTrip([UInt32.max, 1], storage)
    try expectRoundTrip([UInt64.max, 1], storage)
    try expectRoundTrip([Int8.min, .max], storage)
    try expectRoundTrip([Int16.min, .max], storage)
    try expectRoundTrip([Int32.min, .max], storage)
    try expectRoundTrip([Int64.min, .max], storage)
    try expectRoundTrip([Int.min, .max], storage)
  }

  @Test func storageIsWhatWasAskedFor() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    let zeros = [Float](repeating: 0, count: 1 << 20)
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      try file.write(zeros, to: "plain", shape: [1024, 1024])
      try file.write(
        zeros, to: "packed", shape: [1024, 1024],
        storage: .chunked(gzip: 6, shuffle: true, checksum: true))
    }
    let file = try HDF5File(reading: path)
    let plain = try file.dataset("plain")
    let packed = try file.dataset("packed")
    #expect(plain.chunkShape == nil)
    #expect(plain.filters == [])
    #expect(plain.storedByteCount == 4 << 20)
    // Rows of 4096 bytes, 256 of them make a mebibyte.
    #expect(packed.chunkShape == [256, 1024])
    #expect(packed.filters == [.shuffle, .gzip, .checksum])
    #expect(packed.storedByteCount < 10_000)
    let values = try packed.read(as: Float.self)
    #expect(values == zeros)
  }

  @Test func scalarsAndEmptyDatasetsComeBack() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      try file.write([42 as Int64], to: "scalar", shape: [], storage: .chunked(gzip: 1))
      try file.write([Float](), to: "empty", shape: [0, 7], storage: .chunked(gzip: 1))
    }
    let file = try HDF5File(reading: path)
    let scalar = try file.dataset("scalar")
    let empty = try file.dataset("empty")
    let number = try scalar.read(as: Int64.self)
    let nothing = try empty.read(as: Float.self)
    let noRows = try empty.read(rows: 0..<0, as: Float.self)
    #expect(number == [42] && scalar.shape == [] && scalar.count == 1)
    #expect(nothing.isEmpty && noRows.isEmpty && empty.shape == [0, 7])
    let error = thrown { () throws(HDF5Error) in _ = try scalar.read(rows: 0..<1, as: Int64.self) }
    #expect(
      error == .wrongShape(scalar.location, expected: "rows 0 to 1", found: []))
  }

  @Test func rowsAreWrittenAndReadByThemselves() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      let images = try file.createDataset(
        "images", of: UInt8.self, shape: [10, 4, 2], storage: .chunked(shape: [3, 4, 2], gzip: 1))
      for row in stride(from: 0, to: 10, by: 2) {
        try images.write([UInt8](repeating: UInt8(row), count: 16), rows: row..<row + 2)
      }
    }
    let images = try HDF5File(reading: path).dataset("images")
    var read = [Float](repeating: -1, count: 24)
    try read.withUnsafeMutableBufferPointer { try images.read(rows: 3..<6, into: $0) }
    // Rows 2 and 3 hold 2, rows 4 and 5 hold 4; row 3 is followed by 4 and 5.
    #expect(read == [Float](repeating: 2, count: 8) + [Float](repeating: 4, count: 16))
    let location = images.location
    #expect(
      thrown { () throws(HDF5Error) in _ = try images.read(rows: 8..<11, as: UInt8.self) }
        == .wrongShape(location, expected: "rows 8 to 11", found: [10, 4, 2]))
  }

  @Test func numbersAreConvertedOnlyIfTheyFit() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      try file.write([0, 255, 256], to: "integers", shape: [3])
      try file.write([-1], to: "negative", shape: [1])
      try file.write([1.0, 2.0], to: "whole", shape: [2])
      try file.write([1.0, 2.5], to: "halves", shape: [2])
      try file.write([Double.nan], to: "nan", shape: [1])
      try file.write([0.1, 1e300], to: "doubles", shape: [2])
    }
    let file = try HDF5File(reading: path)
    let wide = try file.dataset("integers").read(as: UInt16.self)
    #expect(wide == [0, 255, 256])
    let floats = try file.dataset("integers").read(as: Float.self)
    #expect(floats == [0, 255, 256])
    let whole = try file.dataset("whole").read(as: Int32.self)
    #expect(whole == [1, 2])
    let rounded = try file.dataset("doubles").read(as: Float.self)
    #expect(rounded == [0.1, .infinity])
    for (name, type) in [
      ("integers", "uint8"), ("negative", "uint8"), ("halves", "uint8"), ("nan", "uint8"),
    ] {
      #expect(
        thrown { () throws(HDF5Error) in _ = try file.dataset(name).read(as: UInt8.self) }
          == .valueOutOfRange(HDF5Location(file: path, object: "/" + name), type: type))
    }
  }

  @Test func textsOfAnyLengthAreDatasets() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    let long = String(repeating: "größer ", count: 40_000)
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      try file.write(text: long, to: "texts/long")
      try file.write(text: "", to: "texts/none")
      try file.write([1 as Float], to: "number", shape: [1])
    }
    let file = try HDF5File(reading: path)
    let read = try file.dataset("texts/long").readString()
    let none = try file.dataset("texts/none").readString()
    #expect(read == long)
    #expect(none == "")
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.dataset("number").readString() }
        == .wrongType(
          HDF5Location(file: path, object: "/number"), expected: "text", found: "float32"))
    #expect(
      thrown { () throws(HDF5Error) in
        _ = try file.dataset("texts/none").read(as: Float.self)
      }
        == .wrongType(
          HDF5Location(file: path, object: "/texts/none"), expected: "numbers",
          found: "string of 1 bytes"))
  }

  @Test func namesAreGivenOnce() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    let file = try HDF5File(creating: path)
    try file.write([1 as Float], to: "a/b", shape: [1])
    let place = HDF5Location(file: path, object: "/a/b")
    #expect(
      thrown { () throws(HDF5Error) in try file.write([1 as Float], to: "a/b", shape: [1]) }
        == .alreadyExists(place))
    #expect(
      thrown { () throws(HDF5Error) in try file.write([1 as Float], to: "a/b/c", shape: [1]) }
        == .wrongKind(place, expected: "a group", found: "a dataset"))
  }

  @Test func damageBehindAChecksumIsFound() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      try file.write(
        [UInt8](repeating: 0x5A, count: 64), to: "a", shape: [64],
        storage: .chunked(checksum: true))
    }
    var content = try bytes(of: path)
    let run = [UInt8](repeating: 0x5A, count: 64)
    let start = try #require(content.firstRange(of: run)).lowerBound
    content[start + 20] ^= 4
    let damaged = try directory.file("damaged.h5", holding: content)
    let error = thrown { () throws(HDF5Error) in
      _ = try HDF5File(reading: damaged).dataset("a").read(as: UInt8.self)
    }
    guard case .failed(let place, _, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(place == HDF5Location(file: damaged, object: "/a"))
    #expect(reason.contains("checksum"))
  }
}
