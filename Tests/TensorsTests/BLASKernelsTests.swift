import Tensors
import Testing

@Suite struct BLASKernelsTests {
  @Test(arguments: ["Prescott", "Core2", "Generic"])
  func whatEveryProcessorHasIsBettered(chosen: String) {
    #expect(BLASKernels.better(than: chosen, hasAVX2: true, hasAVX512: true) == "SkylakeX")
    #expect(BLASKernels.better(than: chosen, hasAVX2: true, hasAVX512: false) == "Haswell")
    #expect(BLASKernels.better(than: chosen, hasAVX2: false, hasAVX512: false) == nil)
  }

  @Test(arguments: ["Haswell", "SkylakeX", "Zen", "Sapphirerapids", "ARMV8"])
  func whatWasChosenForAKnownModelIsLeftAlone(chosen: String) {
    #expect(BLASKernels.better(than: chosen, hasAVX2: true, hasAVX512: true) == nil)
  }

  @Test func aSetWasChosen() {
    #expect(!BLASKernels.chosen.isEmpty)
  }
}
