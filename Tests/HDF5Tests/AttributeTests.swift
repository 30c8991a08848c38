import HDF5
import Testing

@Suite struct AttributeTests {
  @Test func attributesOfEveryKindComeBack() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      try file.setAttribute("text", to: "größer")
      try file.setAttribute("empty", to: "")
      try file.setAttribute("texts", to: ["a", "", "größer"])
      try file.setAttribute("none", to: [String]())
      try file.setAttribute("integer", to: -7)
      try file.setAttribute("float", to: 0.1 as Float)
      try file.setAttribute("list", to: [1.5, 2.5])
      let group = try file.createGroup("layer")
      try group.setAttribute("epoch", to: 3 as UInt8)
      try file.write([1 as Float], to: "weights", shape: [1])
      try file.dataset("weights").setAttribute("unit", to: "m")
    }
    let file = try HDF5File(reading: path)
    let names = try file.attributeNames()
    #expect(names == ["empty", "float", "integer", "list", "none", "text", "texts"])
    let text = try file.string(attribute: "text")
    #expect(text == "größer")
    let empty = try file.string(attribute: "empty")
    #expect(empty == "")
    let texts = try file.strings(attribute: "texts")
    #expect(texts == ["a", "", "größer"])
    let none = try file.strings(attribute: "none")
    #expect(none == [])
    let integer = try file.number(attribute: "integer", as: Int.self)
    #expect(integer == -7)
    let float = try file.number(attribute: "float", as: Float.self)
    #expect(float == 0.1)
    let list = try file.numbers(attribute: "list", as: Double.self)
    #expect(list == [1.5, 2.5])
    let epoch = try file.group("layer").number(attribute: "epoch", as: Int.self)
    #expect(epoch == 3)
    let unit = try file.dataset("weights").string(attribute: "unit")
    #expect(unit == "m")
    let type = try file.attributeType("float")
    let shape = try file.attributeShape("list")
    #expect(type == .float32 && shape == [2])
  }

  @Test func aSecondValueReplacesTheFirst() throws {
    let directory = try TemporaryDirectory()
    let file = try HDF5File(creating: directory.file())
    try file.setAttribute("a", to: "text")
    try file.setAttribute("a", to: [1, 2])
    let numbers = try file.numbers(attribute: "a", as: Int.self)
    #expect(numbers == [1, 2])
  }

  @Test func attributesMayBeLarge() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    let text = String(repeating: "{\"layer\": 1} ", count: 20_000)
    let texts = (0..<6000).map { "layer\($0)/kernel:0" }
    try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
      try file.setAttribute("model_config", to: text)
      try file.setAttribute("weight_names", to: texts)
      try file.setAttribute("numbers", to: Array(0..<20_000))
    }
    let file = try HDF5File(reading: path)
    let readText = try file.string(attribute: "model_config")
    #expect(readText == text)
    let readTexts = try file.strings(attribute: "weight_names")
    #expect(readTexts == texts)
    let numbers = try file.numbers(attribute: "numbers", as: Int.self)
    #expect(numbers == Array(0..<20_000))
  }

  @Test func aWrongReadingSaysWhatIsThere() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    let file = try HDF5File(creating: path)
    try file.setAttribute("epochs", to: 300)
    try file.setAttribute("rate", to: 0.5)
    try file.setAttribute("names", to: ["a", "b"])
    func place(_ name: String) -> HDF5Location { HDF5Location(file: path, object: "/@" + name) }
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.number(attribute: "epoch", as: Int.self) }
        == .missingAttribute(HDF5Location(file: path), name: "epoch", nearest: "epochs"))
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.number(attribute: "epochs", as: UInt8.self) }
        == .valueOutOfRange(place("epochs"), type: "uint8"))
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.number(attribute: "rate", as: Int.self) }
        == .valueOutOfRange(place("rate"), type: "int64"))
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.string(attribute: "names") }
        == .wrongShape(place("names"), expected: "one text", found: [2]))
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.string(attribute: "rate") }
        == .wrongType(place("rate"), expected: "text", found: "float64"))
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.number(attribute: "names", as: Int.self) }
        == .wrongType(place("names"), expected: "numbers", found: "string"))
  }
}
