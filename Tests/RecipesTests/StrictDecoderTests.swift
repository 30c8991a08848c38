import Configurations
import Recipes
import Testing

/// A section with one key of every kind.
private struct Train: Decodable, Validatable {
  /// The end of a message about a key that the section does not know.
  static let knownKeys =
    "; known keys: epochs, batch_size, learning_rate, schedule, shuffle, warm_up, span, stages"

  enum Schedule: String, Decodable, CaseIterable { case constant, cosine, step }

  struct Stage: Decodable {
    var name: String
    var epochs: Int
  }

  var epochs: Int
  var batchSize: UInt8
  var learningRate: Double
  var schedule: Schedule
  var shuffles: Bool
  var warmUp: Int
  var span: Span?
  var stages: [Stage]

  enum CodingKeys: String, CodingKey {
    case epochs
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
    case schedule, shuffle
    case warmUp = "warm_up"
    case span, stages
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    epochs = try container.decode(Int.self, forKey: .epochs)
    batchSize = try container.decodeIfPresent(UInt8.self, forKey: .batchSize) ?? 32
    learningRate = try container.decodeIfPresent(Double.self, forKey: .learningRate) ?? 0.1
    schedule = try container.decodeIfPresent(Schedule.self, forKey: .schedule) ?? .constant
    shuffles = try container.decodeIfPresent(Bool.self, forKey: .shuffle) ?? true
    warmUp = try container.decodeIfPresent(Int.self, forKey: .warmUp) ?? 0
    span = try container.decodeIfPresent(Span.self, forKey: .span)
    stages = try container.decodeIfPresent([Stage].self, forKey: .stages) ?? []
  }

  func validate(_ report: inout ValidationReport) {
    if batchSize == 0 { report.add("expected at least 1, found 0", at: "batch_size") }
    if epochs < 1 { report.add("expected at least 1, found \(epochs)", at: "epochs") }
    if warmUp > epochs {
      report.add("\(warmUp) is more than all epochs", at: "warm_up", dependingOn: ["epochs"])
    }
  }
}

/// Accepts `3 ms` alone, to stand for any type that parses text; has no stand-in.
private struct Span: Decodable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(number) has no unit")
    }
    let text = try container.decode(String.self)
    guard text == "3 ms" else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is no duration")
    }
  }
}

/// A number or a list of numbers.
private struct OneOrMany: Decodable, Equatable {
  var values: [Int]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Int.self) {
      values = [value]
    } else {
      values = try container.decode([Int].self)
    }
  }
}

private struct Salt: Decodable, Equatable {
  var kernel: Int

  enum CodingKeys: String, CodingKey { case kernel }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kernel = try container.decodeIfPresent(Int.self, forKey: .kernel) ?? 3
  }
}

private struct Ladon: Decodable { var depth: Int }

@Suite struct StrictDecoderTests {
  func lines(
    _ text: String, _ overrides: [String] = [], _ body: (StrictDecoder) -> Void
  ) -> [String] {
    problemLines { () throws(RecipeProblems) in
      let decoder = StrictDecoder(
        try RecipeDocument(name: "r.yaml", text: text, overrides: overrides))
      body(decoder)
      try decoder.finish()
    }
  }

  func trainLines(_ entries: String, _ overrides: [String] = []) -> [String] {
    lines("train:\n" + entries, overrides) { _ = $0.section("train", as: Train.self) }
  }

