/// A value as a whole; what is wrong with it is thrown rather than recorded, so that a type that
/// accepts several kinds of value can try one after the other.
struct SingleNodeContainer: SingleValueDecodingContainer {
  let decoder: NodeDecoder

  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { decoder.node.isNull }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let log = decoder.log
    let before = log.count
    let value = try? log.decode(
      type, from: decoder.node, keyLocation: decoder.keyLocation, codingPath: codingPath)
    let problems = log.takeBack(since: before)
    guard let value, problems.isEmpty else { throw ProblemsFound(problems: problems) }
    return value
  }
}
