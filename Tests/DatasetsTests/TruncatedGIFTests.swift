import Datasets
import Foundation
import Testing

@Suite struct TruncatedGIFTests {
  /// A white pixel: header, colours, frame, and the data of the frame in one block.
  private let bytes: [UInt8] =
    Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 255, 255, 255, 0, 0, 0]
    + [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b]

  @Test func aFrameWithoutItsEndIsDamaged() throws {
    let folder = try TemporaryFolder()
    try folder.write(bytes, "whole.gif")
    #expect(try ImageFile.read(folder.file("whole.gif")).bytes == [255, 255, 255])
    // The end of the file itself may be missing.
    try folder.write(Array(bytes.dropLast()), "open.gif")
    #expect(try ImageFile.read(folder.file("open.gif")).bytes == [255, 255, 255])
    for missing in 2...3 {
      try folder.write(Array(bytes.dropLast(missing)), "cut.gif")
      #expect(throws: DatasetError.self) { try ImageFile.read(folder.file("cut.gif")) }
    }
  }
}