  @Test(arguments: [
    (
      "  epohcs: 3\n  epochs: 1\n",
      "2:3: unknown key 'epohcs' in 'train' (did you mean 'epochs'?)" + Train.knownKeys
    ),
    ("  epochs: 1\n  zebra: 3\n", "3:3: unknown key 'zebra' in 'train'" + Train.knownKeys),
    ("  batch_size: 3\n", "1:1: 'train' lacks the key 'epochs'"),
    ("  epochs: three\n", "2:11: 'train.epochs' expects an integer, found 'three'"),
    ("  epochs: 3.5\n", "2:11: 'train.epochs' expects an integer, found the number 3.5"),
    (
      "  epochs: \"3\"\n",
      "2:11: 'train.epochs' expects an integer without quotes, found '3'"
    ),
    ("  epochs:\n", "2:10: 'train.epochs' expects an integer, found nothing"),
    ("  epochs: [3]\n", "2:11: 'train.epochs' expects an integer, found a list"),
    ("  epochs: {a: 3}\n", "2:11: 'train.epochs' expects an integer, found a mapping"),
    (
      "  epochs: 9223372036854775808\n",
      "2:11: 'train.epochs' expects an integer from -9223372036854775808 to "
        + "9223372036854775807, found the number 9223372036854775808"
    ),
    (
      "  epochs: 1\n  batch_size: 256\n",
      "3:15: 'train.batch_size' expects an integer from 0 to 255, found the number 256"
    ),
    (
      "  epochs: 1\n  batch_size: -1\n",
      "3:15: 'train.batch_size' expects an integer from 0 to 255, found the number -1"
    ),
    (
      "  epochs: 1\n  batch_size: 0\n", "3:15: 'train.batch_size': expected at least 1, found 0"
    ),
    (
      "  epochs: 1\n  learning_rate: fast\n",
      "3:18: 'train.learning_rate' expects a number, found 'fast'"
    ),
    (
      "  epochs: 1\n  learning_rate: .nan\n",
      "3:18: 'train.learning_rate' expects a finite number of magnitude up to "
        + "1.7976931348623157e+308, found the number .nan"
    ),
    (
      "  epochs: 1\n  schedule: cosin\n",
      "3:13: 'train.schedule' expects 'constant', 'cosine' or 'step', found 'cosin' "
        + "(did you mean 'cosine'?)"
    ),
    (
      "  epochs: 1\n  schedule: 3\n",
      "3:13: 'train.schedule' expects 'constant', 'cosine' or 'step', found the number 3"
    ),
    (
      "  epochs: 1\n  shuffle: yes\n",
      "3:12: 'train.shuffle' expects true or false, found 'yes' (did you mean 'true'?)"
    ),
    ("  epochs: 1\n  span: 5 ms\n", "3:9: 'train.span': '5 ms' is no duration"),
    ("  epochs: 1\n  span: 5\n", "3:9: 'train.span': 5.0 has no unit"),
    ("  epochs: 1\n  span: [5]\n", "3:9: 'train.span' expects text, found a list"),
    ("  epochs: 1\n  stages: 3\n", "3:11: 'train.stages' expects a list, found the number 3"),
    (
      "  epochs: 1\n  stages: [3]\n",
      "3:12: 'train.stages[0]' expects a mapping, found the number 3"
    ),
    (
      "  epochs: 1\n  stages: [{name: 3, epochs: 1}]\n",
      "3:19: 'train.stages[0].name' expects text, found the number 3 (did you mean '\"3\"'?)"
    ),
    ("  epochs: 2\n  warm_up: 5\n", "3:12: 'train.warm_up': 5 is more than all epochs"),
    ("  epochs: 0\n", "2:11: 'train.epochs': expected at least 1, found 0"),
  ])
  func oneMistakeGivesOneLine(entries: String, expected: String) {
    #expect(trainLines(entries) == ["r.yaml:" + expected])
  }

