import Suggestions
import Testing

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("epohcs", "epochs", 1), ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0),
    ("abcd", "acbd", 1), ("ca", "abc", 3),
  ])
  func distanceCountsTypingErrors(left: String, right: String, expected: Int) {
    #expect(NearestName.distance(left, right) == expected)
    #expect(NearestName.distance(right, left) == expected)
  }

  @Test(arguments: [
    ("trian", "train"), ("Adam", "adam"), ("batchsize", "batch_size"), ("optim", "optimizer"),
    ("learning-rate", "learning_rate"),
  ])
  func aSlipFindsTheNameThatWasMeant(name: String, expected: String) {
    let names = ["train", "adam", "batch_size", "optimizer", "learning_rate", "link"]
    #expect(NearestName.of(name, among: names) == expected)
  }

  @Test(arguments: ["zebra", "x", "", "li", String(repeating: "train", count: 100_000)])
  func aNameUnlikeAnyFindsNone(name: String) {
    #expect(NearestName.of(name, among: ["train", "adam", "a", "optimizer", "latency"]) == nil)
  }

  @Test func theNearestWinsAndTiesAreAlphabetical() {
    #expect(NearestName.of("epoch", among: ["epocks", "epochs"]) == "epochs")
    #expect(NearestName.of("resnet2", among: ["resnet8", "resnet32", "resnet20"]) == "resnet20")
  }

  @Test func aTypingErrorIsNearerThanAnAbbreviation() {
    #expect(NearestName.of("conv", among: ["convolution", "cone"]) == "cone")
  }
}
