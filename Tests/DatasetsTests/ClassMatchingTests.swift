import Boxes
import Datasets
import Tensors
import Testing

@Suite struct ClassMatchingTests {
  private func list(_ names: [String]?, _ owner: String, count: Int? = nil) -> ClassList {
    ClassList(owner: owner, names: names, count: count)
  }

  /// A case of two lists of names, and what becomes of labels.
  struct Case: CustomTestStringConvertible {
    var found: [String]
    var expected: [String]?
    var outputs: Int
    var kind: ClassMatching.Kind
    var names: [String]
    var indices: [Int32]
    var remark: String?

    var testDescription: String { "\(found) to \(expected ?? []) of \(outputs)" }
  }

  @Test(arguments: [
    Case(
      found: ["ant", "bee"], expected: ["ant", "bee"], outputs: 2, kind: .identical,
      names: ["ant", "bee"], indices: [0, 1]),
    // A trained network may have outputs that no class has.
    Case(
      found: ["ant", "bee"], expected: ["ant", "bee"], outputs: 10, kind: .identical,
      names: ["ant", "bee"], indices: [0, 1]),
    Case(
      found: ["ant", "bee", "cat"], expected: ["cat", "ant", "bee"], outputs: 3,
      kind: .permutation, names: ["cat", "ant", "bee"], indices: [1, 2, 0],
      remark:
        "the classes of photos stand in another order than those of net: labels are matched by "
        + "name"),
    Case(
      found: ["bee", "dog"], expected: ["ant", "bee", "cat", "dog", "elk"], outputs: 5,
      kind: .subset, names: ["ant", "bee", "cat", "dog", "elk"], indices: [1, 3],
      remark: "photos has 2 of the 5 classes of net (bee, dog): labels are matched by name"),
    Case(
      found: ["ant", "bee"], expected: nil, outputs: 2, kind: .byNumber, names: ["ant", "bee"],
      indices: [0, 1],
      remark: "net has no names of classes: class i of photos is taken for class i of net"),
    Case(
      found: ["0", "1"], expected: ["ant", "bee"], outputs: 2, kind: .byNumber,
      names: ["ant", "bee"], indices: [0, 1],
      remark: "photos has no names of classes: class i of photos is taken for class i of net"),
    Case(
      found: ["0", "1"], expected: nil, outputs: 2, kind: .identical, names: ["0", "1"],
      indices: [0, 1]),
    // Folders of some digits are those digits.
    Case(
      found: ["3", "7"], expected: nil, outputs: 10, kind: .subset,
      names: (0..<10).map { "\($0)" }, indices: [3, 7],
      remark:
        "photos has 2 of the 10 classes of net (3, 7): net has no names of classes, so that each "
        + "is taken for the class of its number"),
    // Names of networks may stand twice, as two of ImageNet do, unless somebody asks for them.
    Case(
      found: ["boat", "crane"], expected: ["boat", "crane", "bus", "bus"], outputs: 4,
      kind: .subset, names: ["boat", "crane", "bus", "bus"], indices: [0, 1],
      remark: "photos has 2 of the 4 classes of net (boat, crane): labels are matched by name"),
  ]) func listsAreMatchedByNameWhereBothHaveNames(_ example: Case) throws {
    let matching = try ClassMatching(
      list(example.found, "photos"), to: list(example.expected, "net", count: example.outputs))
    #expect(matching.kind == example.kind)
    #expect(matching.names == example.names)
    #expect(matching.indices == example.indices)
    #expect(matching.remark == example.remark)
  }

