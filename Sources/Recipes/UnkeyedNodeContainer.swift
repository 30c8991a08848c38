/// The elements of a list in turn; an unusable one is recorded and skipped or replaced.
struct UnkeyedNodeContainer: UnkeyedDecodingContainer {
  let decoder: NodeDecoder
  let elements: [RecipeNode]
  private(set) var currentIndex = 0

  init(decoder: NodeDecoder, elements: [RecipeNode]) {
    self.decoder = decoder
    self.elements = elements
  }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, elements[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if isAtEnd { throw tooShort() }
    while !isAtEnd {
      let index = currentIndex
      currentIndex += 1
      let element = elements[index]
      if let value = try? decoder.log.decode(
        type, from: element, keyLocation: element.location,
        codingPath: codingPath + [IndexKey(index)])
      {
        return value
      }
      if let value = Placeholder.value(type) { return value }
    }
    throw ProblemRecorded()
  }

  private func tooShort() -> ProblemsFound {
    ProblemsFound(problems: [
      RecipeProblem(
        "\(decoder.path.name) has too few elements: \(elements.count)", at: decoder.node.location,
        path: decoder.path)
    ])
  }

  private mutating func nestedDecoder() throws -> NodeDecoder {
    if isAtEnd { throw tooShort() }
    let index = currentIndex
    currentIndex += 1
    return decoder.nestedDecoder(
      for: elements[index], keyLocation: elements[index].location, key: IndexKey(index))
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try nestedDecoder().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try nestedDecoder().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { try nestedDecoder() }
}
