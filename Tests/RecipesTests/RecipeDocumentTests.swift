import Glibc
import Recipes
import Testing

/// The lines of the problems a closure throws; an empty list if it throws none.
func problemLines(_ body: () throws(RecipeProblems) -> Void) -> [String] {
  do {
    try body()
    return []
  } catch {
    return error.problems.map(\.description)
  }
}

@Suite struct RecipeDocumentTests {
  func lines(_ text: String, _ overrides: [String] = []) -> [String] {
    problemLines { () throws(RecipeProblems) in
      _ = try RecipeDocument(name: "r.yaml", text: text, overrides: overrides)
    }
  }

  @Test(arguments: [
    ("a: [1, 2", "r.yaml:2:1: while parsing a flow sequence: did not find expected ',' or ']'"),
    (
      "a: 1\n b: 2\n",
      "r.yaml:2:3: mapping values are not allowed in this context"
    ),
    (
      "a:\n\t- 1\n",
      "r.yaml:2:1: while scanning for the next token: "
        + "found character that cannot start any token"
    ),
    (
      "train:\n  epochs: 1\n  # again\n  epochs: 2\n",
      "r.yaml:2:3: the key 'epochs' appears more than once in the same mapping, again in line 4"
    ),
    (
      "{a: 1, \"a\": 2}",
      "r.yaml:1:2: the key 'a' appears more than once in the same mapping"
    ),
    (
      "a: 1\n---\nb: 2\n",
      "r.yaml:2:1: expected a single document in the stream: but found another document"
    ),
    ("- a\n- b\n", "r.yaml:1:1: a recipe is a mapping of keys to values, found a list"),
    ("salt", "r.yaml:1:1: a recipe is a mapping of keys to values, found 'salt'"),
    ("a: *base\n", "r.yaml:1:4: the alias '*base' has no anchor '&base' before it"),
    (
      "a: &fast 1\nb: *fats\n",
      "r.yaml:2:4: the alias '*fats' has no anchor '&fats' before it (did you mean '*fast'?)"
    ),
    (
      "freeze: [*.weight]\n",
      "r.yaml:1:10: '*.weight' begins with '*', which refers to an anchor: put text in quotes"
    ),
    ("a: &a [*a]\n", "r.yaml:1:8: the alias '*a' has no anchor '&a' before it"),
    ("b: &b 1\n*b : 2\n", "r.yaml:2:1: a key must be a name, not an alias"),
    ("[1, 2]: 3\n", "r.yaml:1:1: a key must be a name, not a list or mapping"),
    ("a: &a {x: 1}\nb: {<<: *a}\n", "r.yaml:2:5: merge keys ('<<') are not allowed in a recipe"),
    (
      "a: !!python/object:os.system x\n",
      "r.yaml:1:4: tags such as 'tag:yaml.org,2002:python/object:os.system' are not allowed in "
        + "a recipe"
    ),
    ("a: \u{7}\n", "r.yaml:1:4: control characters are not allowed"),
    ("a: \u{E000}\n", "r.yaml:1:1: the recipe contains the private-use character U+E000"),
  ])
  func whatIsNoRecipeIsRefusedWithItsPosition(text: String, expected: String) {
    #expect(lines(text) == [expected])
  }