  @Test(arguments: [
    (
      ["ant", "kat"], ["ant", "bee", "cat"], 3,
      "class 'kat' (did you mean 'cat'?) of photos is not among those of net: "
        + "net has 3 ('bee', 'cat', 'ant'), photos has 2 ('kat', 'ant')"
    ),
    (
      ["crane", "ant"], ["ant", "crane", "crane"], 3,
      "two classes of net are called 'crane': net has 3 ('ant', 'crane', 'crane'), "
        + "photos has 2 ('crane', 'ant')"
    ),
    (["ant", "bee", "cat"], nil, 2, "net has 2 classes, photos has 3"),
    (
      (0..<100).map { "a\($0)" }, (0..<100).map { "b\($0)" }, 100,
      "class 'a0' (did you mean 'b0'?) and 99 more of photos is not among those of net: net has 100 ("
        + (0..<12).map { "'b\($0)'" }.joined(separator: ", ") + ", …), photos has 100 ("
        + (0..<12).map { "'a\($0)'" }.joined(separator: ", ") + ", …)"
    ),
  ]) func whatCannotBeMatchedShowsBothLists(
    found: [String], expected: [String]?, outputs: Int, message: String
  ) {
    let error = #expect(throws: ClassMismatch.self) {
      try ClassMatching(list(found, "photos"), to: list(expected, "net", count: outputs))
    }
    #expect(error?.description == message)
  }

  @Test func whatNothingIsOfMayBeLeftOut() throws {
    let matching = try ClassMatching(
      list(["cells", "red", "white"], "test"), to: list(["red", "white"], "train")
    ) { $0 != 0 }
    #expect(matching.indices == [-1, 0, 1] && matching.names == ["red", "white"])
    #expect(
      matching.remark
        == "the classes of test are those of train; left out, as nothing is of them: cells")
  }

  @Test func labelsAndAnnotationsFollowTheNames() throws {
    let box = BoundingBox(left: 0, top: 0, right: 1, bottom: 1)
    let dataset = ImageDataset(
      name: "d", imageShape: [1, 2, 1], classNames: ["a", "b"], pixels: [0, 0, 0, 0],
      labels: [0, 1],
      annotations: [
        AnnotationSet(
          name: "boxes",
          content: .boxes(
            names: ["a", "b"], rows: [[LabelledBox(box, category: 0)], nil])),
        AnnotationSet(
          name: "mask",
          content: .classMaps(
            names: ["a", "b"], ignored: 2,
            maps: AnnotationMaps(height: 1, width: 2, elements: [0, 1, 2, 1]))),
        AnnotationSet(
          name: "tags", content: .multiLabel(names: ["a", "b"], labels: [[0, 1], nil])),
        AnnotationSet(name: "sizes", content: .values(names: ["a", "b"], rows: [[1, 2], nil])),
      ])
    let expected = list(["b", "c", "a"], "net")
    var changed = dataset
    for name in ["class", "boxes", "mask", "tags"] {
      changed = try changed.relabelled(name, by: changed.matching(of: name, to: expected))
    }
    changed = try changed.relabelled(
      "sizes", by: changed.matching(of: "sizes", to: list(["b", "a"], "net")))
    #expect(changed.classNames == ["b", "c", "a"] && changed.labels == [2, 0])
    guard case .boxes(let names, let rows) = try changed.annotation("boxes").content,
      case .classMaps(_, let ignored, let maps) = try changed.annotation("mask").content,
      case .multiLabel(_, let tags) = try changed.annotation("tags").content,
      case .values(_, let sizes) = try changed.annotation("sizes").content
    else {
      Issue.record("annotations of other kinds")
      return
    }
    #expect(names == ["b", "c", "a"] && rows[0]?.map(\.category) == [2] && rows[1] == nil)
    // What was ignored is no class afterwards either.
    #expect(ignored == 3)
    #expect(maps.withMap(0) { Array($0) } == [2, 0] && maps.withMap(1) { Array($0) } == [3, 0])
    #expect(tags == [[0, 2], nil] && sizes == [[2, 1], nil])
  }

  /// Sorted by name, "10" comes before "2": whether numbers or order count cannot be told.
  @Test func foldersOfNumbersInAnotherOrderAreNotGuessed() throws {
    let names = (0..<12).map { "\($0)" }.sorted()
    #expect {
      try ClassMatching(list(names, "photos"), to: list(nil, "net", count: 12))
    } throws: {
      "\($0)".contains("may be the class '2' or the one that comes 3. by name, '10'")
    }
    // Up to ten of them, and those with zeros in front, are in the order of their numbers.
    for names in [(0..<10).map { "\($0)" }, (0..<12).map { ($0 < 10 ? "0" : "") + "\($0)" }] {
      let matching = try ClassMatching(
        list(names, "photos"), to: list(nil, "net", count: names.count))
      #expect(matching.indices == names.indices.map { Int32($0) })
    }
    // Part of them is matched by number.
    let part = try ClassMatching(
      list(["1", "11", "2"], "photos"), to: list(nil, "net", count: 12))
    #expect(part.indices == [1, 11, 2])
  }
}
