import EventLog
import Foundation
import TestSupport
import Testing

/// What is written is what TensorBoard reads.
@Suite(
  .enabled(
    if: Python.canImport("tensorboard.backend.event_processing.event_accumulator"),
    "a Python with TensorBoard"))
struct TensorBoardReaderTests {
  private struct Found: Decodable {
    let scalars: [String: [[Double]]]
    let histograms: [String: [[Double]]]
    let images: [String: [[Double]]]
  }

  @Test func scalarsHistogramsAndImagesAreRead() throws {
    let directory = NSTemporaryDirectory() + "cleave-events-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var writer = try TensorBoardWriter(directory: directory)
    writer.add("loss", 0.5, step: 1)
    writer.add("loss", 0.25, step: 2)
    writer.add("latent", histogramOf: [-1, 0, 0.5, 3, .nan, .infinity], step: 2)
    writer.add("same", histogramOf: [2, 2], step: 2)
    writer.add("none", histogramOf: [Float.nan], step: 2)
    // The smallest PNG: one grey pixel.
    let png = try #require(
      Data(
        base64Encoded: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQ"
          + "AAAABJRU5ErkJggg=="))
    writer.add("picture", png: [UInt8](png), height: 1, width: 1, channels: 1, step: 2)
    try writer.flush()

    let script = try #require(
      Bundle.module.url(forResource: "Reference/read_events", withExtension: "py"))
    let result = try Python.run([script.path, directory])
    try #require(result.status == 0)
    let found = try JSONDecoder().decode(Found.self, from: result.output)
    #expect(found.scalars == ["loss": [[1, 0.5], [2, 0.25]]])
    #expect(found.histograms["latent"] == [[2, -1, 3, 4, 2.5, 10.25, 4, 3]])
    #expect(found.histograms["same"] == [[2, 2, 2, 2, 4, 8, 2, 42]])
    #expect(found.histograms.keys.sorted() == ["latent", "same"])
    #expect(found.images == ["picture": [[2, 1, 1, Double(png.count)]]])
  }
}