  @Test func allMistakesAreReportedInTheirOrder() {
    let text = """
      seed: one
      train:
        stages:
          - {name: a}
          - {nmae: b, epochs: 2}
          - {name: c, epochs: x, more: 1}
        epochs: many
        warm_up: 5
        schedule: linear
        batch_size: 0
        span: never
      trian: {}
      """
    let found = lines(text) { decoder in
      _ = decoder.section("train", as: Train.self)
      _ = decoder.section("seed", as: UInt64.self)
      _ = decoder.section("method", as: String.self)
    }
    // `epochs: many` and `epochs: x` give no further line about their stand-ins, 0.
    #expect(
      found == [
        "r.yaml:1:1: the recipe lacks the key 'method'",
        "r.yaml:1:7: 'seed' expects an integer, found 'one'",
        "r.yaml:4:7: 'train.stages[0]' lacks the key 'epochs'",
        "r.yaml:5:7: 'train.stages[1]' lacks the key 'name'",
        "r.yaml:5:8: unknown key 'nmae' in 'train.stages[1]' (did you mean 'name'?); known "
          + "keys: name, epochs",
        "r.yaml:6:25: 'train.stages[2].epochs' expects an integer, found 'x'",
        "r.yaml:6:28: unknown key 'more' in 'train.stages[2]'; known keys: name, epochs",
        "r.yaml:7:11: 'train.epochs' expects an integer, found 'many'",
        "r.yaml:9:13: 'train.schedule' expects 'constant', 'cosine' or 'step', found 'linear'",
        "r.yaml:10:15: 'train.batch_size': expected at least 1, found 0",
        "r.yaml:11:9: 'train.span': 'never' is no duration",
        "r.yaml:12:1: unknown key 'trian' (did you mean 'train'?); known keys: train, seed, method",
      ])
  }

  @Test func problemsOfOverridesNameTheOverride() {
    let found = trainLines(
      "  epochs: 1\n  zebra: 1\n",
      ["train.epochs=many", "train.schedul=step", "train.batch_size=0"])
    #expect(
      Array(found.dropFirst()) == [
        "--set train.epochs=many: 'train.epochs' expects an integer, found 'many'",
        "--set train.schedul=step: unknown key 'schedul' in 'train' (did you mean 'schedule'?)"
          + Train.knownKeys,
        "--set train.batch_size=0: 'train.batch_size': expected at least 1, found 0",
      ])
    #expect(found.first?.hasPrefix("r.yaml:3:3: unknown key 'zebra'") == true)
  }

  @Test func aFaultlessRecipeIsDecodedWithOverrides() throws {
    let document = try RecipeDocument(
      name: "r.yaml",
      text: """
        train:
          epochs: 3
          learning_rate: 1
          schedule: cosine
          span: 3 ms
          stages: [{name: warm, epochs: 0x10}]
        """, overrides: ["train.epochs=5", "train.shuffle=false"])
    let decoder = StrictDecoder(document)
    let train = try #require(decoder.section("train", as: Train.self))
    try decoder.finish()
    #expect(train.epochs == 5)
    #expect(train.learningRate == 1)
    #expect(train.schedule == .cosine)
    #expect(!train.shuffles)
    #expect(train.span != nil)
    #expect(train.batchSize == 32)
    #expect(train.stages.map(\.epochs) == [16])
  }

  @Test func aKeyChoosesTheTypeOfItsSection() throws {
    let types: [String: any Decodable.Type] = ["salt": Salt.self, "ladon": Ladon.self]
    func choose(_ text: String) -> (lines: [String], value: (any Decodable)?) {
      var value: (any Decodable)?
      let found = lines(text) { value = $0.chosenSection(by: "method", from: types)?.value }
      return (found, value)
    }
    #expect(choose("method: salt\nsalt: {kernel: 1}\n").lines == [])
    #expect((choose("method: salt\nsalt: {kernel: 1}\n").value as? Salt)?.kernel == 1)
    #expect((choose("method: salt\n").value as? Salt)?.kernel == 3)
    #expect((choose("method: salt\nsalt:\n").value as? Salt)?.kernel == 3)
    #expect(
      choose("method: salt\nsalt: {kernal: 1}\n").lines
        == [
          "r.yaml:2:8: unknown key 'kernal' in 'salt' (did you mean 'kernel'?); known keys: kernel"
        ])
    #expect(
      choose("method: slat\nsalt: {kernal: 1}\n").lines
        == ["r.yaml:1:9: 'method' expects 'ladon' or 'salt', found 'slat' (did you mean 'salt'?)"])
    #expect(
      choose("method: salt\nladon: {depth: 1}\n").lines
        == ["r.yaml:2:1: 'ladon' is not used, since 'method' is 'salt'"])
    // Of the sections that are named like choices only the chosen one is among the known keys.
    #expect(
      choose("method: salt\nsald: {}\n").lines
        == ["r.yaml:2:1: unknown key 'sald' (did you mean 'salt'?); known keys: method, salt"])
    #expect(choose("method: ladon\n").lines == ["r.yaml:1:1: 'ladon' lacks the key 'depth'"])
    #expect(choose("salt: {}\n").lines == ["r.yaml:1:1: the recipe lacks the key 'method'"])
  }

  @Test func allowedKeysNeedNotBeAskedFor() {
    let text = "output: {name: x}\nlinks: 3\n"
    let found = problemLines { () throws(RecipeProblems) in
      let decoder = StrictDecoder(try RecipeDocument(name: "r.yaml", text: text))
      try decoder.finish(allowing: ["output", "link"])
    }
    #expect(
      found == [
        "r.yaml:2:1: unknown key 'links' (did you mean 'link'?); known keys: output, link"
      ])
  }

  @Test func absentSectionsAreNilOrTheirDefaults() throws {
    let decoder = StrictDecoder(try RecipeDocument(name: "r.yaml", text: "seed:\n"))
    #expect(decoder.sectionIfPresent("salt", as: Salt.self) == nil)
    #expect(decoder.sectionIfPresent("seed", as: Int.self) == nil)
    #expect(decoder.sectionOrDefault("salt", as: Salt.self)?.kernel == 3)
    try decoder.finish()
    #expect(
      lines("seed: 1\n") { decoder in
        _ = decoder.section("seed", as: Int.self)
        _ = decoder.sectionOrDefault("ladon", as: Ladon.self)
      } == ["r.yaml:1:1: 'ladon' lacks the key 'depth'"])
  }

  @Test func aTypeMayTrySeveralKindsOfValue() {
    struct Holder: Decodable { var classes: OneOrMany }
    func holder(_ text: String) throws(RecipeProblems) -> Holder {
      try StrictDecoder.decode(Holder.self, from: try RecipeDocument(name: "r.yaml", text: text))
    }
    #expect((try? holder("classes: 3"))?.classes.values == [3])
    #expect((try? holder("classes: [3, 4]"))?.classes.values == [3, 4])
    #expect(
      problemLines { () throws(RecipeProblems) in _ = try holder("classes: [3, x]") }
        == ["r.yaml:1:14: 'classes[1]' expects an integer, found 'x'"])
  }

  @Test func aMappingOfNamesIsDecodedWithoutUnknownKeys() throws {
    struct Holder: Decodable { var weights: [String: Double] }
    let holder = try StrictDecoder.decode(
      Holder.self, from: try RecipeDocument(name: "r.yaml", text: "weights: {a: 1, '2': 0.5}"))
    #expect(holder.weights == ["a": 1, "2": 0.5])
    #expect(
      problemLines { () throws(RecipeProblems) in
        _ = try StrictDecoder.decode(
          Holder.self,
          from: try RecipeDocument(name: "r.yaml", text: "weights: {a: x, '2': y}"))
      } == [
        "r.yaml:1:14: 'weights.a' expects a number, found 'x'",
        "r.yaml:1:22: 'weights.2' expects a number, found 'y'",
      ])
  }

  @Test func laterFindingsJoinTheOthers() {
    let found = lines("data: {path: nowhere, kind: 3}\n") { decoder in
      _ = decoder.section("data", as: [String: String].self)
      decoder.report("no such file", at: ["data", "path"])
      decoder.report("no such kind", at: ["data", "kind"])
      decoder.report("is needed", at: ["data", "labels"])
    }
    // `kind` could not be read, so what was found about it was found about a stand-in.
    #expect(
      found == [
        "r.yaml:1:1: 'data.labels': is needed",
        "r.yaml:1:14: 'data.path': no such file",
        "r.yaml:1:29: 'data.kind' expects text, found the number 3 (did you mean '\"3\"'?)",
      ])
  }

  @Test func problemsTellTheirPartsApart() throws {
    do {
      let document = try RecipeDocument(name: "r.yaml", text: "a: [{b: x}]")
      struct Element: Decodable { var b: Int }
      _ = try StrictDecoder.decode([String: [Element]].self, from: document)
      Issue.record("no problem was found")
    } catch {
      let problem = try #require(error.problems.first)
      #expect(problem.file == "r.yaml")
      #expect(problem.line == 1)
      #expect(problem.column == 9)
      #expect(problem.keyPath == "a[0].b")
      #expect(problem.message == "'a[0].b' expects an integer, found 'x'")
    }
  }

  @Test func aValueUsedTwiceHasItsProblemOnce() {
    struct Holder: Decodable { var a: Salt, b: Salt }
    #expect(
      problemLines { () throws(RecipeProblems) in
        _ = try StrictDecoder.decode(
          Holder.self,
          from: try RecipeDocument(name: "r.yaml", text: "a: &x {kernel: 1.5}\nb: *x\n"))
      } == [
        "r.yaml:1:16: 'a.kernel' expects an integer, found the number 1.5",
        "r.yaml:1:16: 'b.kernel' expects an integer, found the number 1.5",
      ])
  }
}
