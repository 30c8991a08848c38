import Foundation
import Testing

@Suite struct PredictCommandTests {
  /// A picture of one pixel, 16×16 being what the run takes: PNG with a palette-free red pixel.
  private static let pixel = Data(
    base64Encoded:
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAA"
      + "AElFTkSuQmCC")

  @Test func answersAreALineAnImageOrOneObject() throws {
    let folder = try TemporaryFolder.withRun()
    try folder.write(#require(Self.pixel), to: "red.png")
    try folder.write([1, 2], to: "bad.png")
    let result = try folder.cleave("predict run red.png --top 2")
    #expect(result.status == 0, "\(result.testDescription)")
    #expect(
      result.output.wholeMatch(of: /red\.png: \w+ [\d.]+ %, \w+ [\d.]+ %; sent 16,399 B\n/) != nil,
      "\(result.output)")
    let both = try folder.cleave("predict run/best.h5 bad.png red.png --json")
    #expect(both.status == 1)
    #expect(both.errors.hasSuffix("error: 1 of 2 images could not be read\n"))
    let predictions = try #require(try both.object()["predictions"] as? [[String: Any]])
    #expect((predictions[0]["error"] as? String)?.hasPrefix("bad.png: ") == true)
    #expect((predictions[1]["answers"] as? [[String: Any]])?.count == 1)
    let stopped = try folder.cleave("predict run bad.png red.png --stop")
    #expect(stopped.status == 1 && stopped.output.isEmpty)
    #expect(stopped.errors.contains("error: bad.png: "), "\(stopped.errors)")
  }
}
