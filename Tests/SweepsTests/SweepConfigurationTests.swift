import Recipes
import Sweeps
import Testing

@Suite struct SweepConfigurationTests {
  private func configuration(_ text: String) throws -> SweepConfiguration {
    try SweepConfiguration(RecipeDocument(name: "sweep.yaml", text: text))
  }

  @Test func everythingIsRead() throws {
    let sweep = try configuration(
      """
      recipe: a.yaml
      command: search
      seeds: [3, 1]
      set: {train.epochs: 2}
      variants:
        - {name: full, seeds: [3]}
        - {name: plain, label: without it, set: {salt.rank: 0, train.stages: [{epochs: 1}]}}
      grid: {link.rate: [1 Mbit/s, 10 Mbit/s]}
      controls: [{label: untouched, variant: full, for: accuracy, read: "others[0].accuracy"}]
      baseline: full
      measures:
        - accuracy
        - {path: "points[rate=0.01].accuracy", name: at .01, unit: "%", places: 1}
      plots: [{x: link.rate, y: accuracy, logarithmic: true}]
      across: link.rate
      output: runs/here
      """)
    #expect(sweep.action == .search && sweep.seeds == [3, 1] && sweep.output == "runs/here")
    #expect(sweep.settings.overrides == ["train.epochs=2"])
    #expect(
      sweep.variants[1].settings.overrides == ["salt.rank=0", #"train.stages=[{"epochs":1}]"#])
    #expect(sweep.variants[0].seeds == [3] && sweep.variants[1].seeds == nil)
    #expect(sweep.variants[0].label == nil && sweep.variants[1].label == "without it")
    #expect(sweep.grid.entries[0].value.elements?.map(\.text) == ["1 Mbit/s", "10 Mbit/s"])
    let control = try #require(sweep.controls.first)
    #expect(control.label == "untouched" && control.variant == "full")
    #expect(control.place == "accuracy" && control.replacement == "others[0].accuracy")
    #expect(sweep.measures.map(\.name) == ["accuracy", "at .01"])
    #expect(sweep.measures[1].unit == "%" && sweep.measures[1].places == 1)
    #expect(sweep.across == "link.rate")
    #expect(sweep.pictures.map(\.isLogarithmic) == [true])
  }

  @Test(arguments: [
    ("seeds: []", "'seeds': expected at least one"),
    ("seeds: [1, 2, 1]", "'seeds': a seed stands there twice"),
    ("grid: {train.epochs: 3}", "expected a list of values"),
    ("grid: {train.epochs: [3, 3]}", "a value stands there twice"),
    ("grid: {seed: [1, 2]}", "the seeds of a sweep stand under 'seeds'"),
    ("set: {seed: 1}", "the seeds of a sweep stand under 'seeds'"),
    ("set: 3", "expects a mapping of key paths to values, found the number 3"),
    ("variants: [{name: a}, {name: a}]", "there is another variant 'a'"),
    ("variants: [{name: a/b}]", "found 'a/b'"),
    (
      "seeds: [1, 2]\nvariants: [{name: a, seeds: [2, 3]}]",
      "'variants.0.seeds.1': expected some of the sweep's seeds, 1, 2, found 3"
    ),
    ("variants: [{name: a, seeds: []}]", "'variants.0.seeds': expected at least one"),
    ("variants: [{name: a, seeds: [1, 1]}]", "'variants.0.seeds': a seed stands there twice"),
    ("variants: [{name: ''}]", "folders are named after it"),
    ("variants: [{name: a}]\nbaseline: b", "expected one of the variants, 'a', found 'b'"),
    ("baseline: b", "there are no variants to compare with it"),
    ("plots: [{x: b, y: accuracy}]", "expected the name of a measure or a key of the grid"),
    ("plots: [{x: accuracy, y: b}]", "expected the name of a measure, 'accuracy', found 'b'"),
    ("controls: [{label: a, for: acc, read: b}]", "its beginning, found 'acc'"),
    ("controls: [{label: a, for: accuracy, read: 'b..'}]", "'b..' is no path of keys"),
    ("controls: [{label: a, variant: b, for: accuracy, read: b}]", "no variants, found 'b'"),
    (
      "variants: [{name: a}]\ncontrols: [{label: a, for: accuracy, read: b}]",
      "expected one of the variants, 'a', found none"
    ),
    (
      "controls: [{label: a, for: accuracy, read: b}, {label: a, for: accuracy, read: c}]",
      "there is another control 'a'"
    ),
    ("across: a", "'across': there is no grid"),
    ("grid: {a.b: [1]}\nacross: a", "expected a key of the grid, 'a.b', found 'a'"),
    ("seed: [1]", "unknown key 'seed'"),
    (
      "grid: {a: [1, 2, 3, 4, 5]}\nseeds: [\((0...2000).map(String.init).joined(separator: ","))]",
      "more than 10000 runs"
    ),
  ]) func whatIsWrongIsSaid(text: String, expected: String) throws {
    let error = #expect(throws: RecipeProblems.self) {
      try configuration("recipe: a.yaml\nmeasures: [accuracy]\n" + text)
    }
    let message = "\(try #require(error))"
    #expect(message.contains(expected), "\(message)")
    #expect(error?.problems.count == 1, "\(message)")
  }

  @Test(arguments: [
    ("measures: []", "'measures': expected at least one"),
    ("measures: [accuracy, accuracy]", "there is another measure 'accuracy'"),
    ("measures: ['a..b']", "'a..b' is no path of keys"),
    ("measures: ['a[b']", "'a[b' is no path of keys"),
    ("measures: [{path: a, places: 10}]", "expected 0 to 9, found 10"),
  ]) func wrongMeasuresAreSaid(text: String, expected: String) throws {
    let error = #expect(throws: RecipeProblems.self) {
      try configuration("recipe: a.yaml\n" + text)
    }
    let message = "\(try #require(error))"
    #expect(message.contains(expected), "\(message)")
  }
}