  @Test func nestingAndSizeAreLimited() {
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(
      lines("a: " + deep)
        == ["r.yaml:1:67: lists and mappings are nested more than 64 deep"])
    let veryDeep = "a: " + String(repeating: "[", count: 100_000)
    #expect(lines(veryDeep).count == 1)
    #expect(
      lines("a: " + String(repeating: "x", count: 1 << 20))
        == ["r.yaml:1:1: the recipe is larger than 1048576 bytes"])
  }

  @Test func nestedAliasesThatStandForTooMuchAreRefused() {
    // Nine levels of ten aliases each stand for 10^9 values.
    var text = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ", ")
      text += "l\(level): &l\(level) [\(aliases)]\n"
    }
    let found = lines(text)
    #expect(found.count == 1)
    #expect(
      found.first?.hasSuffix("the recipe has more than 1000000 values once aliases are resolved")
        == true)
  }

  @Test func nestedAliasesInsideKeysDoNotHang() {
    var text = "l0: &l0 [x, x]\n"
    for level in 1...60 { text += "l\(level): &l\(level) [*l\(level - 1), *l\(level - 1)]\n" }
    // Were keys compared with their aliases resolved, this would take 2^60 steps.
    #expect(lines("? {[*l9, *l9]: 1}\n: 2\n").count == 1)
    #expect(lines(text + "? *l60\n: 2\n").count == 1)
  }

  @Test func aliasesRepeatValues() throws {
    let document = try RecipeDocument(
      name: "r.yaml", text: "a: &a {x: 1, pattern: \"*.weight\"}\nb: *a\nc: [*a]\nd: a * b\n")
    #expect(
      document.canonicalJSON
        == #"{"a":{"pattern":"*.weight","x":1},"b":{"pattern":"*.weight","x":1},"#
        + #""c":[{"pattern":"*.weight","x":1}],"d":"a * b"}"#)
  }

  @Test func overridesReplaceMakeAndAppend() throws {
    let document = try RecipeDocument(
      name: "r.yaml", text: "train: {epochs: 1}\ndata:\n  classes: [3, 4]\nlink:\n",
      overrides: [
        "train.epochs=3", "train.optimizer.name=adam", "data.classes[1]=9", "data.classes.2=10",
        "link.rate=10 Mbit/s", "seed=7", "data.user=[1, 2]", "output=",
      ])
    #expect(
      document.canonicalJSON
        == #"{"data":{"classes":[3,9,10],"user":[1,2]},"link":{"rate":"10 Mbit/s"},"#
        + #""output":null,"seed":7,"train":{"epochs":3,"optimizer":{"name":"adam"}}}"#)
  }

  @Test func everyMalformedOverrideIsReported() {
    let found = lines(
      "train: {epochs: 1}\ndata: {classes: [1]}\n",
      [
        "train.epochs", "=3", "a..b=1", "a[x]=1", "train.epochs.x=1", "data.classes[5]=1",
        "train[0]=1", "seed=[1", "data.classes.first=1",
      ])
    #expect(
      found == [
        "--set train.epochs: expected 'key.path=value', found no '='",
        "--set =3: '' is no path of keys: expected 'train.epochs' or 'data.classes[0]'",
        "--set a..b=1: 'a..b' is no path of keys: expected 'train.epochs' or 'data.classes[0]'",
        "--set a[x]=1: 'a[x]' is no path of keys: expected 'train.epochs' or 'data.classes[0]'",
        "--set train.epochs.x=1: 'train.epochs' is the number 1, so it has no key 'x'",
        "--set data.classes[5]=1: 'data.classes' has 1 elements: expected an index from 0 to 1, "
          + "which appends, found 5",
        "--set train[0]=1: 'train' is a mapping, so it has no element 0",
        "--set seed=[1: while parsing a flow sequence: did not find expected ',' or ']'",
        "--set data.classes.first=1: 'data.classes' is a list, so it has no key 'first'",
      ])
  }

  @Test func filesThatCannotBeReadAreNamed() throws {
    #expect(
      problemLines { () throws(RecipeProblems) in
        _ = try RecipeDocument(contentsOf: "/nonexistent/r.yaml")
      } == ["/nonexistent/r.yaml: the recipe cannot be read: No such file or directory"])
    #expect(
      problemLines { () throws(RecipeProblems) in _ = try RecipeDocument(contentsOf: "/") }
        == ["/: the recipe cannot be read: Is a directory"])
    #expect(
      problemLines { () throws(RecipeProblems) in _ = try RecipeDocument(contentsOf: "/dev/zero") }
        == ["/dev/zero: text of more than 1048576 bytes, expected a recipe"])
  }

  @Test func filesAreReadAsUTF8() throws {
    let path = "/tmp/cleave-recipe-\(getpid())-\(UInt64.random(in: 0 ... .max)).yaml"
    defer { unlink(path) }
    func write(_ bytes: [UInt8]) throws {
      let file = try #require(fopen(path, "wb"))
      fwrite(bytes, 1, bytes.count, file)
      fclose(file)
    }
    try write(Array("name: größe\n".utf8))
    #expect(try RecipeDocument(contentsOf: path).canonicalJSON == #"{"name":"größe"}"#)
    try write([0x61, 0x3A, 0x20, 0xFF, 0x0A])
    #expect(
      problemLines { () throws(RecipeProblems) in _ = try RecipeDocument(contentsOf: path) }
        == ["\(path): the recipe is not UTF-8 text"])
  }

  @Test(arguments: ["", "# only a comment\n", "---\n", "~\n"])
  func anEmptyRecipeIsAMappingWithoutKeys(text: String) throws {
    #expect(try RecipeDocument(name: "r.yaml", text: text).canonicalJSON == "{}")
  }
}
