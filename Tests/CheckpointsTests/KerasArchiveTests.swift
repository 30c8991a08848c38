import Checkpoints
import Foundation
import Networks
import Testing

/// `.keras` files that are damaged or made to do harm.
@Suite struct KerasArchiveTests {
  private static let packed = "keras3-packed.keras"

  /// Where the entry of a name stands in the list at an archive's end.
  private func place(of name: String, in archive: [UInt8]) throws -> Int {
    let signature: [UInt8] = [0x50, 0x4b, 1, 2]
    return try #require(
      archive.indices.dropLast(46 + name.utf8.count).last {
        Array(archive[$0..<$0 + 4]) == signature
          && Array(archive[$0 + 46..<$0 + 46 + name.utf8.count]) == Array(name.utf8)
      })
  }

  private func error(_ archive: [UInt8]) throws -> String? {
    let directory = try TemporaryDirectory()
    let path = directory.file("model.keras")
    try write(archive, to: path)
    return readError(path).map { "\($0)".replacing(path, with: "model.keras") }
  }

  /// Bytes of a field of an entry of the list: method, flags, checksum, sizes, offset.
  @Test(arguments: [
    ("model.weights.h5", 8, [1], "encrypted, which is not supported"),
    ("model.weights.h5", 10, [12], "packed by method 12, expected stored or deflated"),
    ("model.weights.h5", 10, [0], "packed as"),
    ("model.weights.h5", 16, [1, 2, 3, 4], "its checksum is not its own"),
    ("model.weights.h5", 20, [0xf0, 0xff, 0xff, 0x7f], "reaches beyond the end of the file"),
    ("model.weights.h5", 24, [0xf0, 0xff, 0xff, 0xff], "declares 4294967280 bytes, expected at"),
    ("model.weights.h5", 24, [100, 0, 0, 0], "unpacks to more than the 100 bytes it declares"),
    ("model.weights.h5", 42, [0xf0, 0xff, 0xff, 0x7f], "its header lies outside the file"),
    ("config.json", 24, [0, 0, 0, 0x40], "declares 1073741824 bytes, expected at most 67108864"),
  ])
  func fieldsThatCannotBeAreNamed(
    entry: String, field: Int, value: [UInt8], message: String
  ) throws {
    var archive = try bytes(of: fixture(KerasArchiveTests.packed))
    let place = try place(of: entry, in: archive) + field
    archive.replaceSubrange(place..<place + value.count, with: value)
    let text = try error(archive) ?? ""
    #expect(text.hasPrefix("model.keras:\(entry): damaged: "), "\(text)")
    #expect(text.contains(message), "\(text)")
  }

  @Test(arguments: [packed, "keras3-stored.keras"])
  func truncatedArchivesAreRefused(name: String) throws {
    let whole = try bytes(of: fixture(name))
    for length in stride(from: 4, to: whole.count, by: whole.count / 50) {
      #expect(try error(Array(whole[..<length])) != nil, "\(length) of \(whole.count) bytes")
    }
  }

  /// A flipped bit is found by a checksum, or stands where nothing is read.
  @Test func flippedBitsAreRefusedOrChangeNothing() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("model.keras")
    let whole = try bytes(of: fixture(KerasArchiveTests.packed))
    let network = try Checkpoint.read(fixture(KerasArchiveTests.packed)).network
    var refused = 0
    for position in stride(from: 0, to: whole.count, by: 37) {
      var damaged = whole
      damaged[position] ^= 1 << (position % 8)
      try write(damaged, to: path)
      do {
        #expect(try Checkpoint.read(path).network == network, "byte \(position)")
      } catch {
        refused += 1
      }
    }
    #expect(refused > whole.count / 37 / 2)
  }

  @Test func anArchiveOfSomethingElseIsNoModel() throws {
    var archive = try bytes(of: fixture(KerasArchiveTests.packed))
    let place = try place(of: "config.json", in: archive)
    archive[place + 46] = UInt8(ascii: "k")
    #expect(try error(archive)?.contains("zip archive") == true)
  }
}
