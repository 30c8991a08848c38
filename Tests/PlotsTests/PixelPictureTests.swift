import Plots
import Testing

@Suite struct PixelPictureTests {
  private func picture(_ red: UInt8) -> PixelPicture {
    PixelPicture(
      width: 4, height: 2, bytes: (0..<8).flatMap { [red, UInt8(30 * $0), 10] as [UInt8] })
  }

  @Test func aPNGSaysItsSize() throws {
    let bytes = try picture(200).png()
    #expect(Array(bytes[1..<4]) == Array("PNG".utf8))
    // Width and height follow the name of the first chunk.
    #expect(Array(bytes[12..<24]) == Array("IHDR".utf8) + [0, 0, 0, 4, 0, 0, 0, 2])
    #expect(try picture(100).png() != bytes)
  }

  @Test func anAnimationHasEveryPictureWithItsDelay() throws {
    var animation = AnimatedGIF()
    animation.append(picture(10), delay: 7)
    animation.append(picture(90), delay: 300)
    let bytes = try animation.gif()
    #expect(Array(bytes.prefix(6)) == Array("GIF89a".utf8))
    #expect(Array(bytes[6..<10]) == [4, 0, 2, 0])
    #expect(bytes.last == 0x3B)
    // A graphic control extension before each picture holds its delay.
    let delays = bytes.indices.dropLast(8).filter {
      Array(bytes[$0..<$0 + 3]) == [0x21, 0xF9, 4] && bytes[$0 + 7] == 0
    }.map { Int(bytes[$0 + 4]) | Int(bytes[$0 + 5]) << 8 }
    #expect(delays == [7, 300])
  }

  @Test func anAnimationWithoutPicturesIsRefused() {
    #expect(throws: DrawingError.self) { try AnimatedGIF().gif() }
  }
}
