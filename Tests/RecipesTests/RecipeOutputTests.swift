import Recipes
import Testing

@Suite struct RecipeOutputTests {
  func document(_ text: String) throws -> RecipeDocument {
    try RecipeDocument(name: "r.yaml", text: text)
  }

  @Test func scalarsMeanWhatYAML12Says() throws {
    let document = try document(
      """
      [yes, off, true, "true", 1, "1", 1.50, 1e3, .5, 0x1F, 0o17, -3, +4, 1_000, 1:30, ~, "", 007,
       2001-01-01, 18446744073709551615, 1e, ., -, 0x, nan, .inf]
      """.replacing("[", with: "a: [", maxReplacements: 1))
    #expect(
      document.canonicalJSON
        == #"{"a":["yes","off",true,"true",1,"1",1.5,1000,0.5,31,15,-3,4,"1_000","1:30",null,"","#
        + #"7,"2001-01-01",18446744073709551615,"1e",".","-","0x","nan","inf"]}"#)
  }

  @Test func theTextReadsBackAsTheSameRecipe() throws {
    let original = try document(
      """
      # comment
      method: salt
      text: ["3", "true", "", "~", "a: b", "# no", "*x", "&y", "it's", "line\\nbreak\\ttab", yes]
      long: "\(String(repeating: "word ", count: 60))end"
      empty: {list: [], mapping: {}, nothing: }
      nested: [{a: 1, b: [1, [2, 3]]}, plain text, größe ⏎ 😀]
      "strange: key": {"1": 2, "*": 3}
      block: |
        first
          second
      """)
    let copy = try RecipeDocument(name: "copy", text: try original.yaml)
    #expect(copy.canonicalJSON == original.canonicalJSON)
    #expect(copy.differences(from: original).isEmpty)
  }

  @Test func theTextIsReadable() throws {
    let original = try document("train: {epochs: 3, rate: 10 Mbit/s}\nclasses: [1, 2]\nx:\n")
    #expect(
      try original.yaml == """
        train:
          epochs: 3
          rate: 10 Mbit/s
        classes: [1, 2]
        x: null

        """)
  }

  @Test func fingerprintsDependOnMeaningAlone() throws {
    let fingerprint = try document("a: {x: 1, y: [3.0]}\nb: text\n").fingerprint
    #expect(try document("b: 'text'\n\na:\n  y: [3]\n  x: 1\n").fingerprint == fingerprint)
    #expect(try document("a: {x: 1, y: [3.5]}\nb: text\n").fingerprint != fingerprint)
    #expect(try document("").fingerprint == emptyFingerprint)
  }

  /// FNV-1a of `{}`, written out: ((offset ^ 0x7b) * prime ^ 0x7d) * prime modulo 2^64.
  private var emptyFingerprint: String {
    let prime: UInt64 = 1_099_511_628_211
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte: UInt64 in [0x7b, 0x7d] { hash = (hash ^ byte) &* prime }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  @Test func differencesNameEveryKeyThatDiffers() throws {
    let mine = try document(
      "train: {epochs: 3, batch: 8}\ndata: [1, 2]\noutput: here\nonly: {a: 1}\n")
    let theirs = try document(
      "output: there\ntrain: {epochs: 5, batch: 8, patience: 2}\ndata: [1, 3]\n")
    #expect(
      mine.differences(from: theirs, ignoring: ["output"]).map(\.description) == [
        "train.epochs: 3, not 5", "train.patience: absent, not 2", "data: [1,2], not [1,3]",
        #"only: {"a":1}, not absent"#,
      ])
    #expect(mine.differences(from: theirs).map(\.keyPath).contains("output"))
    #expect(mine.differences(from: theirs, ignoring: ["output", "train", "data", "only"]).isEmpty)
    #expect(mine.differences(from: mine).isEmpty)
  }
}
