package import Configurations

extension DescribedValue where Self: Quantity {
  package static var writtenIn: String? { units.map(\.symbol).joined(separator: ", ") }
}

extension TimeSpan: DescribedValue {
  package static var words: String { "time such as '\(example)'" }
}

extension DataRate: DescribedValue {
  package static var words: String { "rate such as '\(example)'" }
}

extension ByteCount: DescribedValue {
  package static var words: String { "size such as '\(example)'" }
}

extension Power: DescribedValue {
  package static var words: String { "power such as '\(example)'" }
}

extension Energy: DescribedValue {
  package static var words: String { "energy such as '\(example)'" }
}
