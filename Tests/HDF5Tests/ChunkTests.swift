import Foundation
import HDF5
import Testing

/// Reads what `Fixtures/make_chunks.py` wrote with h5py: every index of chunks of both layouts.
@Suite struct ChunkTests {
  static let files = [("chunks.h5", "latest"), ("chunks-earliest.h5", "earliest")]

  static func path(_ name: String) -> String { Bundle.module.bundlePath + "/Fixtures/" + name }

  /// Element number i is i modulo 251.
  static func values(_ count: Int) -> [Double] { (0..<count).map { Double($0 % 251) } }

  static let datasets = [
    "single", "single gzip", "implicit", "fixed", "fixed gzip", "fixed paged", "growing",
    "growing in breadth", "growing far", "records", "records gzip", "deep", "of the type",
  ]

  @Test(arguments: files) func everyIndexLeadsToItsChunks(file: String, group: String) throws {
    let file = try HDF5File(reading: Self.path(file))
    for name in Self.datasets {
      let dataset = try file.dataset("\(group)/\(name)")
      #expect(dataset.chunkShape != nil, "\(name)")
      let expected = Self.values(dataset.count)
      #expect(try dataset.read(as: Double.self) == expected, "\(name)")
      if dataset.elementType.isInteger {
        #expect(try dataset.read(as: UInt8.self) == expected.map { UInt8($0) }, "\(name)")
      }
      // Rows from the middle, and one after the other.
      let row = dataset.count / dataset.shape[0]
      let middle = dataset.shape[0] / 3..<dataset.shape[0] - 1
      #expect(
        try dataset.read(rows: middle, as: Float.self)
          == expected[middle.lowerBound * row..<middle.upperBound * row].map { Float($0) },
        "\(name)")
      for number in 0..<min(4, dataset.shape[0]) {
        #expect(
          try dataset.read(rows: number..<number + 1, as: Float.self)
            == expected[number * row..<(number + 1) * row].map { Float($0) }, "\(name)")
      }
      #expect(dataset.storedByteCount > 0)
    }
    let part = try file.dataset("\(group)/part")
    var expected = [Int16](repeating: -7, count: 36)
    for place in [14, 15, 20, 21] { expected[place] = 5 }
    #expect(try part.read(as: Int16.self) == expected)
    #expect(part.storedByteCount == 8)
  }

  @Test(arguments: files) func manyLinksAndAttributesAreRead(file: String, group: String) throws {
    let file = try HDF5File(reading: Self.path(file))
    let large = try file.group("\(group)/large")
    #expect(try large.links().count == 40)
    #expect(try large.dataset("member number 37").read(as: UInt8.self) == [37])
    let noted = try file.group("\(group)/noted")
    #expect(try noted.attributeNames().count == 21)
    #expect(try noted.number(attribute: "note number 19", as: Int.self) == 19)
    let long = try noted.string(attribute: "long")
    #expect(long.count == (group == "latest" ? 70000 : 1))
  }

  /// A chunk that unpacks to fewer bytes than its extents say made libhdf5 1.10.8 read what lies behind.
  @Test func aChunkOfTooFewBytesIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("short.h5")
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      try file.write(
        [UInt8](repeating: 3, count: 4096), to: "a", shape: [4096],
        storage: .chunked(shape: [4096], gzip: 9))
    }
    var content = try bytes(of: path)
    let packed = try #require(content.firstRange(of: [0x78, 0xDA])).lowerBound
    // An empty stream of zlib: nothing unpacked.
    content.replaceSubrange(packed..<packed + 8, with: [0x78, 0xDA, 3, 0, 0, 0, 0, 1])
    let damaged = try directory.file("damaged.h5", holding: content)
    let error = thrown { () throws(HDF5Error) in
      _ = try HDF5File(reading: damaged).dataset("a").read(as: UInt8.self)
    }
    #expect(
      error?.description.contains("a chunk of 0 bytes, expected 4096") == true, "\(error as Any)")
  }
}
