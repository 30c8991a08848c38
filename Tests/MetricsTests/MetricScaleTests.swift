import Foundation
import Metrics
import Testing

@Suite struct MetricScaleTests {
  @Test(arguments: [
    ("accuracy", MetricScale.score), ("mask.mean_iou", .score), ("exit2", .score),
    ("boxes.map", .score), ("r2", .determination), ("depth.abs_rel", .error), ("loss", .error),
    ("bytes", .bytes), ("best_epoch", .count), ("anything", .number), ("exits", .number),
  ])
  func theNameSettlesTheScale(name: String, scale: MetricScale) {
    #expect(MetricScale(named: name) == scale)
  }

  /// An epoch is not chosen for its many bytes.
  @Test func directionsAreThoseOfTheMetric() {
    #expect(MetricScale(named: "quality").isHigherBetter == true)
    for name in ["bytes", "abs_rel", "mae", "collisions"] {
      #expect(MetricScale(named: name).isHigherBetter == false, "\(name)")
    }
  }

  private struct Holder: Codable, Equatable {
    @NullCoded var figure: Double?
  }

  @Test func aFigureThatIsNotDefinedIsNullInAFile() throws {
    let file = try JSONEncoder().encode(Holder(figure: nil))
    #expect(String(decoding: file, as: UTF8.self) == #"{"figure":null}"#)
    for text in [#"{"figure":null}"#, "{}"] {
      #expect(try JSONDecoder().decode(Holder.self, from: Data(text.utf8)).figure == nil)
    }
    let known = Holder(figure: 0.5)
    #expect(try JSONDecoder().decode(Holder.self, from: JSONEncoder().encode(known)) == known)
  }
}
