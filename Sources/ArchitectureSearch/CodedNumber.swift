/// A number as JSON can hold it: one that is not finite becomes `"nan"`, `"inf"` or `"-inf"`.
struct CodedNumber: Codable {
  /// The number.
  let value: Double

  init(_ value: Double) { self.value = value }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let name = try? container.decode(String.self) else {
      value = try container.decode(Double.self)
      return
    }
    switch name {
    case "nan": value = .nan
    case "inf": value = .infinity
    case "-inf": value = -.infinity
    default:
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected a number, nan, inf or -inf, found '\(name)'")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isFinite {
      try container.encode(value)
    } else {
      try container.encode(value.isNaN ? "nan" : value > 0 ? "inf" : "-inf")
    }
  }
}
