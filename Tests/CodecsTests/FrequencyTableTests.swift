import Codecs
import Testing

@Suite struct FrequencyTableTests {
  @Test func everySymbolThatOccursCanBeCoded() {
    var counts = [Int](repeating: 1, count: 200)
    counts[7] = 1_000_000
    counts[9] = 0
    let table = FrequencyTable(counts: counts, precision: 12)
    #expect(table.frequencies.reduce(0, +) == 4096)
    #expect(table.frequencies[9] == 0)
    #expect(table.frequencies.enumerated().allSatisfy { $0.offset == 9 || $0.element >= 1 })
    // 198 symbols at 1 leave the rest to the frequent one.
    #expect(table.frequencies[7] == 4096 - 198)
  }

  @Test func powersOfTwoStayThemselves() {
    let table = FrequencyTable(counts: [8, 4, 2, 2], precision: 8)
    #expect(table.frequencies == [128, 64, 32, 32])
  }

  @Test func roundingGoesWhereItCostsLeast() {
    // 256 · (1, 1, 1) / 3 = 85.33 each: one of them gets the 256th.
    let table = FrequencyTable(counts: [1, 1, 1], precision: 8)
    #expect(table.frequencies.sorted() == [85, 85, 86])
  }

  @Test func frequenciesMustFillTheTable() {
    #expect(FrequencyTable(frequencies: [128, 128], precision: 8) != nil)
    #expect(FrequencyTable(frequencies: [128, 127], precision: 8) == nil)
    #expect(FrequencyTable(frequencies: [128, 128], precision: 7) == nil)
  }
}
